// JSON out: appends to a string; commas are placed by the writer. No document is built.
//   JsonWriter w(&body);
//   w.BeginObject(); w.Key("TableName"); w.String(name); w.Key("ItemCount"); w.Int(7);
//   w.EndObject();
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace tidemark::codec {

void AppendJsonString(std::string_view text, std::string* out);  // quoted and escaped

class JsonWriter {
 public:
  explicit JsonWriter(std::string* out) : out_(out) {}

  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginArray();
  JsonWriter& EndArray();
  JsonWriter& Key(std::string_view key);
  JsonWriter& String(std::string_view value);
  JsonWriter& Int(int64_t value);
  JsonWriter& Double(double value);  // shortest form that reads back
  JsonWriter& Bool(bool value);
  JsonWriter& Null();
  JsonWriter& EpochSeconds(Timestamp value);  // 1489602797.149: seconds, up to 6 digits of fraction
  JsonWriter& EpochMillis(Timestamp value);   // the same cut to milliseconds, as DynamoDB prints
  JsonWriter& Raw(std::string_view json);     // a whole value, already JSON
  // A member in one call.
  JsonWriter& Field(std::string_view key, std::string_view value) { return Key(key).String(value); }
  JsonWriter& Field(std::string_view key, const char* value) { return Key(key).String(value); }
  JsonWriter& Field(std::string_view key, int64_t value) { return Key(key).Int(value); }
  JsonWriter& FieldBool(std::string_view key, bool value) { return Key(key).Bool(value); }

  std::string* out() { return out_; }
  // Before appending a value to out() by hand: places the comma.
  void BeforeValue();

 private:
  std::string* out_;
  bool need_comma_ = false;
};

}  // namespace tidemark::codec
