#include "item/item_codec.h"

#include <gtest/gtest.h>

#include "item/item_json.h"
#include "item/item_size.h"
#include "item/item_test_values.h"

namespace tidemark::item {
namespace {

TEST(ItemCodec, HasTheLayoutItDocuments) {
  Item item;
  item.Set("b", AttributeValue(true));
  item.Set("a", AttributeValue("hi"));
  item.Set("n", AttributeValue(Number::FromInt(-258)));
  EXPECT_EQ(EncodeItem(item), Bytes("\x01\x0a\x03"
                                    "\x01"
                                    "a"
                                    "\x00\x02hi"
                                    "\x01"
                                    "b"
                                    "\x03\x01"
                                    "\x01"
                                    "n"
                                    "\x01\x82\x02\x01",
                                    19));
}

TEST(ItemCodec, ReadsBackWhatItWrote) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  RandomItems items(seed);
  for (int round = 0; round < 3000; ++round) {
    const Item item = items.MakeItem();
    const Bytes bytes = EncodeItem(item);
    const auto back = DecodeItem(bytes);
    ASSERT_TRUE(back) << back.error().message;
    ASSERT_TRUE(*back == item);
    ASSERT_EQ(EncodedItemSize(bytes), ItemSize(item));
    std::string direct = "kept", through_values = "kept";
    ASSERT_TRUE(AppendEncodedItemJson(bytes, &direct));
    AppendJson(item, &through_values);
    ASSERT_EQ(direct, through_values);
  }
}

TEST(ItemCodec, GivesEqualItemsEqualBytes) {
  Item forward, backward;
  for (int i = 0; i < 50; ++i)
    forward.Set("n" + std::to_string(i), AttributeValue(Number::FromInt(i)));
  for (int i = 50; i-- > 0;) {
    backward.Set("n" + std::to_string(i), AttributeValue(*Number::Parse(std::to_string(i) + ".0")));
  }
  EXPECT_EQ(EncodeItem(forward), EncodeItem(backward));
}

// Whatever decodes must encode to the same bytes again: no two forms of one item.
void CheckDamaged(BytesView bytes) {
  std::string json = "kept";
  const auto printed = AppendEncodedItemJson(bytes, &json);
  if (!printed) {
    EXPECT_EQ(printed.error().kind, ErrorKind::kCorruption);
    EXPECT_EQ(json, "kept");
  }
  const auto item = DecodeItem(bytes);
  if (item) {
    EXPECT_EQ(EncodeItem(*item), bytes);
    EXPECT_TRUE(printed);
  } else {
    EXPECT_EQ(item.error().kind, ErrorKind::kCorruption);
  }
}

TEST(ItemCodec, SurvivesDamagedBytes) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  RandomItems items(seed);
  auto& random = items.random();
  for (int round = 0; round < 20'000; ++round) {
    Bytes bytes = EncodeItem(items.MakeItem());
    for (size_t n = 1 + random() % 3; n > 0 && !bytes.empty(); --n) {
      const size_t at = random() % bytes.size();
      switch (random() % 4) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes[at] ^= static_cast<char>(1 << random() % 8);
          break;
        case 2:
          bytes.resize(at);
          break;
        default:
          bytes.insert(at, 1, static_cast<char>(random()));
          break;
      }
    }
    CheckDamaged(bytes);
    if (HasFailure()) return;
  }
}

TEST(ItemCodec, RefusesEveryTruncation) {
  RandomItems items(7);
  const Bytes bytes = EncodeItem(items.MakeItem());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeItem(BytesView(bytes).substr(0, size))) << size;
  }
  EXPECT_FALSE(DecodeItem(bytes + "x"));
}

TEST(ItemCodec, BoundsItsRecursionAndItsMemory) {
  // 100,000 lists in one another, and a list that claims more than it has.
  Bytes deep(
      "\x01\x04\x01\x01"
      "a",
      5);
  for (int i = 0; i < 100'000; ++i) deep += "\x08\x01";
  EXPECT_FALSE(DecodeItem(deep));
  std::string json;
  EXPECT_FALSE(AppendEncodedItemJson(deep, &json));
  EXPECT_FALSE(
      DecodeItem(Bytes("\x01\x04\x01\x01"
                       "a"
                       "\x08\xff\xff\xff\xff\x0f",
                       11)));
}

TEST(ItemCodec, RefusesOtherVersions) {
  Bytes bytes = EncodeItem(Item());
  bytes[0] = 2;
  EXPECT_FALSE(DecodeItem(bytes));
  EXPECT_FALSE(EncodedItemSize(bytes));
}

TEST(ItemSize, FollowsTheDevelopersGuide) {
  const auto size = [](AttributeValue value) { return ValueSize(value); };
  const auto number = [&](std::string_view text) {
    return size(AttributeValue(*Number::Parse(text)));
  };
  EXPECT_EQ(size(AttributeValue("h\u00e9")), 3u);
  EXPECT_EQ(size(AttributeValue(Binary{Bytes(10, 'x')})), 10u);
  EXPECT_EQ(size(AttributeValue(true)), 1u);
  EXPECT_EQ(size(AttributeValue()), 1u);
  EXPECT_EQ(number("0"), 1u);
  EXPECT_EQ(number("7"), 2u);
  EXPECT_EQ(number("12"), 2u);
  EXPECT_EQ(number("1.2"), 3u);
  EXPECT_EQ(number("123"), 3u);
  EXPECT_EQ(number("-12"), 3u);
  EXPECT_EQ(number("1000"), 2u);
  EXPECT_EQ(number(std::string(38, '9')), 20u);
  EXPECT_EQ(size(AttributeValue(List{})), 3u);
  EXPECT_EQ(size(AttributeValue(List{{AttributeValue("ab"), AttributeValue(true)}})), 8u);
  Map map;
  map.Set("key", AttributeValue("ab"));
  EXPECT_EQ(size(AttributeValue(map)), 9u);
  EXPECT_EQ(ItemSize(map), 5u);
  EXPECT_EQ(size(AttributeValue(StringSet{{"a", "bc"}})), 3u);
}

}  // namespace
}  // namespace tidemark::item
