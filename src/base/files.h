// Small files that must be either old or new after a crash, and directories that must be durable.
#pragma once
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace tidemark {

// Makes names in `directory` (creations, renames, removals) durable.
Result<void> SyncDirectory(const std::string& directory);

// Writes `content` aside, syncs it, renames it over `path` and syncs the directory. Durable on
// return.
Result<void> ReplaceFile(const std::string& path, BytesView content, int mode = 0600);

Result<Bytes> ReadFile(const std::string& path);  // kNotFound, kIo

}  // namespace tidemark
