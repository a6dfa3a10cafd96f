// Data keys wrapped by the root key alone: for the log and the catalog, which must open before any
// KMS key can be looked up.
//
//   wrapped = version(1 byte: 1) root key id(8) nonce(12) sealed key(32) tag(16)
//   sealed with AES-256-GCM under HKDF(root key, salt "tidemark data key", info = context);
//   version and id are authenticated with it.
#pragma once
#include "base/random.h"
#include "crypto/data_key.h"
#include "kms/root_key.h"

namespace tidemark::kms {

// Which root key has wrapped it (RootKey::Id), as it says itself; "" if it does not read.
std::string WrappedBy(BytesView wrapped);

// Thread-safe.
class RootKeyProvider : public crypto::DataKeyProvider {
 public:
  RootKeyProvider(RootKey root, Random& random);

  Result<crypto::DataKey> Generate(BytesView context) override;
  Result<crypto::Key256> Unwrap(BytesView wrapped, BytesView context) override;
  Result<Bytes> Wrap(const crypto::Key256& key, BytesView context) override;

 private:
  const RootKey root_;
  const Bytes header_;  // version and root key id
  Random& random_;
};

}  // namespace tidemark::kms
