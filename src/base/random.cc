#include "base/random.h"

#include <openssl/rand.h>

#include "base/assert.h"

namespace tidemark {

Bytes Random::String(size_t size) {
  Bytes bytes(size, '\0');
  Fill(bytes.data(), size);
  return bytes;
}

uint64_t Random::Next() {
  uint64_t value;
  Fill(&value, sizeof value);
  return value;
}

void SystemRandom::Fill(void* data, size_t size) {
  TM_ASSERT(RAND_bytes(static_cast<unsigned char*>(data), static_cast<int>(size)) == 1);
}

SystemRandom& TheSystemRandom() {
  static SystemRandom random;
  return random;
}

}  // namespace tidemark
