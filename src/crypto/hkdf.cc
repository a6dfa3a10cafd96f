#include "crypto/hkdf.h"

#include <string>

#include "crypto/hash.h"

namespace tidemark::crypto {

namespace {

BytesView View(const Digest256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

Key256 Hkdf(const Key256& key, BytesView salt, BytesView info) {
  // Extract. An absent salt stands for zeros, which is what HMAC makes of an empty key.
  Digest256 pseudorandom = HmacSha256(salt, key.view());
  // Expand: 32 bytes are one block, T(1) = HMAC(PRK, info | 0x01).
  std::string first_block(info);
  first_block.push_back(1);
  Digest256 output = HmacSha256(View(pseudorandom), first_block);
  Key256 result = Key256::FromBytes(View(output));
  Wipe(pseudorandom.data(), pseudorandom.size());
  Wipe(output.data(), output.size());
  return result;
}

}  // namespace tidemark::crypto
