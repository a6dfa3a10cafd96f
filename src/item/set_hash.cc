#include "item/set_hash.h"

#include <fmt/format.h>

#define XXH_STATIC_LINKING_ONLY  // for the state's definition: it lives on the stack
#include <xxhash.h>

#include "codec/varint.h"

namespace tidemark::item {
namespace {

unsigned __int128 Join(const SetHash& hash) {
  return static_cast<unsigned __int128>(hash.high) << 64 | hash.low;
}

SetHash Split(unsigned __int128 sum) {
  return {.low = static_cast<uint64_t>(sum), .high = static_cast<uint64_t>(sum >> 64)};
}

}  // namespace

SetHash& SetHash::operator+=(const SetHash& other) {
  return *this = Split(Join(*this) + Join(other));
}

SetHash& SetHash::operator-=(const SetHash& other) {
  return *this = Split(Join(*this) - Join(other));
}

std::string SetHash::ToHex() const { return fmt::format("{:016x}{:016x}", high, low); }

SetHash HashRow(BytesView row_key, BytesView row_value) {
  // Both lengths come first, so that no byte can move between key and value unnoticed.
  char lengths[16];
  codec::StoreLittle64(row_key.size(), lengths);
  codec::StoreLittle64(row_value.size(), lengths + 8);
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  XXH3_128bits_update(&state, lengths, sizeof lengths);
  XXH3_128bits_update(&state, row_key.data(), row_key.size());
  XXH3_128bits_update(&state, row_value.data(), row_value.size());
  const XXH128_hash_t hash = XXH3_128bits_digest(&state);
  return {.low = hash.low64, .high = hash.high64};
}

}  // namespace tidemark::item
