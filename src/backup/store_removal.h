// Stored backups deleted, and files freed that nothing needs any more: those of deleted backups,
// and what crashes have left (docs/formats/stored_backup.md for the order of acts, and why it is
// safe beside copies of other servers). Blocking; thread-safe.
#pragma once
#include <set>
#include <string>

#include "backup/store_copies.h"

namespace tidemark::backup {

struct Freed {
  uint64_t files = 0, bytes = 0;
  std::string kept_because;  // "": everything that nothing needs is gone
};

class StoreRemoval {
 public:
  // Borrows everything.
  StoreRemoval(blob::BlobStore& store, crypto::DataKeyProvider& keys, const Clock& clock)
      : store_(store), keys_(keys), clock_(clock) {}

  // The manifest goes first, and the backup with it; then those of its files that no other backup
  // and no copy under way needs. Durable. A crash between the two leaves files for Collect. One
  // that is damaged can be deleted; one of another root key cannot (kCorruption).
  // Errors: kBackupNotFound.
  Result<Freed> Delete(std::string_view manifest, CopyProgress& progress);

  // Frees all files that nothing needs. kCorruption: a manifest or an intent does not open, nobody
  // knows what it needs, and nothing is freed; names it.
  Result<Freed> Collect(CopyProgress& progress);

 private:
  Result<std::set<std::string>> Needed(blob::BlobStore& store) const;
  Result<void> Free(blob::BlobStore& store, const std::set<std::string>& files, Freed* freed) const;
  Result<void> FreeBatch(blob::BlobStore& store, const std::set<std::string>& files,
                         Freed* freed) const;
  Result<void> DropLoneVerdicts(blob::BlobStore& store) const;
  Result<void> DropEndedLeases(blob::BlobStore& store) const;

  blob::BlobStore& store_;
  crypto::DataKeyProvider& keys_;
  const Clock& clock_;
};

}  // namespace tidemark::backup
