#include "crypto/secret.h"

#include <openssl/crypto.h>

#include <cstring>

#include "base/assert.h"

namespace tidemark::crypto {

void Wipe(void* data, size_t size) { OPENSSL_cleanse(data, size); }

Key256 Key256::Make(Random& random) {
  Key256 key;
  random.Fill(key.bytes_.data(), key.bytes_.size());
  return key;
}

Key256 Key256::FromBytes(BytesView bytes) {
  Key256 key;
  TM_ASSERT(bytes.size() == key.bytes_.size());
  std::memcpy(key.bytes_.data(), bytes.data(), bytes.size());
  return key;
}

}  // namespace tidemark::crypto
