#include "codec/hex.h"

#include <cstdint>

namespace tidemark::codec {

namespace {

int DigitValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void AppendHex(BytesView bytes, std::string* out) {
  constexpr char kDigits[] = "0123456789abcdef";
  size_t start = out->size();
  out->resize(start + bytes.size() * 2);
  char* to = out->data() + start;
  for (char c : bytes) {
    auto byte = static_cast<uint8_t>(c);
    *to++ = kDigits[byte >> 4];
    *to++ = kDigits[byte & 15];
  }
}

std::string EncodeHex(BytesView bytes) {
  std::string text;
  AppendHex(bytes, &text);
  return text;
}

Result<Bytes> DecodeHex(std::string_view text) {
  if (text.size() % 2 != 0) {
    return Fail(ErrorKind::kSerialization, "hex text of {} digits, an odd number", text.size());
  }
  Bytes bytes(text.size() / 2, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    int high = DigitValue(text[2 * i]);
    int low = DigitValue(text[2 * i + 1]);
    if (high < 0 || low < 0) {
      return Fail(ErrorKind::kSerialization, "not a hex digit near character {}", 2 * i);
    }
    bytes[i] = static_cast<char>(high << 4 | low);
  }
  return bytes;
}

}  // namespace tidemark::codec
