// Random items for the property tests of this module: small, nested, with odd bytes.
#pragma once
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "item/attribute_value.h"

namespace tidemark::item {

class RandomItems {
 public:
  explicit RandomItems(uint64_t seed) : random_(seed) {}

  Item MakeItem() { return MakeMap(0); }

  AttributeValue MakeValue(int depth) {
    switch (random_() % (depth < 4 ? 10 : 8)) {
      case 0:
        return AttributeValue(Text());
      case 1:
        return AttributeValue(Digits());
      case 2:
        return AttributeValue(Binary{Raw()});
      case 3:
        return AttributeValue(random_() % 2 == 0);
      case 4:
        return AttributeValue(Null{});
      case 5:
        return AttributeValue(MakeSet<StringSet>([&] { return Text(); }));
      case 6:
        return AttributeValue(MakeSet<NumberSet>([&] { return Digits(); }));
      case 7:
        return AttributeValue(MakeSet<BinarySet>([&] { return Binary{Raw()}; }));
      case 8: {
        List list;
        for (size_t n = random_() % 4; n > 0; --n) list.values.push_back(MakeValue(depth + 1));
        return AttributeValue(std::move(list));
      }
      default:
        return AttributeValue(MakeMap(depth + 1));
    }
  }

  // Valid UTF-8 with what JSON must escape.
  std::string Text() {
    static constexpr const char* kPieces[] = {"a",      "Z",          "\"",   "\\",
                                              "\n",     "\x01",       "\x7F", "\u00e9",
                                              "\u4e2d", "\U0001F600", "/",    "plain ascii run "};
    std::string text;
    for (size_t n = random_() % 9; n > 0; --n) text += kPieces[random_() % std::size(kPieces)];
    if (random_() % 8 == 0) text.push_back('\0');
    return text;
  }

  Bytes Raw() {
    Bytes bytes;
    // Few values, so that zeros, prefixes and 0xFF come up often.
    for (size_t n = random_() % 7; n > 0; --n)
      bytes.push_back("\x00\x01\x02\x7F\xFE\xFF"[random_() % 6]);
    return bytes;
  }

  Number Digits() {
    std::string text = random_() % 2 ? "-" : "";
    for (size_t n = 1 + random_() % 38; n > 0; --n)
      text.push_back(static_cast<char>('0' + random_() % 10));
    return *Number::Parse(text + "e" + std::to_string(static_cast<int>(random_() % 100) - 60));
  }

  std::mt19937_64& random() { return random_; }

 private:
  Map MakeMap(int depth) {
    Map map;
    for (size_t n = random_() % 6; n > 0; --n) map.Set("n" + Text(), MakeValue(depth + 1));
    return map;
  }

  template <class Set, class Make>
  Set MakeSet(Make make) {
    Set set;
    for (size_t n = 1 + random_() % 4; n > 0; --n) set.values.push_back(make());
    std::sort(set.values.begin(), set.values.end());
    set.values.erase(std::unique(set.values.begin(), set.values.end()), set.values.end());
    return set;
  }

  std::mt19937_64 random_;
};

}  // namespace tidemark::item
