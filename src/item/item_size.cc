#include "item/item_size.h"

namespace tidemark::item {
namespace {

constexpr uint64_t kDocumentBytes = 3;  // of a list or map, whatever it holds
constexpr uint64_t kElementBytes = 1;   // of each of its elements, beside name and value

// Digits are counted in pairs aligned at the decimal point (12 is one pair, 1.2 are two), with a
// byte for the exponent and one more for the sign of negative numbers.
uint64_t NumberSize(const Number& number) {
  if (number.IsZero()) return 1;
  const int digits = number.SignificantDigits();
  const bool split_pair = digits % 2 == 0 && number.Power() % 2 == 0;
  return 1 + static_cast<uint64_t>((digits + 1) / 2) + (split_pair ? 1 : 0) +
         (number.IsNegative() ? 1 : 0);
}

struct Sizer {
  uint64_t operator()(const std::string& text) const { return text.size(); }
  uint64_t operator()(const Number& number) const { return NumberSize(number); }
  uint64_t operator()(const Binary& binary) const { return binary.bytes.size(); }
  uint64_t operator()(bool) const { return 1; }
  uint64_t operator()(Null) const { return 1; }
  template <class T>
  uint64_t Sum(const T& set) const {
    uint64_t sum = 0;
    for (const auto& value : set.values) sum += (*this)(value);
    return sum;
  }
  uint64_t operator()(const StringSet& set) const { return Sum(set); }
  uint64_t operator()(const NumberSet& set) const { return Sum(set); }
  uint64_t operator()(const BinarySet& set) const { return Sum(set); }
  uint64_t operator()(const List& list) const {
    uint64_t sum = kDocumentBytes;
    for (const auto& value : list.values) sum += kElementBytes + ValueSize(value);
    return sum;
  }
  uint64_t operator()(const Map& map) const {
    return kDocumentBytes + map.size() * kElementBytes + ItemSize(map);
  }
};

}  // namespace

uint64_t ValueSize(const AttributeValue& value) { return std::visit(Sizer{}, value.variant()); }

uint64_t ItemSize(const Item& item) {
  uint64_t sum = 0;
  for (const auto& [name, value] : item) sum += name.size() + ValueSize(value);
  return sum;
}

Result<void> CheckAttributeName(std::string_view name) {
  constexpr size_t kBytesEnd = 65536;
  if (name.size() < kBytesEnd) return {};
  return Fail(ErrorKind::kConstraint, "Attribute name is too large, must be less than {} bytes",
              kBytesEnd);
}

}  // namespace tidemark::item
