// A look at a commit log's directory from outside, for people: every frame is checked, nothing is
// changed. Beside a running server the newest frame may look unfinished.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/data_key.h"
#include "log/commit_log.h"

namespace tidemark::log {

enum class SegmentCondition {
  kOk,
  kTornTail,  // an unfinished frame at the end, as a crash leaves it: it will be cut
  kDamaged,   // in part: `detail` says where; LogReport::damage what it means
  kUnusable,  // as a whole: `detail` says why
  kMissing,
};
std::string_view ToString(SegmentCondition condition);  // "ok", "torn tail", ...

struct SegmentReport {
  uint32_t number = 0;
  std::string file;  // path
  SegmentCondition condition = SegmentCondition::kOk;
  std::string detail;
  uint32_t end = 0;  // offset just after the last valid frame
  uint64_t frames = 0;
  uint64_t file_bytes = 0;
  Timestamp first_commit{};  // of its valid frames; meaningless without
  Timestamp last_commit{};
};

struct FrameReport {
  Position position;
  Timestamp first_commit{};
  Timestamp last_commit{};
  Timestamp wall{};
  uint64_t payload_bytes = 0;
};

struct LogReport {
  uint64_t log_id = 0;
  std::vector<SegmentReport> segments;  // by number, missing ones too
  std::vector<DamagedRange> damage;     // as opening the log would give it
};

// `on_frame`, if there is one, gets every frame that can be read, in order.
// Errors: kNotFound when there is no log; else as opening it.
Result<LogReport> InspectLog(const std::filesystem::path& directory, crypto::DataKeyProvider& keys,
                             const std::function<void(const FrameReport&)>& on_frame = nullptr);

}  // namespace tidemark::log
