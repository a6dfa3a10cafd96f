#include "codec/json_writer.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <experimental/simd>

#include "base/assert.h"

namespace tidemark::codec {

namespace {

bool NeedsEscape(unsigned char c) { return c < 0x20 || c == '"' || c == '\\'; }

namespace stdx = std::experimental;
using Lanes = stdx::native_simd<uint8_t>;  // as many bytes as one instruction looks at

// Whether none of at most Lanes::size() bytes needs an escape.
bool IsPlain(std::string_view chunk) {
  uint8_t padded[Lanes::size()];
  const auto* at = reinterpret_cast<const uint8_t*>(chunk.data());
  if (chunk.size() < Lanes::size()) {
    std::memset(padded, ' ', sizeof padded);
    std::memcpy(padded, at, chunk.size());
    at = padded;
  }
  const Lanes bytes(at, stdx::element_aligned);
  return stdx::none_of(bytes < uint8_t{0x20} || bytes == uint8_t{'"'} || bytes == uint8_t{'\\'});
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
  for (size_t i = 0; i < text.size();) {
    const size_t end = std::min(i + Lanes::size(), text.size());
    if (IsPlain(text.substr(i, end - i))) {
      i = end;
      continue;
    }
    for (; i < end; ++i) {
      const auto c = static_cast<unsigned char>(text[i]);
      if (!NeedsEscape(c)) continue;
      out->append(text, plain_from, i - plain_from);
      AppendEscaped(c, out);
      plain_from = i + 1;
    }
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
