#include "sigv4/uri.h"

#include <array>
#include <cstdint>

namespace tidemark::sigv4 {

namespace {

constexpr std::array<bool, 256> MakeUnreserved() {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[c] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[c] = table[c - 'a' + 'A'] = true;
  for (char c : {'-', '.', '_', '~'}) table[static_cast<uint8_t>(c)] = true;
  return table;
}
constexpr auto kUnreserved = MakeUnreserved();

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void AppendUriEncoded(std::string_view text, std::string* out) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  for (char c : text) {
    auto byte = static_cast<uint8_t>(c);
    if (kUnreserved[byte]) {
      out->push_back(c);
    } else {
      char encoded[3] = {'%', kDigits[byte >> 4], kDigits[byte & 15]};
      out->append(encoded, sizeof encoded);
    }
  }
}

std::string DecodeQueryPart(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      int high = HexValue(text[i + 1]), low = HexValue(text[i + 2]);
      if (high >= 0 && low >= 0) {
        decoded.push_back(static_cast<char>(high << 4 | low));
        i += 2;
        continue;
      }
    }
    decoded.push_back(text[i] == '+' ? ' ' : text[i]);
  }
  return decoded;
}

std::optional<std::string> FindQueryParameter(std::string_view query, std::string_view name) {
  std::optional<std::string> found;
  ForEachQueryPart(query, [&](std::string_view raw_name, std::string_view raw_value) {
    if (!found && DecodeQueryPart(raw_name) == name) found = DecodeQueryPart(raw_value);
  });
  return found;
}

}  // namespace tidemark::sigv4
