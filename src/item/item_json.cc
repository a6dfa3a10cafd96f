// Texts of errors are those the service answers, slips of spelling included.
#include "item/item_json.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "codec/base64.h"
#include "codec/json_writer.h"
#include "item/item_size.h"

namespace tidemark::item {
namespace {

using codec::JsonArray;
using codec::JsonObject;
using codec::JsonValue;
using Kind = simdjson::dom::element_type;

constexpr std::string_view kInvalid = "One or more parameter values were invalid: ";

// ---- JSON of the wrong type

Unexpected NotConvertible(JsonValue json, std::string_view to) {
  return Fail(Error{ErrorKind::kSerialization, WrongTypeText(json, to), nullptr});
}

Result<std::string_view> ReadText(JsonValue json) {
  std::string_view text;
  if (json.get(text) != simdjson::SUCCESS) return NotConvertible(json, "String");
  return text;
}

Result<void> ReadBlob(JsonValue json, Bytes* bytes) {
  std::string_view text;
  if (json.get(text) != simdjson::SUCCESS) {
    if (json.is_array()) {
      return Fail(ErrorKind::kSerialization,
                  "Unrecognized collection type class java.nio.ByteBuffer");
    }
    if (json.is_object()) return NotConvertible(json, "Blob");
    return Fail(ErrorKind::kSerialization, "only base-64-encoded strings are convertible to bytes");
  }
  if (codec::AppendFromBase64(text, bytes)) return {};
  if (text.size() % 4 != 0) {
    return Fail(ErrorKind::kSerialization,
                "Base64 encoded length is expected a multiple of 4 bytes but found: {}",
                text.size());
  }
  return Fail(ErrorKind::kSerialization, "Invalid last non-pad Base64 character dectected");
}

Result<bool> ReadFlag(JsonValue json) {
  bool flag;
  if (json.get(flag) == simdjson::SUCCESS) return flag;
  if (json.is_string()) {
    return Fail(ErrorKind::kSerialization, "Unexpected token received from parser");
  }
  return NotConvertible(json, "Boolean");
}

Result<JsonArray> ReadArray(JsonValue json) {
  JsonArray array;
  if (json.get(array) == simdjson::SUCCESS) return array;
  if (json.is_object()) return NotConvertible(json, "List");
  return Fail(ErrorKind::kSerialization, "Unexpected field type");
}

Result<JsonObject> ReadObject(JsonValue json) {
  JsonObject object;
  if (json.get(object) == simdjson::SUCCESS) return object;
  if (json.is_array()) {
    return Fail(ErrorKind::kSerialization,
                "Unrecognized collection type java.util.Map<java.lang.String, "
                "com.amazonaws.dynamodb.v20120810.AttributeValue>");
  }
  return Fail(ErrorKind::kSerialization, "Unexpected field type");
}

// ---- sets

// How a set with duplicates is shown, by the texts it came as: the older layer as they came; the
// newer one those up to the first repetition sorted, then the repeated one, then the rest as they
// came. `before` orders two texts by what they stand for.
template <class Before>
std::string Listed(JsonArray array, Wording wording, std::string_view separator, Before before) {
  std::vector<std::string> shown;
  for (JsonValue member : array) shown.emplace_back(std::string_view(member));
  if (wording == Wording::kNewer) {
    std::set<std::string, Before> seen(before);
    size_t repeated = 0;
    while (repeated < shown.size() && seen.insert(shown[repeated]).second) ++repeated;
    std::sort(shown.begin(), shown.begin() + static_cast<ptrdiff_t>(repeated), before);
    for (auto& text : shown) text = fmt::format("\"{}\"", text);
  }
  return fmt::format("[{}]", fmt::join(shown, separator));
}

// Sorts; false if two members are the same.
template <class T>
bool MakeSet(std::vector<T>* values) {
  std::sort(values->begin(), values->end());
  return std::adjacent_find(values->begin(), values->end()) == values->end();
}

Result<Number> ReadNumber(std::string_view text, Wording wording) {
  if (text.empty() && wording == Wording::kOlder) {
    return Fail(ErrorKind::kValidation, "The parameter cannot be converted to a numeric value");
  }
  return Number::Parse(text);
}

Result<void> ReadStringSet(JsonValue json, Wording wording, AttributeValue* value) {
  TM_TRY(const JsonArray array, ReadArray(json));
  auto& values = value->variant().emplace<StringSet>().values;
  for (JsonValue member : array) {
    TM_TRY(const std::string_view text, ReadText(member));
    values.emplace_back(text);
  }
  if (values.empty()) {
    return Fail(ErrorKind::kValidation, "{}An string set  may not be empty", kInvalid);
  }
  if (MakeSet(&values)) return {};
  return Fail(ErrorKind::kValidation, "{}Input collection {} contains duplicates.", kInvalid,
              Listed(array, wording, ", ", std::less<std::string>()));
}

Result<void> ReadNumberSet(JsonValue json, Wording wording, AttributeValue* value) {
  TM_TRY(const JsonArray array, ReadArray(json));
  auto& values = value->variant().emplace<NumberSet>().values;
  for (JsonValue member : array) {
    TM_TRY(const std::string_view text, ReadText(member));
    TM_TRY(const Number number, ReadNumber(text, wording));
    values.push_back(number);
  }
  if (values.empty()) {
    return Fail(ErrorKind::kValidation, "{}An number set  may not be empty", kInvalid);
  }
  if (MakeSet(&values)) return {};
  if (wording == Wording::kNewer) {
    return Fail(ErrorKind::kValidation, "{}Input collection contains duplicates.", kInvalid);
  }
  return Fail(ErrorKind::kValidation, "Input collection contains duplicates");
}

Result<void> ReadBinarySet(JsonValue json, Wording wording, AttributeValue* value) {
  TM_TRY(const JsonArray array, ReadArray(json));
  auto& values = value->variant().emplace<BinarySet>().values;
  for (JsonValue member : array) TM_TRYV(ReadBlob(member, &values.emplace_back().bytes));
  if (values.empty()) {
    return Fail(ErrorKind::kValidation, "{}Binary sets should not be empty", kInvalid);
  }
  if (MakeSet(&values)) return {};
  const auto before = [](const std::string& one, const std::string& two) {
    Bytes a, b;
    return codec::AppendFromBase64(one, &a) && codec::AppendFromBase64(two, &b) && a < b;
  };
  return Fail(ErrorKind::kValidation, "{}Input collection {}of type BS contains duplicates.",
              kInvalid, Listed(array, wording, wording == Wording::kNewer ? "," : ", ", before));
}

// ---- values, read in place: a value is some 40 bytes that would be moved at every level

Result<void> ReadInto(JsonValue json, Wording wording, int depth, AttributeValue* value);

Result<void> ReadAttributes(JsonObject object, Wording wording, int depth, Map* map,
                            std::string_view* faulty = nullptr) {
  std::vector<Map::Entry> entries;
  entries.reserve(object.size());
  for (const auto& field : object) {
    TM_TRYV(CheckAttributeName(field.key));
    auto& [name, value] = entries.emplace_back();
    name.assign(field.key);
    auto read = ReadInto(field.value, wording, depth, &value);
    if (read) continue;
    if (faulty) *faulty = field.key;
    return read;
  }
  *map = Map::FromEntries(std::move(entries));
  return {};
}

Result<void> ReadList(JsonValue json, Wording wording, int depth, AttributeValue* value) {
  TM_TRY(const JsonArray array, ReadArray(json));
  auto& values = value->variant().emplace<List>().values;
  values.reserve(array.size());
  for (JsonValue element : array) {
    TM_TRYV(ReadInto(element, wording, depth, &values.emplace_back()));
  }
  return {};
}

std::optional<Type> TypeNamed(std::string_view name) {
  const auto is = [&](Type type) {
    return name == TypeName(type) ? std::optional(type) : std::nullopt;
  };
  if (name.empty()) return std::nullopt;
  switch (name[0]) {
    case 'S':
      return is(name.size() == 1 ? Type::kString : Type::kStringSet);
    case 'N':
      return is(name.size() == 1   ? Type::kNumber
                : name.size() == 2 ? Type::kNumberSet
                                   : Type::kNull);
    case 'B':
      return is(name.size() == 1   ? Type::kBinary
                : name.size() == 2 ? Type::kBinarySet
                                   : Type::kBool);
    case 'L':
      return is(Type::kList);
    case 'M':
      return is(Type::kMap);
    default:
      return std::nullopt;
  }
}

// One member of an AttributeValue structure.
Result<void> ReadMember(Type type, JsonValue json, Wording wording, int depth,
                        AttributeValue* value) {
  auto& variant = value->variant();
  switch (type) {
    case Type::kString: {
      TM_TRY(const std::string_view text, ReadText(json));
      variant.emplace<std::string>(text);
      return {};
    }
    case Type::kNumber: {
      TM_TRY(const std::string_view text, ReadText(json));
      TM_TRY(variant.emplace<Number>(), ReadNumber(text, wording));
      return {};
    }
    case Type::kBinary:
      return ReadBlob(json, &variant.emplace<Binary>().bytes);
    case Type::kBool: {
      TM_TRY(variant.emplace<bool>(), ReadFlag(json));
      return {};
    }
    case Type::kNull: {
      TM_TRY(const bool flag, ReadFlag(json));
      variant.emplace<Null>();
      if (flag) return {};
      return Fail(ErrorKind::kValidation,
                  "{}Null attribute value types must have the value of true", kInvalid);
    }
    case Type::kStringSet:
      return ReadStringSet(json, wording, value);
    case Type::kNumberSet:
      return ReadNumberSet(json, wording, value);
    case Type::kBinarySet:
      return ReadBinarySet(json, wording, value);
    case Type::kList:
      return ReadList(json, wording, depth + 1, value);
    case Type::kMap: {
      TM_TRY(const JsonObject object, ReadObject(json));
      return ReadAttributes(object, wording, depth + 1, &variant.emplace<Map>());
    }
  }
  return {};
}

Result<void> ReadInto(JsonValue json, Wording wording, int depth, AttributeValue* value) {
  if (depth >= kNestingMax) {
    return Fail(ErrorKind::kValidation,
                "Nesting Levels have exceeded supported limits: Attributes in the item have nested "
                "levels beyond supported limit");
  }
  int members = 0;
  JsonObject object;
  if (json.get(object) == simdjson::SUCCESS) {
    for (const auto& field : object) {
      // Members that are null or unknown are the same as not there.
      const auto type = TypeNamed(field.key);
      if (!type || field.value.is_null()) continue;
      TM_TRYV(ReadMember(*type, field.value, wording, depth, value));
      ++members;
    }
  } else if (json.is_array()) {
    return Fail(ErrorKind::kSerialization,
                "Unrecognized collection type class "
                "com.amazonaws.dynamodb.v20120810.AttributeValue");
  } else if (!json.is_null()) {
    return Fail(ErrorKind::kSerialization, "Unexpected value type in payload");
  }
  if (members == 1) return {};
  if (members == 0) {
    return Fail(ErrorKind::kValidation,
                "Supplied AttributeValue is empty, must contain exactly one of the supported "
                "datatypes");
  }
  return Fail(ErrorKind::kValidation,
              "Supplied AttributeValue has more than one datatypes set, must contain exactly one "
              "of the supported datatypes");
}

struct JsonPrinter {
  std::string* json;

