#include "codec/base64.h"

#include <array>
#include <cstdint>

namespace tidemark::codec {

namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint32_t kBad = 0x80000000;

constexpr std::array<uint32_t, 256> MakeValues() {
  std::array<uint32_t, 256> values{};
  values.fill(kBad);
  for (uint32_t i = 0; i < 64; ++i) values[static_cast<unsigned char>(kAlphabet[i])] = i;
  return values;
}
constexpr auto kValues = MakeValues();

uint32_t ValueOf(char c) { return kValues[static_cast<unsigned char>(c)]; }

Unexpected NotBase64(size_t position) {
  return Fail(ErrorKind::kSerialization, "not base64 at character {}", position);
}

}  // namespace

void AppendBase64(BytesView bytes, std::string* out) {
  size_t start = out->size();
  out->resize(start + (bytes.size() + 2) / 3 * 4);
  char* to = out->data() + start;
  auto from = reinterpret_cast<const uint8_t*>(bytes.data());
  size_t left = bytes.size();
  for (; left >= 3; left -= 3, from += 3, to += 4) {
    uint32_t v = uint32_t{from[0]} << 16 | uint32_t{from[1]} << 8 | from[2];
    to[0] = kAlphabet[v >> 18];
    to[1] = kAlphabet[v >> 12 & 63];
    to[2] = kAlphabet[v >> 6 & 63];
    to[3] = kAlphabet[v & 63];
  }
  if (left == 0) return;
  uint32_t v = uint32_t{from[0]} << 16 | (left == 2 ? uint32_t{from[1]} << 8 : 0);
  to[0] = kAlphabet[v >> 18];
  to[1] = kAlphabet[v >> 12 & 63];
  to[2] = left == 2 ? kAlphabet[v >> 6 & 63] : '=';
  to[3] = '=';
}

std::string EncodeBase64(BytesView bytes) {
  std::string text;
  AppendBase64(bytes, &text);
  return text;
}

Result<void> AppendFromBase64(std::string_view text, Bytes* out) {
  if (text.size() % 4 != 0) {
    return Fail(ErrorKind::kSerialization, "base64 of {} characters, not a multiple of 4",
                text.size());
  }
  if (text.empty()) return {};
  size_t padding = text.back() != '=' ? 0 : text[text.size() - 2] != '=' ? 1 : 2;
  size_t whole = text.size() / 4 - (padding != 0);
  size_t start = out->size();
  out->resize(start + whole * 3 + (padding != 0 ? 3 - padding : 0));
  char* to = out->data() + start;
  const char* from = text.data();
  for (size_t i = 0; i < whole; ++i, from += 4, to += 3) {
    uint32_t v =
        ValueOf(from[0]) << 18 | ValueOf(from[1]) << 12 | ValueOf(from[2]) << 6 | ValueOf(from[3]);
    // Shifts move kBad out of the word, so the four values are also joined unshifted.
    if ((ValueOf(from[0]) | ValueOf(from[1]) | ValueOf(from[2]) | ValueOf(from[3])) & kBad) {
      out->resize(start);
      return NotBase64(i * 4);
    }
    to[0] = static_cast<char>(v >> 16);
    to[1] = static_cast<char>(v >> 8);
    to[2] = static_cast<char>(v);
  }
  if (padding == 0) return {};
  uint32_t a = ValueOf(from[0]), b = ValueOf(from[1]);
  uint32_t c = padding == 1 ? ValueOf(from[2]) : 0;
  uint32_t unused_bits = padding == 1 ? c & 3 : b & 15;
  if (((a | b | c) & kBad) != 0 || unused_bits != 0) {
    out->resize(start);
    return NotBase64(whole * 4);
  }
  to[0] = static_cast<char>(a << 2 | b >> 4);
  if (padding == 1) to[1] = static_cast<char>(b << 4 | c >> 2);
  return {};
}

Result<Bytes> DecodeBase64(std::string_view text) {
  Bytes bytes;
  TM_TRYV(AppendFromBase64(text, &bytes));
  return bytes;
}

}  // namespace tidemark::codec
