#include "codec/json_writer.h"

#include <charconv>
#include <cmath>
#include <cstring>

#include "base/assert.h"

namespace tidemark::codec {

namespace {

bool NeedsEscape(unsigned char c) { return c < 0x20 || c == '"' || c == '\\'; }

// True when none of the eight bytes needs an escape. May be false without cause (a byte above a
// matching one); the caller then looks at single bytes.
bool EightPlainBytes(const char* at) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHighs = 0x8080808080808080;
  uint64_t v;
  std::memcpy(&v, at, sizeof v);
  uint64_t quote = v ^ (kOnes * '"');
  uint64_t backslash = v ^ (kOnes * '\\');
  uint64_t hit =
      ((v - kOnes * 0x20) & ~v) | ((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash);
  return (hit & kHighs) == 0;
}

void AppendEscaped(unsigned char c, std::string* out) {
  switch (c) {
    case '"':
      out->append("\\\"");
      return;
    case '\\':
      out->append("\\\\");
      return;
    case '\n':
      out->append("\\n");
      return;
    case '\r':
      out->append("\\r");
      return;
    case '\t':
      out->append("\\t");
      return;
    case '\b':
      out->append("\\b");
      return;
    case '\f':
      out->append("\\f");
      return;
    default:
      break;
  }
  constexpr char kDigits[] = "0123456789abcdef";
  char text[6] = {'\\', 'u', '0', '0', kDigits[c >> 4], kDigits[c & 15]};
  out->append(text, sizeof text);
}

// `ticks` of 1/`per_second` seconds as a decimal number without trailing zeros.
void AppendSeconds(int64_t ticks, int64_t per_second, int digits, std::string* out) {
  auto magnitude = static_cast<uint64_t>(ticks);
  if (ticks < 0) {
    out->push_back('-');
    magnitude = 0 - magnitude;
  }
  char text[32];
  auto unit = static_cast<uint64_t>(per_second);
  auto end = std::to_chars(text, text + sizeof text, magnitude / unit).ptr;
  uint64_t fraction = magnitude % unit;
  if (fraction != 0) {
    *end = '.';
    for (int i = digits; i > 0; --i, fraction /= 10) {
      end[i] = static_cast<char>('0' + fraction % 10);
    }
    end += digits + 1;
    while (end[-1] == '0') --end;
  }
  out->append(text, end);
}

}  // namespace

void AppendJsonString(std::string_view text, std::string* out) {
  out->reserve(out->size() + text.size() + 2);  // exact when nothing needs an escape
  out->push_back('"');
  size_t plain_from = 0;
  size_t i = 0;
  while (i < text.size()) {
    if (i + 8 <= text.size() && EightPlainBytes(text.data() + i)) {
      i += 8;
      continue;
    }
    auto c = static_cast<unsigned char>(text[i]);
    if (NeedsEscape(c)) {
      out->append(text, plain_from, i - plain_from);
      AppendEscaped(c, out);
      plain_from = i + 1;
    }
    ++i;
  }
  out->append(text, plain_from);
  out->push_back('"');
}

void JsonWriter::BeforeValue() {
  if (need_comma_) out_->push_back(',');
  need_comma_ = true;
}

JsonWriter& JsonWriter::BeginObject() {
  BeforeValue();
  out_->push_back('{');
  need_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::EndObject() {
  out_->push_back('}');
  need_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::BeginArray() {
  BeforeValue();
  out_->push_back('[');
  need_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::EndArray() {
  out_->push_back(']');
  need_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::Key(std::string_view key) {
  BeforeValue();
  AppendJsonString(key, out_);
  out_->push_back(':');
  need_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view value) {
  BeforeValue();
  AppendJsonString(value, out_);
  return *this;
}

JsonWriter& JsonWriter::Int(int64_t value) {
  BeforeValue();
  char text[24];
  out_->append(text, std::to_chars(text, text + sizeof text, value).ptr);
  return *this;
}

JsonWriter& JsonWriter::Double(double value) {
  TM_ASSERT(std::isfinite(value));  // JSON has no word for the others
  BeforeValue();
  char text[32];
  out_->append(text, std::to_chars(text, text + sizeof text, value).ptr);
  return *this;
}

JsonWriter& JsonWriter::Bool(bool value) {
  BeforeValue();
  out_->append(value ? "true" : "false");
  return *this;
}

JsonWriter& JsonWriter::Null() {
  BeforeValue();
  out_->append("null");
  return *this;
}

JsonWriter& JsonWriter::EpochSeconds(Timestamp value) {
  BeforeValue();
  AppendSeconds(ToMicros(value), 1'000'000, 6, out_);
  return *this;
}

JsonWriter& JsonWriter::EpochMillis(Timestamp value) {
  BeforeValue();
  auto millis = std::chrono::floor<std::chrono::milliseconds>(value).time_since_epoch().count();
  AppendSeconds(millis, 1'000, 3, out_);
  return *this;
}

JsonWriter& JsonWriter::Raw(std::string_view json) {
  BeforeValue();
  out_->append(json);
  return *this;
}

}  // namespace tidemark::codec
