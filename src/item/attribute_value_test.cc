#include "item/attribute_value.h"

#include <gtest/gtest.h>

namespace tidemark::item {
namespace {

TEST(Map, KeepsNamesSortedAndUnique) {
  Map map;
  for (const char* name : {"b", "d", "a", "c", "b"}) map.Set(name, AttributeValue(name));
  map.Set("b", AttributeValue("last"));
  std::string names;
  for (const auto& [name, value] : map) names += name;
  EXPECT_EQ(names, "abcd");
  EXPECT_EQ(*map.Find("b"), AttributeValue("last"));
  EXPECT_EQ(map.Find("bb"), nullptr);
  EXPECT_EQ(map.Find("e"), nullptr);
  EXPECT_TRUE(map.Erase("a"));
  EXPECT_FALSE(map.Erase("a"));
  EXPECT_EQ(map.size(), 3u);
}

TEST(Map, TakesUnsortedEntriesTheLastOfANameWins) {
  std::vector<Map::Entry> entries;
  for (const char* name : {"z", "a", "m", "a", "z"}) {
    entries.emplace_back(name, AttributeValue(Number::FromInt(static_cast<int>(entries.size()))));
  }
  const Map map = Map::FromEntries(entries);
  ASSERT_EQ(map.size(), 3u);
  EXPECT_EQ(*map.Find("a"), AttributeValue(Number::FromInt(3)));
  EXPECT_EQ(*map.Find("z"), AttributeValue(Number::FromInt(4)));
  EXPECT_EQ(map.begin()->first, "a");
}

TEST(Map, ComparesByContent) {
  Map a, b;
  a.Set("x", AttributeValue("1"));
  a.Set("y", AttributeValue(List{{AttributeValue(true)}}));
  b.Set("y", AttributeValue(List{{AttributeValue(true)}}));
  EXPECT_FALSE(a == b);
  b.Set("x", AttributeValue("1"));
  EXPECT_TRUE(a == b);
}

TEST(AttributeValue, KnowsItsType) {
  EXPECT_EQ(AttributeValue("s").type(), Type::kString);
  EXPECT_EQ(AttributeValue(Number()).type(), Type::kNumber);
  EXPECT_EQ(AttributeValue(false).type(), Type::kBool);
  EXPECT_EQ(AttributeValue().type(), Type::kNull);
  EXPECT_EQ(AttributeValue(Map()).type(), Type::kMap);
  EXPECT_EQ(TypeName(Type::kBinarySet), "BS");
  EXPECT_NE(AttributeValue("1"), AttributeValue(Number::FromInt(1)));
}

}  // namespace
}  // namespace tidemark::item
