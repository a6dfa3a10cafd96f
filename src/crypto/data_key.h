// The seam to key management: data keys are made and wrapped there, used here.
#pragma once
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace tidemark::crypto {

struct DataKey {
  Key256 key;
  Bytes wrapped;  // opaque, self-describing (names the wrapping key); safe to store
};

class DataKeyProvider {
 public:
  virtual ~DataKeyProvider() = default;
  // A fresh key wrapped for `context` (e.g. "log us-east-1", "table <id>"); the same context must
  // be given to unwrap. Thread-safe.
  virtual Result<DataKey> Generate(BytesView context) = 0;
  // kCorruption: not wrapped by us or for another context. kKeyDisabled: the wrapping key is off.
  // kNotFound: it is gone for good.
  virtual Result<Key256> Unwrap(BytesView wrapped, BytesView context) = 0;
  // Wraps a key that exists (a file key handed to a new owner).
  virtual Result<Bytes> Wrap(const Key256& key, BytesView context) = 0;
};

}  // namespace tidemark::crypto
