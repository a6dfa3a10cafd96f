#include "shard/log_window.h"

#include <algorithm>

#include "base/log.h"
#include "shard/recovery.h"

namespace tidemark::shard {

class LogWindow::LogHold : public Shard::Hold {
 public:
  explicit LogHold(LogWindow& window) : window_(window) {
    std::lock_guard lock(window_.history_mutex_);
    ++window_.holds_;
  }
  ~LogHold() override {
    std::lock_guard lock(window_.history_mutex_);
    --window_.holds_;
  }

 private:
  LogWindow& window_;
};

std::unique_ptr<Shard::Hold> LogWindow::Hold() { return std::make_unique<LogHold>(*this); }

uint32_t LogWindow::Begin() const {
  const auto segments = log_.Segments();
  uint64_t newer_bytes = 0;
  uint32_t begin = 0;
  for (auto segment = segments.rbegin(); segment != segments.rend(); ++segment) {
    newer_bytes += segment->bytes;
    if (newer_bytes > options_.window_bytes) break;
    begin = segment->segment;
  }
  return begin;
}

void LogWindow::Advance(const std::vector<OpenTablePtr>& tables, log::Position head) {
  log::Position needed = head;
  for (const OpenTablePtr& table : tables) {
    const auto oldest = table->OldestNeeded();
    if (oldest && !table->dropped) needed = std::min(needed, *oldest);
  }
  if (needed > replay_start_ && needed.segment != replay_start_.segment) {
    if (StoreReplayStart(options_.replay_file, needed)) replay_start_ = needed;
  }
  const auto segments = log_.Segments();
  if (segments.size() < 2 || needed.segment <= segments.front().segment) return;
  queue_.OnLogThread([this, needed] { Truncate(needed); });
}

void LogWindow::Finish(const std::vector<OpenTablePtr>& tables) {
  log::Position needed = log_.end();
  for (const OpenTablePtr& table : tables) {
    if (const auto oldest = table->OldestNeeded()) needed = std::min(needed, *oldest);
  }
  (void)StoreReplayStart(options_.replay_file, needed);
}

void LogWindow::Truncate(log::Position needed) {
  std::lock_guard lock(history_mutex_);
  if (holds_ > 0) return;
  if (options_.history_floor) {
    if (const auto floor = options_.history_floor()) needed = std::min(needed, *floor);
  }
  const log::Position without_streams = needed;
  if (options_.stream_floor) {
    if (const auto floor = options_.stream_floor()) needed = std::min(needed, *floor);
  }
  uint64_t stream_bytes = 0;
  for (const log::SegmentInfo& segment : log_.Segments()) {
    if (segment.segment >= needed.segment && segment.segment < without_streams.segment)
      stream_bytes += segment.bytes;
  }
  stream_bytes_ = stream_bytes;
  if (needed.segment <= log_.begin().segment) return;
  if (auto truncated = log_.Truncate(needed); !truncated) {
    LogError("the commit log cannot drop old segments: {}", truncated.error().message);
  }
}

}  // namespace tidemark::shard
