// What generated parsers (dynamodb/shapes_gen.cc) are made of: reads members of a JSON document
// into C++ values and gathers what is wrong with them, in the service's words.
//
// Three kinds of error, by rank: a member of the wrong JSON type ends the reading (kSerialization);
// violated constraints are all collected and told in one text (kConstraint); attribute values the
// service refuses are noted (kValidation), to be told when the service would. A reader serves one
// document, on one thread.
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/wire/value_faults.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "codec/json_reader.h"
#include "expr/placeholders.h"
#include "item/attribute_value.h"
#include "item/item_json.h"

namespace tidemark::api::wire {

// Where a value stands, as a chain of stack frames: costs nothing until a text needs it.
struct Path {
  enum class Kind : uint8_t { kMember, kElement, kEntry };

  Path(const Path* parent, std::string_view name, Kind kind = Kind::kMember)
      : parent(parent), name(name), kind(kind) {}
  Path(const Path* parent, size_t index) : parent(parent), index(index), kind(Kind::kElement) {}

  // "requestItems.Music.member.1.member.putRequest": members in lowerCamel, elements from 1.
  // `as_written`: "RequestItems.Music.member.Keys", as the service's newer texts have it.
  std::string ToString(bool as_written = false) const;

  const Path* parent;     // null: a member of the input itself
  std::string_view name;  // of a member, or the key of a map's entry
  size_t index = 0;       // of a list's element, from 0
  Kind kind;
};

// A value as a member of a structure, or as an element or entry: the service words differ.
enum class Place : uint8_t { kMember, kElement, kEntry };

// Of a number's value, or of the length of a string (in characters), list or map.
struct Bounds {
  int64_t min = std::numeric_limits<int64_t>::min();
  int64_t max = std::numeric_limits<int64_t>::max();
  bool (*matches)(std::string_view) = nullptr;
  std::string_view pattern = {};
  bool newer = false;           // told in the newer form, which does not show the value
  bool table_name = false;      // a table's name with bounds of its own, or an ARN
  bool attribute_name = false;  // of bounds of its own, in bytes
};

// Facts about an operation as a whole.
struct ShapeFacts {
  item::Wording wording = item::Wording::kNewer;  // of faults of attribute values
  // Members in the order in which their violations are told; others come after them.
  std::span<const std::string_view> order = {};
  // Members whose violations are told without those of others, the first of them that has any.
  // Where a required member is missing the service has all told together.
  std::span<const std::string_view> alone = {};
  // Of types that texts name; empty: they name none.
  std::string_view package = "com.amazonaws.dynamodb.v20120810.";
};

bool IsPlainName(std::string_view text);      // [a-zA-Z0-9_.-]+
bool IsAliasName(std::string_view text);      // [a-zA-Z0-9:/_-]+
bool IsPrincipal(std::string_view text);      // [\w+=,.@:/-]+
bool IsVaultName(std::string_view text);      // [a-zA-Z0-9_-]{2,50}
bool IsOptionName(std::string_view text);     // [a-zA-Z0-9_.-]{1,50}
bool IsAccountNumber(std::string_view text);  // [0-9]{12}

// The detail of a kConstraint: a required member is missing.
struct MissingMember : ErrorDetail {};

class ShapeReader {
 public:
  template <class T>
  using Read = bool(codec::JsonValue, const Path*, Place, ShapeReader&, T*);

  explicit ShapeReader(ShapeFacts facts = {}) : facts_(facts) {}

  // Each reads `json` into *out. False: a serialization error, after which nothing more is read.
  bool String(codec::JsonValue json, const Path& at, const Bounds& bounds, std::string* out);
  bool String(codec::JsonValue json, const Path& at, std::string* out);
  bool Boolean(codec::JsonValue json, const Path& at, bool* out);
  // Base64; bounds are of the bytes. Texts do not show them.
  bool Blob(codec::JsonValue json, const Path& at, const Bounds& bounds, Bytes* out);
  bool Integer(codec::JsonValue json, const Path& at, const Bounds& bounds, int64_t* out);
  bool Long(codec::JsonValue json, const Path& at, const Bounds& bounds, int64_t* out);
  bool Long(codec::JsonValue json, const Path& at, int64_t* out);
  bool Timestamp(codec::JsonValue json, const Path& at, tidemark::Timestamp* out);
  bool Item(codec::JsonValue json, const Path& at, item::Item* out);
  bool Value(codec::JsonValue json, const Path& at, item::AttributeValue* out);
  bool Names(codec::JsonValue json, const Path& at, expr::NameList* out);

