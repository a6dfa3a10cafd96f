// A key provider for tests: keys wrapped by a fixed pad, so that any instance unwraps what another
// made.
#pragma once
#include "base/random.h"
#include "crypto/data_key.h"
#include "crypto/hash.h"

namespace tidemark::shard {

class TestKeys : public crypto::DataKeyProvider {
 public:
  Result<crypto::DataKey> Generate(BytesView context) override {
    const auto key = crypto::Key256::Make(TheSystemRandom());
    TM_TRY(Bytes wrapped, Wrap(key, context));
    return crypto::DataKey{.key = key, .wrapped = std::move(wrapped)};
  }
  Result<crypto::Key256> Unwrap(BytesView wrapped, BytesView context) override {
    if (wrapped.size() != 32) return Fail(ErrorKind::kCorruption, "not a wrapped key");
    return crypto::Key256::FromBytes(Padded(wrapped, context));
  }
  Result<Bytes> Wrap(const crypto::Key256& key, BytesView context) override {
    return Padded(key.view(), context);
  }

 private:
  static Bytes Padded(BytesView bytes, BytesView context) {
    const crypto::Digest256 pad = crypto::Sha256(context);
    Bytes out(bytes);
    for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<char>(out[i] ^ pad[i]);
    return out;
  }
};

}  // namespace tidemark::shard
