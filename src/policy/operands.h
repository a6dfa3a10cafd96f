// What operands and context values of typed condition operators stand for. Nothing: the text cannot
// be read so.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"

namespace tidemark::policy {

// A block of addresses, "10.0.0.0/8", "2001:db8::/32"; one address is a block of itself.
struct AddressBlock {
  std::array<uint8_t, 16> bytes{};  // IPv4 as ::ffff:a.b.c.d
  int prefix = 128;                 // leading bits that count
  bool Contains(const AddressBlock& other) const;
};

std::optional<double> ReadNumber(const std::string& text);
std::optional<Timestamp> ReadDate(const std::string& text);  // ISO-8601 or epoch seconds
std::optional<bool> ReadBool(const std::string& text);       // "true", "false" in any case
std::optional<Bytes> ReadBinary(const std::string& text);    // base64
std::optional<AddressBlock> ReadBlock(const std::string& text);

}  // namespace tidemark::policy
