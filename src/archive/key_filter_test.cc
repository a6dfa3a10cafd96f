#include "archive/key_filter.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "item/row_key.h"

namespace tidemark::archive {
namespace {

using item::AttributeValue;
using item::kPrimaryIndex;
using item::Number;

// Values that read as another kind, too: '@' and C0 begin numbers, zeros are escaped in strings.
std::vector<AttributeValue> Partitions() {
  std::vector<AttributeValue> values;
  for (int i = 0; i < 500; ++i) {
    values.emplace_back("user-" + std::to_string(i));
    values.emplace_back("@" + std::string(1, '\0') + std::to_string(i));
    values.emplace_back(item::Binary{"\xC0" + std::to_string(i) + std::string(2, '\0')});
    values.emplace_back(Number::FromInt(i - 250));
  }
  return values;
}

struct Filter {
  Filter(const std::vector<AttributeValue>& partitions, bool sorted) {
    std::vector<Bytes> keys;
    for (const AttributeValue& partition : partitions) {
      for (int sort = 0; sort < 3; ++sort) {
        const AttributeValue value(Number::FromInt(sort));
        keys.push_back(item::RowKey(kPrimaryIndex, partition, sorted ? &value : nullptr));
      }
    }
    std::sort(keys.begin(), keys.end());
    KeyFilterBuilder builder;
    for (const Bytes& key : keys) builder.Add(key);
    bytes = builder.Finish();
  }
  Bytes bytes;
};

TEST(KeyFilter, NeverDeniesWhatIsThere) {
  const auto partitions = Partitions();
  for (const bool sorted : {false, true}) {
    const Filter filter(partitions, sorted);
    for (const AttributeValue& partition : partitions) {
      const AttributeValue sort(Number::FromInt(1));
      const Bytes key = item::RowKey(kPrimaryIndex, partition, sorted ? &sort : nullptr);
      EXPECT_TRUE(MayHoldKey(filter.bytes, key));
      EXPECT_TRUE(MayHoldRange(filter.bytes, key, key + '\0'));
      const Bytes prefix = item::PartitionPrefix(kPrimaryIndex, partition);
      EXPECT_TRUE(MayHoldRange(filter.bytes, prefix, item::PrefixEnd(prefix)));
    }
    EXPECT_TRUE(MayHoldRange(filter.bytes, Bytes("\0\1", 2), Bytes("\0\2", 2)));
    EXPECT_TRUE(MayHoldRange(filter.bytes, "", ""));
  }
  EXPECT_TRUE(MayHoldKey("", "a section without a filter"));
}

TEST(KeyFilter, DeniesNearlyEverythingElse) {
  const Filter filter(Partitions(), true);
  int held = 0;
  for (int i = 0; i < 2000; ++i) {
    const AttributeValue other("other-" + std::to_string(i));
    const Bytes prefix = item::PartitionPrefix(kPrimaryIndex, other);
    if (MayHoldRange(filter.bytes, prefix, item::PrefixEnd(prefix))) ++held;
  }
  EXPECT_LT(held, 60);  // one in a hundred, with room
}

}  // namespace
}  // namespace tidemark::archive
