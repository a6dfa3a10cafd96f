#include "expr/compare.h"

#include <algorithm>
#include <compare>

namespace tidemark::expr {
namespace {

template <class T>
std::partial_ordering OrderAs(const item::AttributeValue& one, const item::AttributeValue& two) {
  return *one.As<T>() <=> *two.As<T>();
}

// std::string compares as unsigned bytes, which for UTF-8 is the order the service documents.
std::partial_ordering Order(const item::AttributeValue& one, const item::AttributeValue& two) {
  if (one.type() != two.type()) return std::partial_ordering::unordered;
  switch (one.type()) {
    case item::Type::kString:
      return OrderAs<std::string>(one, two);
    case item::Type::kNumber:
      return OrderAs<item::Number>(one, two);
    case item::Type::kBinary:
      return OrderAs<item::Binary>(one, two);
    default:
      return std::partial_ordering::unordered;
  }
}

template <class Set, class Element>
bool SetContains(const item::AttributeValue& set, const item::AttributeValue& part) {
  const auto* element = part.As<Element>();
  if (element == nullptr) return false;
  const auto& values = set.As<Set>()->values;  // sorted
  return std::binary_search(values.begin(), values.end(), *element);
}

}  // namespace

bool Less(const item::AttributeValue& one, const item::AttributeValue& two) {
  return Order(one, two) < 0;
}

bool LessOrEqual(const item::AttributeValue& one, const item::AttributeValue& two) {
  return Order(one, two) <= 0;
}

bool BeginsWith(const item::AttributeValue& value, const item::AttributeValue& prefix) {
  if (const auto* text = value.As<std::string>()) {
    const auto* begin = prefix.As<std::string>();
    return begin != nullptr && text->starts_with(*begin);
  }
  const auto* binary = value.As<item::Binary>();
  const auto* begin = prefix.As<item::Binary>();
  return binary != nullptr && begin != nullptr && binary->bytes.starts_with(begin->bytes);
}

bool Contains(const item::AttributeValue& value, const item::AttributeValue& part) {
  switch (value.type()) {
    case item::Type::kString: {
      const auto* text = part.As<std::string>();
      return text != nullptr && value.As<std::string>()->find(*text) != std::string::npos;
    }
    case item::Type::kBinary: {
      const auto* binary = part.As<item::Binary>();
      return binary != nullptr &&
             value.As<item::Binary>()->bytes.find(binary->bytes) != std::string::npos;
    }
    case item::Type::kStringSet:
      return SetContains<item::StringSet, std::string>(value, part);
    case item::Type::kNumberSet:
      return SetContains<item::NumberSet, item::Number>(value, part);
    case item::Type::kBinarySet:
      return SetContains<item::BinarySet, item::Binary>(value, part);
    case item::Type::kList: {
      const auto& values = value.As<item::List>()->values;
      return std::find(values.begin(), values.end(), part) != values.end();
    }
    default:
      return false;
  }
}

}  // namespace tidemark::expr
