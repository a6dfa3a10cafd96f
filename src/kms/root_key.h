// The root key: the one secret everything stored is encrypted under, a file of its own.
//
//   file = "TMROOTK" version(1 byte: 1) key(32 bytes) crc32(4 bytes, little endian, of all before)
//
// Whoever has the file can read the data; without it nobody can. It stays out of backups.
#pragma once
#include <string>

#include "base/random.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace tidemark::kms {

class RootKey {
 public:
  // Makes a random key and stores it, readable by the owner only. kAlreadyExists: `path` is there
  // (it is left as it is). Durable when it returns.
  static Result<RootKey> Create(const std::string& path, Random& random);
  // kNotFound: no such file. kAccessDenied: others may read it. kCorruption: not a root key file,
  // or a damaged one. Messages say what to do.
  static Result<RootKey> Load(const std::string& path);

  explicit RootKey(const crypto::Key256& key) : key_(key) {}
  const crypto::Key256& key() const { return key_; }
  // 16 hex digits that name the key without telling anything about it.
  std::string Id() const;

 private:
  crypto::Key256 key_;
};

}  // namespace tidemark::kms
