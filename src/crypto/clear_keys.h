// Data keys in clear, for tests.
#pragma once
#include "crypto/data_key.h"

namespace tidemark::crypto {

// Wrapped: the key, then its context, which may be another one when it is unwrapped.
class ClearKeys : public DataKeyProvider {
 public:
  Result<DataKey> Generate(BytesView context) override {
    const auto key = Key256::Make(TheSystemRandom());
    return DataKey{key, *Wrap(key, context)};
  }
  Result<Key256> Unwrap(BytesView wrapped, BytesView) override {
    return Key256::FromBytes(wrapped.substr(0, 32));
  }
  Result<Bytes> Wrap(const Key256& key, BytesView context) override {
    return Bytes(key.view()) + Bytes(context);
  }
};

}  // namespace tidemark::crypto
