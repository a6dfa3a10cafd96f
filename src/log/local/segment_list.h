// What is known of the segments that exist: shared by the writer, which changes it, and the
// readers. Thread-safe.
#pragma once
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/result.h"
#include "crypto/aead.h"
#include "log/commit_log.h"

namespace tidemark::log {

// One use of a segment; never changes.
struct SegmentFile {
  uint32_t number = 0;
  std::filesystem::path path;
  // Shared with readers. Null: there is nothing to read, for the file is missing, of no use or not
  // begun yet.
  std::shared_ptr<const crypto::Aead> aead;
};

struct SegmentState {
  std::shared_ptr<const SegmentFile> file;
  uint32_t end = 0;  // durable; just after the last accepted frame
  Timestamp first_commit{};
  Timestamp last_commit{};
  uint64_t file_bytes = 0;
  bool closed = false;
  // Frames some distance apart, so that a reader need not walk a segment from its front.
  struct Mark {
    uint32_t offset = 0;
    Timestamp first_commit;
  };
  std::vector<Mark> marks;

  // Notes a frame; frames come in order.
  void Accept(const FrameHeader& header, uint32_t new_end);
};

class SegmentList {
 public:
  // INVARIANT: numbers are consecutive; only the last segment is not closed. A segment without an
  // AEAD lies in a damaged range, unless it is the last and not begun yet.
  SegmentList(uint64_t log_id, std::vector<DamagedRange> damage)
      : log_id_(log_id), damage_(std::move(damage)) {}

  // Closes the one before; takes the place of a last one that was not begun.
  void Add(SegmentState segment);
  void AcceptFrame(const FrameHeader& header, uint32_t new_end);  // in the last segment
  void SetFileBytes(uint32_t number, uint64_t bytes);

  struct Place {
    std::shared_ptr<const SegmentFile> file;
    uint32_t end = 0;
    bool closed = false;
    uint32_t mark = 0;  // start of a frame at or before the offset asked for
    // The range `next` lies in.
    std::optional<DamagedRange> damage;
  };
  // Of the segment of `next`. nullopt: it does not exist yet. kNotFound: it was truncated away.
  Result<std::optional<Place>> Find(Position next, uint32_t offset) const;

  uint32_t first() const;
  // The first segment that would remain if all that lies before `keep_from` went.
  uint32_t FirstKept(Position keep_from) const;
  // Forgets the segments before `number` and what was damaged there, and gives them.
  std::vector<SegmentState> DropBefore(uint32_t number);

  // CommitLog::PositionAt.
  Position At(Timestamp time) const;

  std::vector<DamagedRange> Damage() const;
  Position begin() const;
  Position end() const;
  uint64_t file_bytes() const;
  size_t files() const;  // segments that can be read or written
  std::vector<SegmentInfo> Infos() const;

 private:
  Position EndLocked() const;

  const uint64_t log_id_;
  mutable std::mutex mutex_;
  std::deque<SegmentState> segments_;
  std::vector<DamagedRange> damage_;  // ascending, disjoint
};

}  // namespace tidemark::log
