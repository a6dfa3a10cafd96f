// What a key makes of a message: bytes that name the key and its material, and that open only with
// the encryption context they were made with. Layout: docs/formats/keys.md.
#pragma once
#include <cstdint>

#include "base/bytes.h"
#include "base/random.h"
#include "crypto/secret.h"
#include "kms/key_record.h"

namespace tidemark::kms {

// Of which key, and which of its materials.
struct SealedUnder {
  KeyId key;
  uint32_t material = 0;  // number
};

inline constexpr size_t kPlaintextBytesMax = 4096;

// Every message has a key of its own, made of the material and a random salt.
Bytes SealMessage(const crypto::Key256& material, const SealedUnder& under,
                  const EncryptionContext& context, BytesView plain, Random& random);
// Without any key. Fault::kInvalidCiphertext: not made here.
Result<SealedUnder> ReadSealedUnder(BytesView ciphertext);
// Fault::kInvalidCiphertext: changed, or made with another context.
Result<Bytes> OpenMessage(const crypto::Key256& material, const EncryptionContext& context,
                          BytesView ciphertext);

}  // namespace tidemark::kms
