// The commit log in files of a local directory: prewritten segments, O_DIRECT, one fdatasync per
// frame.
#pragma once
#include <filesystem>
#include <memory>

#include "base/random.h"
#include "crypto/data_key.h"
#include "log/commit_log.h"

namespace tidemark::log {

// A group may be one transaction of 4 MB with its index rows: no smaller segments in production.
constexpr uint32_t kSegmentBytesMinProduction = 32 << 20;

struct LocalLogOptions {
  std::filesystem::path directory;    // made if absent
  uint32_t segment_bytes = 64 << 20;  // multiple of 4 KiB; may differ between openings
  bool direct_io = true;              // falls back by itself where it is refused
};

// Opens (or makes) the log and scans it: cuts a torn tail, starts a new segment (never rewrites an
// offset under the same key). What is damaged or missing elsewhere does not fail it: Damage() and
// the log tell, and all else can be read. `keys` must outlive the log. The caller sees to it that
// only one process opens a directory.
// Errors: kKeyDisabled and the like when no segment's key can be unwrapped; kCorruption when neither
// START nor a segment says which log this is; kIo, kNoSpace. Durable: an empty log is, on return.
//
// Append fails with kValidation, and without poisoning the log, for a payload whose frame never
// fits a segment; and with kNoSpace, likewise, while the disk has no room for the next segment,
// which may be so at opening already. Nothing was written then, and it works again once there is
// room.
Result<std::unique_ptr<CommitLog>> OpenLocalLog(const LocalLogOptions& options,
                                                crypto::DataKeyProvider& keys, Random& random);

}  // namespace tidemark::log
