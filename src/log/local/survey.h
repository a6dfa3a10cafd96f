// What stands in a log's directory: every frame kept is checked, nothing is changed.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/data_key.h"
#include "log/commit_log.h"
#include "log/local/accepted_file.h"
#include "log/local/disk.h"
#include "log/local/segment_scan.h"

namespace tidemark::log {

struct SurveyedSegment {
  uint32_t number = 0;
  std::filesystem::path path;
  bool exists = false;
  uint64_t file_bytes = 0;
  std::optional<ScannedSegment> scanned;  // nullopt: of no use
  std::string problem;                    // why
};

struct Survey {
  bool is_empty = false;      // no log was ever made here
  bool start_is_bad = false;  // START is missing, or was rebuilt from the segments
  uint64_t log_id = 0;
  uint32_t first = 1;
  uint32_t newest = 0;  // largest number that was begun, there or not
  uint32_t mark = 0;    // what the newest-mark names; 0: there is none
  // From `first` to `newest` without gaps, missing ones too.
  std::vector<SurveyedSegment> segments;
  std::vector<DamagedRange> damage;  // ascending, disjoint
  std::vector<AcceptedRange> accepted;
  // What interrupted steps left: temporary files, segments before the first.
  std::vector<std::filesystem::path> leftovers;

  const SurveyedSegment* LastUsable() const;  // null: there is none
  std::vector<SegmentState> States() const;   // one for each segment, all closed
  // The number of the next use of a segment: that of the newest if nothing was written there.
  uint32_t next() const;
};

// Errors: kKeyDisabled and the like when not one segment's key can be unwrapped; kCorruption when
// neither START nor any segment says which log this is; what listing the directory gives.
Result<Survey> SurveyLog(const Disk& disk, crypto::DataKeyProvider& keys,
                         const std::filesystem::path& directory);

}  // namespace tidemark::log
