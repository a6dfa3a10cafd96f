#include "log/mem/mem_log.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "metrics/histogram.h"

namespace tidemark::log {
namespace {

constexpr uint64_t kBlockBytes = 4096;
constexpr uint64_t kFrameOverheadBytes = 80;  // header and tag of a frame on disk

struct Segment {
  uint32_t number = 0;
  uint32_t end = kBlockBytes;  // where the next frame would go; the first block is the header's
  std::vector<std::shared_ptr<const Frame>> frames;  // shared: readers copy outside the mutex
};

// Shared by the log and its readers: a reader may outlive the log in a test.
struct State {
  std::mutex mutex;
  std::deque<Segment> segments;  // consecutive numbers; the last is the one being written
  Timestamp last_commit{};
};

class MemReader : public FrameReader {
 public:
  MemReader(std::shared_ptr<State> state, Position next) : state_(std::move(state)), next_(next) {}

  Result<std::optional<Frame>> Next() override {
    TM_TRY(std::shared_ptr<const Frame> frame, Find());
    if (frame == nullptr) return std::nullopt;
    return *frame;
  }

 private:
  Result<std::shared_ptr<const Frame>> Find() {
    std::lock_guard lock(state_->mutex);
    uint32_t first = state_->segments.front().number;
    if (next_.segment < first) {
      return Fail(ErrorKind::kNotFound, "{} was truncated away; the log begins in segment {}",
                  next_.ToString(), first);
    }
    while (next_.segment - first < state_->segments.size()) {
      const Segment& segment = state_->segments[next_.segment - first];
      auto it = std::lower_bound(segment.frames.begin(), segment.frames.end(), next_.offset,
                                 [](const auto& frame, uint32_t offset) {
                                   return frame->header.position.offset < offset;
                                 });
      if (it != segment.frames.end()) {
        next_.offset = (*it)->header.position.offset + 1;
        return *it;
      }
      if (segment.number == state_->segments.back().number) break;
      next_.segment = segment.number + 1;
      next_.offset = 0;
    }
    return std::shared_ptr<const Frame>();
  }

  std::shared_ptr<State> state_;
  Position next_;  // everything before it was handed out
};

class MemLog : public CommitLog {
 public:
  explicit MemLog(MemLogOptions options) : options_(std::move(options)) {
    TM_ASSERT(options_.segment_bytes % kBlockBytes == 0 && options_.segment_bytes > kBlockBytes);
    state_->segments.push_back({.number = 1});
  }

  Result<Position> Append(BytesView payload, FrameHeader header) override {
    if (poison_) return Fail(*poison_);
    uint64_t bytes =
        (kFrameOverheadBytes + payload.size() + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
    if (bytes > options_.segment_bytes - kBlockBytes) {
      return Fail(ErrorKind::kValidation, "a frame of {} bytes never fits a segment of {}", bytes,
                  options_.segment_bytes);
    }
    if (options_.before_append) {
      if (auto ready = options_.before_append(); !ready) {
        poison_ = ready.error();
        return Fail(*poison_);
      }
    }
    auto frame = std::make_shared<Frame>(Frame{header, Bytes(payload), {}});
    std::lock_guard lock(state_->mutex);
    if (state_->segments.back().end + bytes > options_.segment_bytes) {
      state_->segments.push_back({.number = state_->segments.back().number + 1});
    }
    Segment& segment = state_->segments.back();
    Position position{options_.log_id, segment.number, segment.end};
    segment.end += static_cast<uint32_t>(bytes);
    frame->header.position = position;
    frame->next = {options_.log_id, segment.number, segment.end};
    segment.frames.push_back(std::move(frame));
    group_bytes_.Record(payload.size());
    bytes_appended_ += bytes;
    state_->last_commit = std::max(state_->last_commit, header.last_commit);
    return position;
  }

  Result<std::unique_ptr<FrameReader>> Read(Position from) override {
    TM_TRYV(CheckId(from));
    // Older than everything kept means: from the oldest frame kept.
    Position start = begin();
    return std::make_unique<MemReader>(
        state_, std::max(start, Position{options_.log_id, from.segment, from.offset}));
  }

  uint64_t log_id() const override { return options_.log_id; }

  Position begin() const override {
    std::lock_guard lock(state_->mutex);
    for (const Segment& segment : state_->segments) {
      if (!segment.frames.empty()) return segment.frames.front()->header.position;
    }
    return EndLocked();
  }

  Position end() const override {
    std::lock_guard lock(state_->mutex);
    return EndLocked();
  }

  Timestamp last_commit() const override {
    std::lock_guard lock(state_->mutex);
    return state_->last_commit;
  }

  std::vector<SegmentInfo> Segments() const override {
    std::lock_guard lock(state_->mutex);
    std::vector<SegmentInfo> infos;
    for (const Segment& segment : state_->segments) {
      SegmentInfo info{.segment = segment.number, .bytes = segment.end};
      if (!segment.frames.empty()) {
        info.first_commit = segment.frames.front()->header.first_commit;
        info.last_commit = segment.frames.back()->header.last_commit;
      }
      info.closed = segment.number != state_->segments.back().number;
      infos.push_back(info);
    }
    return infos;
  }

  uint64_t bytes() const override {
    std::lock_guard lock(state_->mutex);
    uint64_t sum = 0;
    for (const Segment& segment : state_->segments) sum += segment.end;
    return sum;
  }

  std::vector<DamagedRange> Damage() const override { return {}; }

  LogStats Stats() const override {
    LogStats stats{.group_bytes = group_bytes_.Snapshot(), .sync_micros = {}};
    stats.frames = stats.group_bytes.count;
    stats.bytes_appended = bytes_appended_;
    stats.segments = Segments().size();
    stats.bytes_on_disk = bytes();
    return stats;
  }

  Result<void> Truncate(Position keep_from) override {
    if (poison_) return Fail(*poison_);
    TM_TRYV(CheckId(keep_from));
    std::lock_guard lock(state_->mutex);
    while (state_->segments.size() > 1) {
      const Segment& oldest = state_->segments.front();
      bool before = oldest.number < keep_from.segment ||
                    (oldest.number == keep_from.segment && oldest.end <= keep_from.offset);
      if (!before) break;
      state_->segments.pop_front();
    }
    return {};
  }

 private:
  Result<void> CheckId(Position position) const {
    if (position.log_id == options_.log_id || position.segment == 0) return {};
    return Fail(ErrorKind::kValidation, "{} does not belong to log {}", position.ToString(),
                options_.log_id);
  }
  Position EndLocked() const {
    const Segment& last = state_->segments.back();
    return {options_.log_id, last.number, last.end};
  }

  const MemLogOptions options_;
  std::shared_ptr<State> state_ = std::make_shared<State>();
  std::optional<Error> poison_;  // the writer thread's
  metrics::Histogram group_bytes_;
  std::atomic<uint64_t> bytes_appended_ = 0;
};

}  // namespace

std::unique_ptr<CommitLog> MakeMemLog(uint64_t log_id) {
  return MakeMemLog(MemLogOptions{.log_id = log_id});
}

std::unique_ptr<CommitLog> MakeMemLog(MemLogOptions options) {
  return std::make_unique<MemLog>(std::move(options));
}

}  // namespace tidemark::log
