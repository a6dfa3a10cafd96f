// DynamoDB's ten attribute types as one value type, and Item: a map from names to values.
#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "item/number.h"

namespace tidemark::item {

// Order and numbers are part of the stored format (item_codec.h): never renumber.
enum class Type : uint8_t {
  kString = 0,
  kNumber = 1,
  kBinary = 2,
  kBool = 3,
  kNull = 4,
  kStringSet = 5,
  kNumberSet = 6,
  kBinarySet = 7,
  kList = 8,
  kMap = 9,
};

std::string_view TypeName(Type type);  // "S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"

class AttributeValue;

// A map sorted by attribute name (byte order); names are unique. Lookup is a binary search.
class Map {
 public:
  using Entry = std::pair<std::string, AttributeValue>;

  Map();
  Map(const Map&);
  Map(Map&&) noexcept;
  Map& operator=(const Map&);
  Map& operator=(Map&&) noexcept;
  ~Map();
  // Takes entries in any order in O(n log n); of entries with one name the last one given stays.
  static Map FromEntries(std::vector<Entry> entries);

  const AttributeValue* Find(std::string_view name) const;  // nullptr if absent
  AttributeValue* Find(std::string_view name);
  AttributeValue& Set(std::string_view name, AttributeValue value);  // inserts or replaces
  bool Erase(std::string_view name);                                 // whether it was there
  bool contains(std::string_view name) const { return Find(name) != nullptr; }
  size_t size() const;
  bool empty() const;
  void Reserve(size_t entries);

  std::vector<Entry>::const_iterator begin() const;
  std::vector<Entry>::const_iterator end() const;
  std::vector<Entry>::iterator begin();
  std::vector<Entry>::iterator end();

  bool operator==(const Map& other) const;

 private:
  std::vector<Entry> entries_;
};

using Item = Map;  // one item of a table

struct Binary {
  Bytes bytes;
  auto operator<=>(const Binary&) const = default;
};
struct Null {
  bool operator==(const Null&) const = default;
};
// Sets are kept sorted and free of duplicates, so equality is set equality.
struct StringSet {
  std::vector<std::string> values;
  bool operator==(const StringSet&) const = default;
};
struct NumberSet {
  std::vector<Number> values;
  bool operator==(const NumberSet&) const = default;
};
struct BinarySet {
  std::vector<Binary> values;
  bool operator==(const BinarySet&) const = default;
};
struct List {
  std::vector<AttributeValue> values;
  bool operator==(const List& other) const;
};

class AttributeValue {
 public:
  using Variant = std::variant<std::string, Number, Binary, bool, Null, StringSet, NumberSet,
                               BinarySet, List, Map>;  // alternatives in the order of Type

  AttributeValue() : value_(Null{}) {}
  template <class T>
  requires(!std::is_same_v<std::remove_cvref_t<T>, AttributeValue>) explicit AttributeValue(
      T&& value)
      : value_(std::forward<T>(value)) {}
  explicit AttributeValue(const char* text) : value_(std::string(text)) {}

  Type type() const { return static_cast<Type>(value_.index()); }
  const Variant& variant() const { return value_; }
  Variant& variant() { return value_; }
  template <class T>
  const T* As() const {
    return std::get_if<T>(&value_);
  }
  template <class T>
  T* As() {
    return std::get_if<T>(&value_);
  }

  bool operator==(const AttributeValue& other) const = default;

 private:
  Variant value_;
};

}  // namespace tidemark::item
