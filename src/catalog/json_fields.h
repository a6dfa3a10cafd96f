// Reading catalog records from JSON, of this module and of others that keep theirs likewise.
// Records were written by this program, so a member that is missing or of another type means
// damage: it throws, and DecodeRecord turns that into kCorruption.
#pragma once
#include <boost/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "codec/base64.h"

namespace tidemark::catalog {

namespace json = boost::json;

class Fields {
 public:
  explicit Fields(const json::object& object) : object_(object) {}

  bool Has(std::string_view name) const { return object_.contains(name); }
  std::string Text(std::string_view name) const {
    return std::string(object_.at(name).as_string());
  }
  bool Bool(std::string_view name) const { return object_.at(name).as_bool(); }
  int64_t Int(std::string_view name) const { return object_.at(name).to_number<int64_t>(); }
  int64_t Int(std::string_view name, int64_t low, int64_t high) const {
    const int64_t value = Int(name);
    if (value < low || value > high) throw std::out_of_range(std::string(name));
    return value;
  }
  // Unsigned 64-bit numbers are written as text: JSON readers cut them to 53 bits.
  uint64_t Unsigned(std::string_view name) const { return std::stoull(Text(name)); }
  Timestamp Time(std::string_view name) const { return FromMicros(Int(name)); }
  Bytes Binary(std::string_view name) const {
    auto bytes = codec::DecodeBase64(Text(name));
    if (!bytes) throw std::invalid_argument(bytes.error().message);
    return *std::move(bytes);
  }
  template <class T>
  T Id(std::string_view name) const {
    auto id = T::Parse(Text(name));
    if (!id) throw std::invalid_argument(id.error().message);
    return *id;
  }
  std::vector<std::string> Texts(std::string_view name) const {
    std::vector<std::string> all;
    for (const json::value& value : object_.at(name).as_array())
      all.emplace_back(value.as_string());
    return all;
  }
  Fields Object(std::string_view name) const { return Fields(object_.at(name).as_object()); }
  std::vector<std::string> Names() const {  // of all members
    std::vector<std::string> names;
    for (const auto& member : object_) names.emplace_back(member.key().data(), member.key().size());
    return names;
  }
  std::vector<Fields> Objects(std::string_view name) const {
    std::vector<Fields> all;
    for (const json::value& value : object_.at(name).as_array())
      all.emplace_back(value.as_object());
    return all;
  }

 private:
  const json::object& object_;
};

template <class Record>
Result<Record> DecodeRecord(std::string_view text, int64_t version, std::string_view what,
                            Record (*read)(Fields)) {
  try {
    const json::value value = json::parse(json::string_view(text.data(), text.size()));
    Fields fields(value.as_object());
    if (fields.Int("version") != version) {
      return Fail(ErrorKind::kCorruption,
                  "a {} record has format version {}; this program reads version {}", what,
                  fields.Int("version"), version);
    }
    return read(fields);
  } catch (const std::exception& e) {
    return Fail(ErrorKind::kCorruption, "a {} record does not decode: {}", what, e.what());
  }
}

}  // namespace tidemark::catalog
