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

// Opens (or makes) the log and scans it: accepts everything up to a torn tail, which is cut; starts
// a new segment (never rewrites an offset under the same key). `keys` must outlive the log. The
// caller sees to it that only one process opens a directory.
// Errors: kCorruption naming segment and offset when a frame in front of accepted ones is damaged,
// or a segment in the middle is missing. Durable: an empty log is, on return.
//
// Append fails with kValidation, and without poisoning the log, for a payload whose frame never
// fits a segment.
Result<std::unique_ptr<CommitLog>> OpenLocalLog(const LocalLogOptions& options,
                                                crypto::DataKeyProvider& keys, Random& random);

}  // namespace tidemark::log
