// A backup in a store made of an older one that is there: its files, and one more run, of the rows
// that changed since. So a store grows by what changed, also where compactions have rewritten what
// did not (docs/formats/stored_backup.md).
#pragma once
#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "backup/stored_backup.h"
#include "engine/table_store.h"

namespace tidemark::backup {

// What a copy may be made of.
struct Growth {
  engine::Engine& engine;
  catalog::BackupRecord older;        // of the same table and under the same key, not cold
  std::string older_image;            // its directory here
  std::string directory;              // for what is written meanwhile; goes when the copy ends
  uint64_t spare_bytes = UINT64_MAX;  // that may be written there
};

struct GrownBackup {
  catalog::BackupRecord backup;
  std::string image;
  uint64_t bytes_lacked = 0;  // in the store, of its own files
};

struct GrownFiles {
  std::vector<StoredFile> files;
  std::string made;  // directory of those that the older one has not
};

// Reads both images whole, and writes the run and the KEYS that open all files. Nothing: it is to
// be stored as its own files, since there is nothing to build upon, or that would hardly be less.
// Errors: kCorruption: the image does not hold what the log recorded; kCancelled: `stop`; those of
// the store.
Result<std::optional<GrownFiles>> Grow(blob::BlobStore& store, crypto::DataKeyProvider& keys,
                                       const Growth& growth, const GrownBackup& newer,
                                       const std::atomic<bool>& stop);

}  // namespace tidemark::backup
