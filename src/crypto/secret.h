// Key bytes that are wiped when they go.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/random.h"

namespace tidemark::crypto {

void Wipe(void* data, size_t size);  // not optimised away

// A 256-bit key. Copyable; every copy wipes itself.
class Key256 {
 public:
  Key256() = default;
  Key256(const Key256&) = default;
  Key256& operator=(const Key256&) = default;
  ~Key256() { Wipe(bytes_.data(), bytes_.size()); }

  static Key256 Make(Random& random);
  static Key256 FromBytes(BytesView bytes);  // exactly 32
  BytesView view() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }
  const uint8_t* data() const { return bytes_.data(); }
  bool operator==(const Key256&) const = default;

 private:
  std::array<uint8_t, 32> bytes_{};
};

}  // namespace tidemark::crypto
