// A key provider for tests: keys wrapped by one fixed key, which can be switched off.
#pragma once
#include <atomic>

#include "base/random.h"
#include "crypto/aead.h"
#include "crypto/data_key.h"

namespace tidemark::engine {

class TestKeys : public crypto::DataKeyProvider {
 public:
  explicit TestKeys(char fill = 'k') : aead_(crypto::Key256::FromBytes(Bytes(32, fill))) {}

  Result<crypto::DataKey> Generate(BytesView context) override {
    crypto::DataKey key{.key = crypto::Key256::Make(TheSystemRandom()), .wrapped = {}};
    TM_TRY(key.wrapped, Wrap(key.key, context));
    return key;
  }
  Result<crypto::Key256> Unwrap(BytesView wrapped, BytesView context) override {
    if (disabled) return Fail(ErrorKind::kKeyDisabled, "the test key is off");
    char plain[32];
    if (wrapped.size() != 56) return Fail(ErrorKind::kCorruption, "not a wrapped key");
    TM_TRYV(aead_.Open(NonceOf(wrapped), context, wrapped.substr(8), plain));
    return crypto::Key256::FromBytes({plain, 32});
  }
  Result<Bytes> Wrap(const crypto::Key256& key, BytesView context) override {
    Bytes wrapped = TheSystemRandom().String(8);
    wrapped.resize(56);
    aead_.Seal(NonceOf(wrapped), context, key.view(), wrapped.data() + 8);
    return wrapped;
  }

  std::atomic<bool> disabled = false;

 private:
  static crypto::Nonce NonceOf(BytesView wrapped) {
    crypto::Nonce nonce;
    for (int i = 0; i < 8; ++i) {
      nonce.counter = nonce.counter << 8 | static_cast<uint8_t>(wrapped[i]);
    }
    return nonce;
  }
  crypto::Aead aead_;
};

}  // namespace tidemark::engine
