#include "kms/key_use.h"

#include "kms/fault.h"
#include "kms/keys.h"

namespace tidemark::kms {

Result<Bytes> Encrypt(const KeyStore& store, const KeyRecord& key, const EncryptionContext& context,
                      BytesView plain) {
  TM_TRYV(CheckUsable(key));
  const size_t number = key.materials.size() - 1;
  TM_TRY(const auto material, store.Material(key, number));
  return SealMessage(material, {.key = key.id, .material = static_cast<uint32_t>(number)}, context,
                     plain, store.random());
}

Result<Decrypted> Decrypt(const KeyStore& store, const KeyRecord& key,
                          const EncryptionContext& context, BytesView ciphertext) {
  TM_TRYV(CheckUsable(key));
  TM_TRY(const SealedUnder under, ReadSealedUnder(ciphertext));
  if (under.key != key.id) return FailWith(Fault::kInvalidCiphertext, "");
  TM_TRY(const auto material, store.Material(key, under.material));
  TM_TRY(Bytes plain, OpenMessage(material, context, ciphertext));
  return Decrypted{.plain = std::move(plain), .material_id = key.materials[under.material].id};
}

KeyPtr KeyOf(const KeyStore& store, const SealedUnder& under) {
  auto key = store.Find(under.key);
  return key && key->state != KeyState::kDeleted ? key : nullptr;
}

}  // namespace tidemark::kms
