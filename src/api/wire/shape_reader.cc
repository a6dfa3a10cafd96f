// Texts of errors are the live service's, as far as they are known.
#include "api/wire/shape_reader.h"

#include <algorithm>
#include <cmath>

#include "codec/base64.h"
#include "item/item_json.h"
#include "item/item_size.h"

namespace tidemark::api::wire {

namespace {

using codec::JsonArray;
using codec::JsonObject;
using codec::JsonValue;
using Kind = simdjson::dom::element_type;

constexpr size_t kViolationsMax = 100;     // told in one text; a request may hold thousands
constexpr size_t kPrintedBytesMax = 1024;  // of a value in a text

constexpr std::string_view kArnPrefix = "arn:";
constexpr size_t kNameBytesMin = 3;  // of a table's name
constexpr size_t kNameBytesMax = 255;
constexpr std::string_view kNamePattern =
    "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+";

size_t CountCharacters(std::string_view text) {
  size_t count = 0;
  for (char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return count;
}

// As Java prints the values: bare strings, [a, b], {key=value}. Cut at kPrintedBytesMax.
void Print(JsonValue json, std::string* out) {
  if (out->size() > kPrintedBytesMax) return;
  switch (json.type()) {
    case Kind::STRING:
      *out += std::string_view(json);
      break;
    case Kind::INT64:
      *out += std::to_string(int64_t(json));
      break;
    case Kind::UINT64:
      *out += std::to_string(uint64_t(json));
      break;
    case Kind::DOUBLE:
      *out += fmt::format("{}", double(json));
      break;
    case Kind::BOOL:
      *out += bool(json) ? "true" : "false";
      break;
    case Kind::NULL_VALUE:
      *out += "null";
      break;
    case Kind::ARRAY: {
      std::string_view separator = "";
      *out += '[';
      for (JsonValue element : JsonArray(json)) {
        *out += separator;
        separator = ", ";
        Print(element, out);
        if (out->size() > kPrintedBytesMax) return;
      }
      *out += ']';
      break;
    }
    case Kind::OBJECT: {
      std::string_view separator = "";
      *out += '{';
      for (auto [key, value] : JsonObject(json)) {
        *out += separator;
        *out += key;
        *out += '=';
        separator = ", ";
        Print(value, out);
        if (out->size() > kPrintedBytesMax) return;
      }
      *out += '}';
      break;
    }
  }
}

std::string Printed(JsonValue json) {
  std::string text;
  Print(json, &text);
  if (text.size() > kPrintedBytesMax) {
    size_t end = kPrintedBytesMax;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text.resize(end);
    text += "...";
  }
  return text;
}

std::string AtMost(int64_t max) {
  return fmt::format("Member must have length less than or equal to {}", max);
}
std::string AtLeast(int64_t min) {
  return fmt::format("Member must have length greater than or equal to {}", min);
}
// An item with the attributes' names and no values.
item::Map KeysOf(JsonObject object) {
  std::vector<item::Map::Entry> keys;
  for (auto [key, value] : object) keys.emplace_back(std::string(key), item::AttributeValue());
  return item::Map::FromEntries(std::move(keys));
}

bool Within(size_t length, const Bounds& bounds) {
  return static_cast<int64_t>(length) >= bounds.min && static_cast<int64_t>(length) <= bounds.max;
}

}  // namespace

namespace {

bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Letters, digits and the characters of `others`; not empty.
bool MadeOf(std::string_view text, std::string_view others) {
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return IsLetterOrDigit(c) || others.find(c) != std::string_view::npos;
  });
}

}  // namespace

