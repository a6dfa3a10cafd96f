// What opening finds in a log's directory.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "crypto/data_key.h"
#include "log/local/disk.h"
#include "log/local/segment_header.h"
#include "log/local/segment_list.h"

namespace tidemark::log {

struct RecoveredLog {
  bool is_new = false;            // nothing is there; log_id is still to be chosen
  bool start_is_missing = false;  // the START file is to be written
  uint64_t log_id = 0;
  std::vector<SegmentState> segments;  // oldest first, all closed
  uint32_t next_segment = 1;           // the use of a segment that begins now
  SegmentHeader::Before before;        // what its header is to say of the one before
  Timestamp last_commit{};
  // Segments whose rest behind the end is all zeros: it may be cut off once the next segment's
  // header is durable.
  std::vector<std::shared_ptr<const SegmentFile>> cuttable;
};

// Removes leftovers of interrupted work, scans every segment and checks that each follows on the
// one before. Syncs the last one, whose frames may not have been on the disk when the process died.
// Errors: kCorruption naming segment, offset and the next step.
Result<RecoveredLog> RecoverLog(const Disk& disk, crypto::DataKeyProvider& keys,
                                const std::filesystem::path& directory);

}  // namespace tidemark::log
