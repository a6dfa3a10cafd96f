// AES-256-GCM through OpenSSL's EVP; algorithm fetched once, contexts kept per thread.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace tidemark::crypto {

constexpr size_t kTagBytes = 16;
constexpr size_t kNonceBytes = 12;

// 12 bytes: a 4-byte purpose then a 8-byte counter, big endian. A (key, nonce) pair is used once.
struct Nonce {
  uint32_t purpose = 0;
  uint64_t counter = 0;
};

// A key ready to use (expanded once). Thread-safe.
class Aead {
 public:
  explicit Aead(const Key256& key);
  Aead(const Aead&) = delete;
  Aead& operator=(const Aead&) = delete;
  ~Aead();

  // Writes plain.size() bytes of ciphertext, then kTagBytes of tag, to `out`. `out` may be
  // plain.data() (in place, with room for the tag behind).
  void Seal(Nonce nonce, BytesView aad, BytesView plain, char* out) const;
  // `sealed` = ciphertext + tag; writes sealed.size() - kTagBytes bytes to `out` (may be in place).
  // kCorruption when the tag does not match; `out` then holds nothing usable.
  Result<void> Open(Nonce nonce, BytesView aad, BytesView sealed, char* out) const;

 private:
  struct State;
  State* state_;
};

}  // namespace tidemark::crypto
