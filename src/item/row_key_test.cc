#include "item/row_key.h"

#include <gtest/gtest.h>

#include <set>

#include "item/item_test_values.h"

namespace tidemark::item {
namespace {

bool Within(const Bytes& key, const Bytes& begin, const Bytes& end) {
  return key >= begin && (end.empty() || key < end);
}

AttributeValue RandomKey(RandomItems& items, Type type) {
  switch (type) {
    case Type::kNumber:
      return AttributeValue(items.Digits());
    case Type::kBinary:
      return AttributeValue(Binary{items.Raw()});
    default:
      return AttributeValue(items.Raw());
  }
}

std::strong_ordering CompareValues(const AttributeValue& a, const AttributeValue& b) {
  if (const auto* number = a.As<Number>()) return *number <=> *b.As<Number>();
  if (const auto* binary = a.As<Binary>()) return *binary <=> *b.As<Binary>();
  return *a.As<std::string>() <=> *b.As<std::string>();
}

class RowKeyTypes : public testing::TestWithParam<Type> {};
INSTANTIATE_TEST_SUITE_P(All, RowKeyTypes,
                         testing::Values(Type::kString, Type::kNumber, Type::kBinary));

TEST_P(RowKeyTypes, GroupsPartitionsAndSortsWithinThem) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  RandomItems items(seed);
  for (int round = 0; round < 20'000; ++round) {
    const AttributeValue p = RandomKey(items, GetParam());
    const AttributeValue q = round % 2 ? p : RandomKey(items, GetParam());
    const AttributeValue a = RandomKey(items, GetParam()), b = RandomKey(items, GetParam());
    const Bytes pa = RowKey(kPrimaryIndex, p, &a), qb = RowKey(kPrimaryIndex, q, &b);
    const Bytes prefix = PartitionPrefix(kPrimaryIndex, p);
    ASSERT_TRUE(Within(pa, prefix, PrefixEnd(prefix)));
    ASSERT_EQ(Within(qb, prefix, PrefixEnd(prefix)), p == q);
    if (p == q) {
      ASSERT_EQ(pa.compare(qb) <=> 0, CompareValues(a, b));
    }
    ASSERT_NE(RowKey(2, p, &a), pa);
  }
}

TEST_P(RowKeyTypes, GivesTheKeyBack) {
  RandomItems items(11);
  const KeySchema both{{"p", GetParam()}, KeyAttribute{"s", GetParam()}};
  const KeySchema alone{{"p", GetParam()}, std::nullopt};
  for (int round = 0; round < 2000; ++round) {
    const AttributeValue p = RandomKey(items, GetParam()), s = RandomKey(items, GetParam());
    Item key;
    key.Set("p", p);
    const Bytes single = RowKey(kPrimaryIndex, p, nullptr);
    ASSERT_TRUE(*KeyFromRow(alone, single) == key);
    key.Set("s", s);
    const Bytes row = RowKey(kPrimaryIndex, p, &s);
    ASSERT_TRUE(*KeyFromRow(both, row) == key);
    EXPECT_FALSE(KeyFromRow(alone, row));
    for (size_t size = 0; size < row.size(); ++size) {
      ASSERT_FALSE(KeyFromRow(both, BytesView(row).substr(0, size)));
    }
    Bytes damaged = row;
    damaged[items.random()() % damaged.size()] = static_cast<char>(items.random()());
    (void)KeyFromRow(both, damaged);
  }
}

TEST(RowKey, FindsExactlyWhatBeginsWithAPrefix) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  RandomItems items(seed);
  const AttributeValue partition("p");
  int found = 0;
  for (int round = 0; round < 50'000; ++round) {
    const Bytes sort = items.Raw();
    Bytes prefix = items.Raw().substr(0, 3);
    const AttributeValue value{Binary{sort}};
    Bytes begin = PartitionPrefix(kPrimaryIndex, partition);
    AppendOrderedPrefix(AttributeValue(Binary{prefix}), &begin);
    const bool expected = sort.starts_with(prefix);
    ASSERT_EQ(Within(RowKey(kPrimaryIndex, partition, &value), begin, PrefixEnd(begin)), expected);
    found += expected;
  }
  EXPECT_GT(found, 100);
}

TEST(RowKey, SegmentsCoverAnIndexWithoutOverlap) {
  for (uint32_t segments : {1u, 2u, 3u, 7u, 100u, 65'536u, 1'000'000u}) {
    Bytes last = SegmentRange(kPrimaryIndex, 0, segments).begin;
    EXPECT_EQ(last, Bytes("\0\1\0\0", 4));
    for (uint32_t i = 0; i < segments; ++i) {
      const KeyRange range = SegmentRange(kPrimaryIndex, i, segments);
      ASSERT_EQ(range.begin, last) << i << " of " << segments;
      ASSERT_LE(range.begin, range.end);
      last = range.end;
    }
    EXPECT_EQ(last, Bytes("\0\2", 2));
  }
}

TEST(RowKey, SpreadsPartitionsOverSegments) {
  std::set<uint32_t> used;
  for (int i = 0; i < 500; ++i) {
    const Bytes key = RowKey(kPrimaryIndex, AttributeValue("user-" + std::to_string(i)), nullptr);
    int hits = 0;
    for (uint32_t segment = 0; segment < 8; ++segment) {
      const KeyRange range = SegmentRange(kPrimaryIndex, segment, 8);
      if (!Within(key, range.begin, range.end)) continue;
      ++hits;
      used.insert(segment);
    }
    ASSERT_EQ(hits, 1);
  }
  EXPECT_EQ(used.size(), 8u);
}

TEST(PrefixEnd, IsTheSmallestKeyAboveAllWithThePrefix) {
  EXPECT_EQ(PrefixEnd("ab"), "ac");
  EXPECT_EQ(PrefixEnd("a\xFF\xFF"), "b");
  EXPECT_EQ(PrefixEnd("\xFF\xFF"), "");
  EXPECT_EQ(PrefixEnd(""), "");
}

// The layout is stored: these bytes must never change.
TEST(RowKey, HasTheLayoutItDocuments) {
  const AttributeValue sort(Number::FromInt(-12));
  EXPECT_EQ(RowKey(kPrimaryIndex, AttributeValue(Bytes("a\0b", 3)), &sort).substr(4),
            Bytes("a\0\xFF"
                  "b\0\1\x40\x7C\xF2\xFF",
                  10));
  const Bytes key = PartitionPrefix(kPrimaryIndex, AttributeValue("tidemark"));
  EXPECT_EQ(key.substr(0, 2), Bytes("\0\1", 2));
  EXPECT_EQ(key, PartitionPrefix(kPrimaryIndex, AttributeValue(Binary{"tidemark"})));
}

}  // namespace
}  // namespace tidemark::item
