// Customers' keys beside the backups that need them (docs/formats/stored_backup.md): all keys of
// this server, with aliases and grants, sealed by the root key as manifests are. They follow what
// becomes of the keys here: a key that is deleted here goes from the store too.
#pragma once
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "backup/store_copies.h"
#include "kms/key_store.h"

namespace tidemark::backup {

class StoredKeys {
 public:
  // Borrows everything.
  StoredKeys(blob::BlobStore& store, crypto::DataKeyProvider& root_keys, kms::KeyStore& keys)
      : store_(store), root_keys_(root_keys), keys_(keys) {}

  bool Behind() const;  // whether there is something to do; quick
  // Makes the store's keys like those here. Blocking, one thread. What it did before an error is
  // not done again.
  Result<void> Follow(CopyProgress& progress);

  // Takes over keys of the store that are unknown here. Blocking. Gives what is wrong with those
  // that do not open.
  Result<std::vector<std::string>> Bring();

 private:
  Result<void> Look(blob::BlobStore& store);
  std::map<kms::KeyId, std::string> Wanted() const;

  blob::BlobStore& store_;
  crypto::DataKeyProvider& root_keys_;
  kms::KeyStore& keys_;
  mutable std::mutex mutex_;
  bool looked_ = false;
  // As they were put by this process; "": by an earlier one.
  std::map<kms::KeyId, std::string> stored_;
};

}  // namespace tidemark::backup
