// How one image differs from an older one of the same table, as a run that makes the one of the
// other: rows that were put, with their values, and rows that were deleted.
#pragma once
#include <atomic>
#include <string>

#include "engine/table_store.h"

namespace tidemark::backup {

struct ImagePair {
  std::string older, newer;  // directories
};

// Reads both whole, and writes `directory`/changes/run.sst, sealed under a key of the newer image;
// no file if they hold the same. Bytes of it. Durable. What `directory` held before is removed.
// kCancelled: `stop`; kKeyDisabled, kCorruption, kIo, kNoSpace.
Result<uint64_t> WriteChanges(engine::Engine& engine, const ImagePair& images,
                              const std::string& directory, const std::atomic<bool>& stop);

}  // namespace tidemark::backup
