// The data keys of tables and of their history, wrapped by the customer's key that the table is
// under; all other data keys by the root key.
//
//   wrapped = one byte, 2, then a ciphertext (ciphertext.h) of the 32 bytes with the encryption
//   context {"tidemark": context}; or what RootKeyProvider makes, which begins with 1.
#pragma once
#include <functional>
#include <optional>

#include "crypto/data_key.h"
#include "kms/key_store.h"

namespace tidemark::kms {

// Thread-safe.
class TableKeyProvider : public crypto::DataKeyProvider {
 public:
  // The key a table is under; nothing: the root key. Any thread, quick.
  using KeyOf = std::function<std::optional<KeyId>(TableId)>;

  explicit TableKeyProvider(crypto::DataKeyProvider& root) : root_(root) {}
  // From then on there are customers' keys. At start, before tables are opened.
  void Attach(const KeyStore& store, KeyOf key_of);

  // kKeyDisabled: the key is off, or pending deletion. kNotFound: it is deleted.
  Result<crypto::DataKey> Generate(BytesView context) override;
  Result<crypto::Key256> Unwrap(BytesView wrapped, BytesView context) override;
  Result<Bytes> Wrap(const crypto::Key256& key, BytesView context) override;

 private:
  crypto::DataKeyProvider& root_;
  const KeyStore* store_ = nullptr;
  KeyOf key_of_;
};

}  // namespace tidemark::kms