bool IsPlainName(std::string_view text) { return MadeOf(text, "_-."); }
bool IsAliasName(std::string_view text) { return MadeOf(text, ":/_-"); }
bool IsPrincipal(std::string_view text) { return MadeOf(text, "_+=,.@:/-"); }
bool IsVaultName(std::string_view text) {
  return text.size() >= 2 && text.size() <= 50 && MadeOf(text, "_-");
}
bool IsOptionName(std::string_view text) { return text.size() <= 50 && MadeOf(text, "_.-"); }
bool IsAccountNumber(std::string_view text) {
  return text.size() == 12 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string Path::ToString(bool as_written) const {
  std::string text = parent ? parent->ToString(as_written) + "." : "";
  switch (kind) {
    case Kind::kMember: {
      size_t start = text.size();
      text += name;
      char& first = text[start];
      if (!as_written && first >= 'A' && first <= 'Z') first = static_cast<char>(first - 'A' + 'a');
      break;
    }
    case Kind::kElement:
      text += fmt::format("{}.member", index + 1);
      break;
    case Kind::kEntry:
      text += fmt::format("{}.member", name);
      break;
  }
  return text;
}

bool ShapeReader::FailWith(std::string text) {
  serialization_ = std::move(text);
  return false;
}

bool ShapeReader::FailType(JsonValue json, std::string_view java_type) {
  return FailWith(item::WrongTypeText(json, java_type));
}

bool ShapeReader::String(JsonValue json, const Path&, std::string* out) {
  std::string_view text;
  if (json.get(text) != simdjson::SUCCESS) return FailType(json, "String");
  *out = text;
  return true;
}

bool ShapeReader::String(JsonValue json, const Path& at, const Bounds& bounds, std::string* out) {
  if (!String(json, at, out)) return false;
  if (bounds.table_name) {
    CheckTableName(*out, json, at);
    return true;
  }
  if (bounds.attribute_name) {
    CheckAttributeName(*out, at);
    return true;
  }
  CheckLength(CountCharacters(*out), json, at, bounds);
  if (bounds.matches && !bounds.matches(*out)) {
    Violation(json, at,
              fmt::format("Member must satisfy regular expression pattern: {}", bounds.pattern));
  }
  return true;
}

bool ShapeReader::Boolean(JsonValue json, const Path&, bool* out) {
  if (json.get(*out) == simdjson::SUCCESS) return true;
  if (json.is_string()) return FailWith("Unexpected token received from parser");
  return FailType(json, "Boolean");
}

bool ShapeReader::Blob(JsonValue json, const Path& at, const Bounds& bounds, Bytes* out) {
  std::string_view text;
  if (json.get(text) != simdjson::SUCCESS) return FailType(json, "ByteBuffer");
  auto bytes = codec::DecodeBase64(text);
  if (!bytes) return FailWith("Invalid base64 text");
  *out = *std::move(bytes);
  if (Within(out->size(), bounds)) return true;
  const bool above = static_cast<int64_t>(out->size()) > bounds.max;
  AddViolation(at, fmt::format("Value at '{}' failed to satisfy constraint: {}", at.ToString(),
                               above ? AtMost(bounds.max) : AtLeast(bounds.min)));
  return true;
}

bool ShapeReader::Integer(JsonValue json, const Path& at, const Bounds& bounds, int64_t* out) {
  return Whole(json, "Integer", at, bounds, out);
}

bool ShapeReader::Long(JsonValue json, const Path& at, const Bounds& bounds, int64_t* out) {
  return Whole(json, "Long", at, bounds, out);
}

bool ShapeReader::Long(JsonValue json, const Path& at, int64_t* out) {
  return Whole(json, "Long", at, Bounds{}, out);
}

// Fractions are cut off, as the service does.
bool ShapeReader::Whole(JsonValue json, std::string_view java_type, const Path& at,
                        const Bounds& bounds, int64_t* out) {
  constexpr auto kMax = std::numeric_limits<int64_t>::max();
  switch (json.type()) {
    case Kind::INT64:
      *out = int64_t(json);
      break;
    case Kind::UINT64:
      *out = kMax;
      break;
    case Kind::DOUBLE: {
      double value = double(json);
      *out = value >= 9.2e18 ? kMax : value <= -9.2e18 ? -kMax : static_cast<int64_t>(value);
      break;
    }
    default:
      return FailType(json, java_type);
  }
  if (*out < bounds.min) {
    Violation(json, at,
              fmt::format("Member must have value greater than or equal to {}", bounds.min),
              bounds.newer);
  }
  if (*out > bounds.max) {
    Violation(json, at, fmt::format("Member must have value less than or equal to {}", bounds.max),
              bounds.newer);
  }
  return true;
}

bool ShapeReader::Timestamp(JsonValue json, const Path&, tidemark::Timestamp* out) {
  constexpr double kSecondsMax = 253402300799;  // the end of the year 9999
  double seconds = 0;
  switch (json.type()) {
    case Kind::INT64:
    case Kind::UINT64:
    case Kind::DOUBLE:
      seconds = double(json);
      break;
    case Kind::STRING:
      return FailWith("STRING_VALUE can not be converted to milliseconds since epoch");
    default:
      return FailType(json, "Date");
  }
  seconds = std::clamp(seconds, -kSecondsMax, kSecondsMax);
  *out = FromMicros(std::llround(seconds * 1e6));
  return true;
}

bool ShapeReader::Item(JsonValue json, const Path& at, item::Item* out) {
  std::string_view faulty;
  auto item = item::ReadItem(json, facts_.wording, &faulty);
  if (item) {
    *out = std::move(*item);
    return true;
  }
  if (item.error().kind != ErrorKind::kSerialization && at.name == "ExpressionAttributeValues") {
    // All keys are looked at before any value.
    if (auto keys = expr::CheckValueKeys(KeysOf(json)); !keys)
      return NoteFault(at, "", std::move(keys).error());
  }
  return NoteFault(at, faulty, std::move(item).error());
}

bool ShapeReader::Value(JsonValue json, const Path& at, item::AttributeValue* out) {
  auto value = item::ReadAttributeValue(json, facts_.wording);
  if (!value) return NoteFault(at, "", std::move(value).error());
  *out = std::move(*value);
  return true;
}

bool ShapeReader::NoteFault(const Path& at, std::string_view entry, Error error) {
  if (error.kind == ErrorKind::kSerialization) return FailWith(std::move(error.message));
  if (error.kind == ErrorKind::kConstraint) {
    AddViolation(at, std::move(error.message));
    return true;
  }
  const Path* member = &at;
  while (member->parent) member = member->parent;
  faults_.Add(member->name, entry, std::move(error));
  return true;
}

bool ShapeReader::Names(JsonValue json, const Path& at, expr::NameList* out) {
  JsonObject object;
  if (json.get(object) != simdjson::SUCCESS) {
    return FailWith(json.is_array()
                        ? "Unrecognized collection type java.util.Map<java.lang.String, "
                          "java.lang.String>"
                        : "Unexpected field type");
  }
  out->reserve(object.size());
  for (auto [key, value] : object) {
    Path here{&at, key, Path::Kind::kEntry};
    if (value.is_null()) {
      Missing(here);
      continue;
    }
    std::string_view name;
    if (value.get(name) != simdjson::SUCCESS) return FailType(value, "String");
    CheckAttributeName(name, here);
    out->emplace_back(key, name);
  }
  return true;
}

bool ShapeReader::EnumIndex(JsonValue json, const Path& at, std::span<const std::string_view> texts,
                            std::string_view newer, size_t* index) {
  std::string_view text;
  if (json.get(text) != simdjson::SUCCESS) return FailType(json, "String");
  for (size_t i = 0; i < texts.size(); ++i) {
    if (texts[i] == text) {
      *index = i;
      return true;
    }
  }
  if (!newer.empty() && facts_.wording == item::Wording::kNewer) newer_ = newer;
  std::string set;
  for (auto allowed : texts) {
    if (!set.empty()) set += ", ";
    set += allowed;
  }
  Violation(json, at, fmt::format("Member must satisfy enum value set: [{}]", set));
  return true;
}

bool ShapeReader::Array(JsonValue json, JsonArray* out) {
  if (json.get(*out) == simdjson::SUCCESS) return true;
  return FailWith(json.is_object() ? "Start of structure or map found where not expected"
                                   : "Unexpected field type");
}

bool ShapeReader::Object(JsonValue json, JsonObject* out) {
  if (json.get(*out) == simdjson::SUCCESS) return true;
  return FailWith(json.is_array() ? "Unrecognized collection type java.util.Map"
                                  : "Unexpected field type");
}

bool ShapeReader::Structure(JsonValue json, Place place, std::string_view shape, JsonObject* out) {
  if (json.get(*out) == simdjson::SUCCESS) return true;
  if (json.is_array()) {
    return FailWith(facts_.package.empty() ? "Start of list found where not expected"
                                           : fmt::format("Unrecognized collection type class {}{}",
                                                         facts_.package, shape));
  }
  return FailWith(place == Place::kMember ? "Unexpected field type"
                                          : "Unexpected value type in payload");
}

void ShapeReader::CheckLength(size_t length, JsonValue json, const Path& at, const Bounds& bounds) {
  if (Within(length, bounds)) return;
  bool above = static_cast<int64_t>(length) > bounds.max;
  Violation(json, at, above ? AtMost(bounds.max) : AtLeast(bounds.min), bounds.newer);
}

// The bounds of a list that is an entry of a map are told with the map.
void ShapeReader::CheckListLength(size_t length, JsonValue json, const Path& at,
                                  const Bounds& bounds, Place place) {
  if (place != Place::kEntry || !at.parent) return CheckLength(length, json, at, bounds);
  if (Within(length, bounds)) return;
  const bool above = static_cast<int64_t>(length) > bounds.max;
  if (above) return Violation(json, at, AtMost(bounds.max), true);
  Violation(map_, *at.parent,
            fmt::format("Map value must satisfy constraint: [{}, {}]", AtMost(bounds.max),
                        AtLeast(bounds.min)));
}

void ShapeReader::CheckKey(std::string_view key, JsonValue map, const Path& at,
                           const Bounds& bounds) {
  if (bounds.attribute_name) return CheckAttributeName(key, at);
  if (bounds.table_name) {
    const bool legal = key.size() >= kNameBytesMin && key.size() <= kNameBytesMax;
    if (key.starts_with(kArnPrefix) || (legal && IsPlainName(key))) return;
    AddViolation(at, fmt::format("Value '{}' at '{}' failed to satisfy constraint: Map keys must "
                                 "satisfy constraint: [{}, {}, {}]",
                                 simdjson::minify(map), at.ToString(), AtMost(kNameBytesMax),
                                 AtLeast(kNameBytesMin), kNamePattern));
    return;
  }
  if (Within(CountCharacters(key), bounds)) return;
  Violation(map, at,
            fmt::format("Map keys must satisfy constraint: [{}, {}]", AtMost(bounds.max),
                        AtLeast(bounds.min)));
}

void ShapeReader::CheckTableName(std::string_view name, JsonValue json, const Path& at) {
  constexpr size_t kArnBytesMax = 1024;
  if (name.starts_with(kArnPrefix)) {
    if (name.size() > kArnBytesMax) Violation(json, at, AtMost(kArnBytesMax));
    return;
  }
  if (name.empty()) return Violation(json, at, AtLeast(1));
  if (!IsPlainName(name)) Violation(json, at, kNamePattern);
  if (name.size() < kNameBytesMin) Violation(json, at, AtLeast(kNameBytesMin));
  if (name.size() > kNameBytesMax) Violation(json, at, AtMost(kNameBytesMax));
}

void ShapeReader::CheckAttributeName(std::string_view name, const Path& at) {
  if (auto fits = item::CheckAttributeName(name); !fits)
    AddViolation(at, std::move(fits).error().message);
}

void ShapeReader::Violation(JsonValue value, const Path& at, std::string_view constraint,
                            bool newer) {
  const auto shown = newer ? "" : fmt::format(" '{}'", Printed(value));
  AddViolation(at, fmt::format("Value{} at '{}' failed to satisfy constraint: {}", shown,
                               at.ToString(newer), constraint));
}

void ShapeReader::Missing(const Path& at) {
  missing_ = true;
  AddViolation(at,
               fmt::format("Value null at '{}' failed to satisfy constraint: Member must not be "
                           "null",
                           at.ToString()));
}

void ShapeReader::Required(std::string_view member) {
  if (required_) return;
  required_ =
      fmt::format("The parameter '{}' is required but was not present in the request", member);
}

void ShapeReader::AddViolation(const Path& at, std::string text) {
  if (violations_.size() >= kViolationsMax) return;
  const Path* member = &at;
  while (member->parent) member = member->parent;
  violations_.push_back({member->name, std::move(text)});
}

void ShapeReader::KeepToldAlone() {
  for (auto member : facts_.alone) {
    if (std::ranges::find(violations_, member, &Told::member) == violations_.end()) continue;
    std::erase_if(violations_, [&](const Told& told) { return told.member != member; });
    return;
  }
}

Result<void> ShapeReader::Finish(ValueFaults* faults) {
  if (serialization_) return Fail(Error{ErrorKind::kSerialization, std::move(*serialization_), {}});
  if (required_) return Fail(Error{ErrorKind::kConstraint, std::move(*required_), {}});
  if (!violations_.empty()) {
    if (!newer_.empty() && !missing_) {
      return Fail(Error{ErrorKind::kValidation, std::string(newer_), {}});
    }
    if (!missing_) KeepToldAlone();
    std::ranges::stable_sort(violations_, {}, [&](const Told& told) {
      return std::ranges::find(facts_.order, told.member) - facts_.order.begin();
    });
    std::string text = fmt::format("{} validation error{} detected: ", violations_.size(),
                                   violations_.size() == 1 ? "" : "s");
    for (size_t i = 0; i < violations_.size(); ++i) {
      if (i > 0) text += "; ";
      text += violations_[i].text;
    }
    std::shared_ptr<const ErrorDetail> detail;
    if (missing_) detail = std::make_shared<const MissingMember>();
    return Fail(Error{ErrorKind::kConstraint, std::move(text), std::move(detail)});
  }
  if (!faults) return faults_.CheckAll();
  *faults = std::move(faults_);
  return {};
}

}  // namespace tidemark::api::wire
