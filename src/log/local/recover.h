// Makes a log's directory ready for a new use.
#pragma once
#include <filesystem>
#include <memory>
#include <vector>

#include "base/result.h"
#include "crypto/data_key.h"
#include "log/local/accepted_file.h"
#include "log/local/disk.h"
#include "log/local/segment_header.h"
#include "log/local/segment_list.h"

namespace tidemark::log {

struct RecoveredLog {
  bool is_new = false;        // nothing is there; log_id is still to be chosen
  bool start_is_bad = false;  // the START file is to be written
  uint64_t log_id = 0;
  uint32_t first_segment = 1;          // for START
  std::vector<SegmentState> segments;  // oldest first, all closed
  uint32_t next_segment = 1;           // the use of a segment that begins now
  SegmentHeader::Before before;        // what its header is to say of the one before
  Timestamp last_commit{};
  uint32_t newest_mark = 0;
  std::vector<DamagedRange> damage;
  std::vector<AcceptedRange> accepted;
  // Segments whose rest behind the end may be cut off once the next segment's header is durable.
  std::vector<std::shared_ptr<const SegmentFile>> cuttable;
};

// Surveys the directory (survey.h), reports what is damaged, removes leftovers of interrupted work
// and syncs the last segment, whose frames may not have been on the disk when the process died.
// Errors: as SurveyLog; kIo, kNoSpace.
Result<RecoveredLog> RecoverLog(const Disk& disk, crypto::DataKeyProvider& keys,
                                const std::filesystem::path& directory);

}  // namespace tidemark::log
