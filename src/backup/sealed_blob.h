// A small blob that only its root key opens, and under its own name only: manifests and keys.
//
//   blob := magic[8] version:u16 wrapped_size:u16 wrapped sealed[size of the text] tag[16]   little
//   endian
#pragma once
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/data_key.h"

namespace tidemark::backup {

struct SealedBlobKind {
  std::string_view magic;    // 8 bytes
  std::string_view context;  // of the wrapped key: this, and the blob's name
  std::string_view what;     // for texts
};

Result<Bytes> SealBlob(const SealedBlobKind& kind, std::string_view text, std::string_view name,
                       crypto::DataKeyProvider& keys);
// Foreign bytes. kCorruption: it is none of that kind and name, or of another root key.
Result<std::string> OpenBlob(const SealedBlobKind& kind, BytesView blob, std::string_view name,
                             crypto::DataKeyProvider& keys);

// The wrapped key, unchecked: it names its root key. kCorruption.
Result<Bytes> WrappedKeyOf(const SealedBlobKind& kind, BytesView blob);

}  // namespace tidemark::backup