  void operator()(const std::string& text) const { codec::AppendJsonString(text, json); }
  void operator()(const Number& number) const {
    json->push_back('"');
    number.AppendTo(json);
    json->push_back('"');
  }
  void operator()(const Binary& binary) const {
    json->push_back('"');
    codec::AppendBase64(binary.bytes, json);
    json->push_back('"');
  }
  void operator()(bool value) const { json->append(value ? "true" : "false"); }
  void operator()(Null) const { json->append("true"); }
  void operator()(const AttributeValue& value) const { AppendJson(value, json); }
  template <class T>
  void Members(const T& set) const {
    json->push_back('[');
    bool comma = false;
    for (const auto& value : set.values) {
      if (comma) json->push_back(',');
      comma = true;
      (*this)(value);
    }
    json->push_back(']');
  }
  void operator()(const StringSet& set) const { Members(set); }
  void operator()(const NumberSet& set) const { Members(set); }
  void operator()(const BinarySet& set) const { Members(set); }
  void operator()(const List& list) const { Members(list); }
  void operator()(const Map& map) const { AppendJson(map, json); }
};

}  // namespace

Result<AttributeValue> ReadAttributeValue(JsonValue json, Wording wording, int depth) {
  AttributeValue value;
  TM_TRYV(ReadInto(json, wording, depth, &value));
  return value;
}

Result<Item> ReadItem(JsonValue json, Wording wording, std::string_view* faulty) {
  TM_TRY(const JsonObject object, ReadObject(json));
  Item item;
  TM_TRYV(ReadAttributes(object, wording, 0, &item, faulty));
  return item;
}

std::string WrongTypeText(JsonValue json, std::string_view java_type) {
  std::string_view what;
  switch (json.type()) {
    case Kind::ARRAY:
      return fmt::format("Unrecognized collection type class java.lang.{}", java_type);
    case Kind::OBJECT:
      return "Start of structure or map found where not expected";
    case Kind::INT64:
    case Kind::UINT64:
      what = "NUMBER_VALUE";
      break;
    case Kind::DOUBLE:
      what = "DECIMAL_VALUE";
      break;
    case Kind::BOOL:
      what = bool(json) ? "TRUE_VALUE" : "FALSE_VALUE";
      break;
    case Kind::STRING:
      what = "STRING_VALUE";
      break;
    case Kind::NULL_VALUE:
      what = "NULL_VALUE";
      break;
  }
  return fmt::format("{} cannot be converted to {}", what, java_type);
}

void AppendJson(const AttributeValue& value, std::string* json) {
  json->append("{\"").append(TypeName(value.type())).append("\":");
  std::visit(JsonPrinter{json}, value.variant());
  json->push_back('}');
}

void AppendJson(const Item& item, std::string* json) {
  json->push_back('{');
  bool comma = false;
  for (const auto& [name, value] : item) {
    if (comma) json->push_back(',');
    comma = true;
    codec::AppendJsonString(name, json);
    json->push_back(':');
    AppendJson(value, json);
  }
  json->push_back('}');
}

}  // namespace tidemark::item
