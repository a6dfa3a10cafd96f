// The running set-hash of a table: the sum, modulo 2^128, of a hash of each item's row. Adding and
// removing are exact inverses and order does not matter, so a table's hash is maintained per write
// and can be recomputed by a scan. It detects damage and omissions; it is no defence against an
// adversary who chooses items.
#pragma once
#include <cstdint>

#include "base/bytes.h"

namespace tidemark::item {

struct SetHash {
  uint64_t low = 0;
  uint64_t high = 0;
  bool operator==(const SetHash&) const = default;
  SetHash& operator+=(const SetHash& other);
  SetHash& operator-=(const SetHash& other);
  std::string ToHex() const;  // 32 digits
};

SetHash HashRow(BytesView row_key, BytesView row_value);  // XXH3-128 over length-prefixed parts

}  // namespace tidemark::item