  // `newer`: the text, if not empty, that operations of the newer wording have alone and before all
  // else.
  template <class E>
  bool Enum(codec::JsonValue json, const Path& at, std::span<const std::string_view> texts, E* out,
            std::string_view newer = {}) {
    size_t index = 0;
    if (!EnumIndex(json, at, texts, newer, &index)) return false;
    *out = static_cast<E>(index);
    return true;
  }

  template <class T>
  bool List(codec::JsonValue json, const Path& at, const Bounds& bounds, Place place,
            std::vector<T>* out, Read<T>* read) {
    codec::JsonArray array;
    if (!Array(json, &array)) return false;
    CheckListLength(array.size(), json, at, bounds, place);
    out->reserve(array.size());
    for (codec::JsonValue element : array) {
      Path here{&at, out->size()};
      out->emplace_back();
      if (element.is_null()) {
        Missing(here);
      } else if (!read(element, &here, Place::kElement, *this, &out->back())) {
        return false;
      }
    }
    return true;
  }

  template <class T>
  bool Map(codec::JsonValue json, const Path& at, const Bounds& bounds, const Bounds& key_bounds,
           std::vector<std::pair<std::string, T>>* out, Read<T>* read) {
    codec::JsonObject object;
    if (!Object(json, &object)) return false;
    CheckLength(object.size(), json, at, bounds);
    map_ = json;
    for (auto [key, value] : object) {
      CheckKey(key, json, at, key_bounds);
      Path here{&at, key, Path::Kind::kEntry};
      out->emplace_back(std::string(key), T());
      if (value.is_null()) {
        Missing(here);
      } else if (!read(value, &here, Place::kEntry, *this, &out->back().second)) {
        return false;
      }
    }
    return true;
  }

  bool Structure(codec::JsonValue json, Place place, std::string_view shape,
                 codec::JsonObject* out);
  void Missing(const Path& at);            // "Value null at ...: Member must not be null"
  void Required(std::string_view member);  // "The parameter 'TableName' is required ..."

  // Errors by rank, as above. Faults of values are moved to `faults`, or are an error if it is null.
  Result<void> Finish(ValueFaults* faults);

 private:
  bool FailWith(std::string text);
  bool NoteFault(const Path& at, std::string_view entry, Error error);
  bool FailType(codec::JsonValue json, std::string_view java_type);
  bool Array(codec::JsonValue json, codec::JsonArray* out);
  bool Object(codec::JsonValue json, codec::JsonObject* out);
  bool Whole(codec::JsonValue json, std::string_view java_type, const Path& at,
             const Bounds& bounds, int64_t* out);
  bool EnumIndex(codec::JsonValue json, const Path& at, std::span<const std::string_view> texts,
                 std::string_view newer, size_t* index);
  void CheckLength(size_t length, codec::JsonValue json, const Path& at, const Bounds& bounds);
  void CheckListLength(size_t length, codec::JsonValue json, const Path& at, const Bounds& bounds,
                       Place place);
  void CheckKey(std::string_view key, codec::JsonValue map, const Path& at, const Bounds& bounds);
  void CheckAttributeName(std::string_view name, const Path& at);
  void CheckTableName(std::string_view name, codec::JsonValue json, const Path& at);
  void Violation(codec::JsonValue value, const Path& at, std::string_view constraint,
                 bool newer = false);
  void AddViolation(const Path& at, std::string text);

  void KeepToldAlone();

  struct Told {
    std::string_view member;  // of the input itself; points into the document
    std::string text;
  };

  std::optional<std::string> serialization_;
  std::optional<std::string> required_;
  std::vector<Told> violations_;
  std::string_view newer_;  // of an enum
  bool missing_ = false;
  ValueFaults faults_;
  ShapeFacts facts_;
  codec::JsonValue map_;  // the map being read
};

// The whole of a request's body as one shape. `faults` as for Finish.
template <class T>
Result<T> ParseShape(codec::JsonValue json, ShapeReader::Read<T>* read, ValueFaults* faults,
                     ShapeFacts facts = {}) {
  Result<T> shape{T()};
  ShapeReader reader(facts);
  read(json, nullptr, Place::kElement, reader, &*shape);
  TM_TRYV(reader.Finish(faults));
  return shape;
}

}  // namespace tidemark::api::wire
