// Sealing and opening with keys. Quick: no disk. Errors: faults (fault.h).
#pragma once
#include "kms/ciphertext.h"
#include "kms/key_store.h"

namespace tidemark::kms {

// kDisabled, kInvalidState.
Result<Bytes> Encrypt(const KeyStore& store, const KeyRecord& key, const EncryptionContext& context,
                      BytesView plain);
struct Decrypted {
  Bytes plain;
  std::string material_id;
};
// `key` is that of the ciphertext. kDisabled, kInvalidState, kInvalidCiphertext.
Result<Decrypted> Decrypt(const KeyStore& store, const KeyRecord& key,
                          const EncryptionContext& context, BytesView ciphertext);
// Null: a key that is not there.
KeyPtr KeyOf(const KeyStore& store, const SealedUnder& under);

}  // namespace tidemark::kms
