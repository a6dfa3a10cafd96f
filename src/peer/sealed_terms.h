// The terms of a copy, readable only for who knows the secret access key that both servers use.
//
//   sealed := version:u8=1 salt[32] ciphertext tag[16]
//
// AES-256-GCM under HKDF-SHA256(SHA-256(secret), salt, "tidemark copy to a peer 1") with nonce 0:
// the salt is random, so every message has a key of its own. Additional data: the job's id.
#pragma once
#include <string_view>

#include "base/random.h"
#include "peer/copy_message.h"

namespace tidemark::peer {

Bytes SealTerms(const CopyTerms& terms, std::string_view secret, std::string_view job,
                Random& random);
// Foreign bytes. kCorruption: of another secret or job, or changed. kSerialization.
Result<CopyTerms> OpenTerms(BytesView sealed, std::string_view secret, std::string_view job);

}  // namespace tidemark::peer
