// Reads the notation ToString(AttributeValue) writes, for tests: "s" 1.5 b"00ff" true null
// ["list"] {name: 1} <"set">. Names of map members may be bare words.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "item/attribute_value.h"

namespace tidemark::expr {

class LiteralReader {
 public:
  explicit LiteralReader(std::string_view text) : text_(text) {}

  static item::AttributeValue Read(std::string_view text) {
    LiteralReader reader(text);
    item::AttributeValue value = reader.ReadValue();
    reader.SkipSpace();
    EXPECT_EQ(reader.position_, text.size()) << "literal: " << text;
    return value;
  }
  static item::Map ReadMap(std::string_view text) {
    item::AttributeValue value = Read(text);
    return value.As<item::Map>() != nullptr ? *value.As<item::Map>() : item::Map();
  }

 private:
  void SkipSpace() {
    while (position_ < text_.size() && text_[position_] == ' ') ++position_;
  }
  char Peek() {
    SkipSpace();
    return position_ < text_.size() ? text_[position_] : '\0';
  }
  bool Accept(char c) {
    if (Peek() != c) return false;
    ++position_;
    return true;
  }

  std::string Quoted() {
    std::string out;
    EXPECT_TRUE(Accept('"')) << text_;
    while (position_ < text_.size() && text_[position_] != '"') {
      if (text_[position_] == '\\') ++position_;
      out += text_[position_++];
    }
    ++position_;
    return out;
  }

  std::string Word() {
    Peek();
    size_t begin = position_;
    while (position_ < text_.size() && std::strchr(" ,:]}>", text_[position_]) == nullptr) {
      ++position_;
    }
    return std::string(text_.substr(begin, position_ - begin));
  }

  item::Binary Hex() {
    std::string digits = Quoted();
    item::Binary binary;
    for (size_t i = 0; i + 1 < digits.size(); i += 2) {
      binary.bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
    }
    return binary;
  }

  template <class ReadOne>
  void List(char close, ReadOne read_one) {
    if (Accept(close)) return;
    do {
      read_one();
    } while (Accept(','));
    EXPECT_TRUE(Accept(close)) << text_ << " at " << position_;
  }

  template <class Set, class Element>
  item::AttributeValue ReadSet(std::vector<item::AttributeValue>& values) {
    Set set;
    for (auto& value : values) set.values.push_back(*value.As<Element>());
    std::sort(set.values.begin(), set.values.end());
    return item::AttributeValue(std::move(set));
  }

  item::AttributeValue ReadValue() {
    if (Peek() == '"') return item::AttributeValue(Quoted());
    if (Accept('[')) {
      item::List list;
      List(']', [&] { list.values.push_back(ReadValue()); });
      return item::AttributeValue(std::move(list));
    }
    if (Accept('<')) {
      std::vector<item::AttributeValue> values;
      List('>', [&] { values.push_back(ReadValue()); });
      switch (values.at(0).type()) {
        case item::Type::kString:
          return ReadSet<item::StringSet, std::string>(values);
        case item::Type::kNumber:
          return ReadSet<item::NumberSet, item::Number>(values);
        default:
          return ReadSet<item::BinarySet, item::Binary>(values);
      }
    }
    if (Accept('{')) {
      item::Map map;
      List('}', [&] {
        std::string name = Peek() == '"' ? Quoted() : Word();
        EXPECT_TRUE(Accept(':')) << text_ << " at " << position_;
        map.Set(name, ReadValue());
      });
      return item::AttributeValue(std::move(map));
    }
    if (text_.substr(position_).starts_with("b\"")) {
      ++position_;
      return item::AttributeValue(Hex());
    }
    std::string word = Word();
    if (word == "true" || word == "false") return item::AttributeValue(word == "true");
    if (word == "null") return item::AttributeValue(item::Null{});
    auto number = item::Number::Parse(word);
    EXPECT_TRUE(number.has_value()) << word << " in " << text_;
    return item::AttributeValue(number.value_or(item::Number()));
  }

  std::string_view text_;
  size_t position_ = 0;
};

}  // namespace tidemark::expr
