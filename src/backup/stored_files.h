// Files of backups as they lie here, and as blobs of a store.
#pragma once
#include <atomic>
#include <string>
#include <vector>

#include "backup/stored_backup.h"

namespace tidemark::backup {

inline constexpr std::string_view kKeysName = "KEYS";  // differs once data keys are wrapped anew

// WHY always copied, never linked: a copy that shares its blocks with the table goes with them.
Result<blob::FileSource> OpenFileOf(const std::string& directory, const std::string& name);

// Of an image, read whole. kCancelled: `stop`.
Result<std::vector<StoredFile>> HashFiles(const std::string& directory,
                                          const std::atomic<bool>& stop);

// kCorruption: the blob of that name is not the file.
Result<void> CheckStored(const StoredFile& file, const blob::BlobInfo& info);
Result<bool> IsStored(blob::BlobStore& store, const StoredFile& file);
Result<uint64_t> BytesLacked(blob::BlobStore& store, const std::vector<StoredFile>& files);

}  // namespace tidemark::backup
