// What was read of the log lately, so that many readers of one stretch decode it once. Thread-safe.
#pragma once
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "log/commit_log.h"
#include "streams/record.h"

namespace tidemark::streams {

struct StreamFrame {
  log::Position position;
  log::Position next;
  Timestamp last_commit;
  std::vector<Change> changes;  // in order; of tables with streams only
  uint64_t bytes = 0;           // in memory, roughly
};
using StreamFramePtr = std::shared_ptr<const StreamFrame>;

Result<StreamFramePtr> DecodeFrame(const log::Frame& frame);  // kCorruption

class FrameCache {
 public:
  explicit FrameCache(uint64_t bytes_max) : bytes_max_(bytes_max) {}

  // The first frame at or behind `from`, if it was asked for with this very position before.
  StreamFramePtr Find(log::Position from);
  void Put(log::Position from, StreamFramePtr frame);
  uint64_t bytes() const;

 private:
  using Uses = std::list<std::pair<log::Position, StreamFramePtr>>;  // the latest first

  const uint64_t bytes_max_;
  mutable std::mutex mutex_;
  Uses uses_;
  std::map<log::Position, Uses::iterator> frames_;
  uint64_t bytes_ = 0;
};

}  // namespace tidemark::streams
