#include "base/ids.h"

#include <gtest/gtest.h>

namespace tidemark {
namespace {

TEST(Uuid, RoundTripsThroughText) {
  const TableId id = TableId::Make(TheSystemRandom());
  const auto parsed = TableId::Parse(id.ToString());
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(*parsed, id);
  EXPECT_EQ(TableId::FromBytes(id.AsBytes()), id);
  EXPECT_EQ(id.ToString()[14], '4');
}

TEST(Uuid, RefusesTextOfAnotherForm) {
  EXPECT_FALSE(TableId::Parse("").has_value());
  EXPECT_FALSE(TableId::Parse("0123456789abcdef0123456789abcdef0123").has_value());
  EXPECT_FALSE(TableId::Parse("01234567-89AB-4def-8123-456789abcdef").has_value());
}

}  // namespace
}  // namespace tidemark
