// How one image differs from an older one of the same table, as a run that makes the one of the
// other: rows that were put, with their values, and rows that were deleted.
#pragma once
#include <atomic>
#include <string>

#include "engine/table_store.h"
#include "pitr/row_sums.h"

namespace tidemark::backup {

// Bytes that a copy would send, below which they are sent as they are.
constexpr uint64_t kWorthChanges = 1 << 20;
// Bytes of a run that are worth it where else so many would be sent.
constexpr uint64_t ChangesMax(uint64_t bytes_lacked) { return bytes_lacked / 2; }

struct ImagePair {
  std::string older, newer;  // directories
};

// What the rows of both add up to, read to their ends.
struct ImageSums {
  pitr::RowSums older, newer;
};

struct ChangesWanted {
  uint64_t bytes_max = UINT64_MAX;  // of the run: one that grows beyond is not written to its end
  ImageSums* sums = nullptr;        // wanted by whoever knows that all values are items
};

// Reads both whole, and writes `directory`/changes/run.sst, sealed under a key of the newer image;
// no file if they hold the same. Bytes of it; above `bytes_max` there is no file, and the sums are
// of no use. Durable. What `directory` held before is removed.
// kCancelled: `stop`; kKeyDisabled, kCorruption, kIo, kNoSpace.
Result<uint64_t> WriteChanges(engine::Engine& engine, const ImagePair& images,
                              const std::string& directory, const std::atomic<bool>& stop,
                              const ChangesWanted& wanted = {});

}  // namespace tidemark::backup
