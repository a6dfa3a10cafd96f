// What is known of the segments that exist: shared by the writer, which changes it, and the
// readers. Thread-safe.
#pragma once
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/result.h"
#include "crypto/aead.h"
#include "log/commit_log.h"

namespace tidemark::log {

// One use of a segment; never changes.
struct SegmentFile {
  uint32_t number = 0;
  std::filesystem::path path;
  std::shared_ptr<const crypto::Aead> aead;  // shared with readers
};

struct SegmentState {
  std::shared_ptr<const SegmentFile> file;
  uint32_t end = 0;  // durable; just after the last accepted frame
  Timestamp first_commit{};
  Timestamp last_commit{};
  uint64_t file_bytes = 0;
  bool closed = false;
  // Offsets of frames about 1 MiB apart, so that a reader need not walk a segment from its front.
  std::vector<uint32_t> marks;

  // Notes a frame; frames come in order.
  void Accept(const FrameHeader& header, uint32_t new_end);
};

class SegmentList {
 public:
  // INVARIANT: numbers are consecutive; only the last segment is not closed.
  explicit SegmentList(uint64_t log_id) : log_id_(log_id) {}

  void Add(SegmentState segment);                                 // closes the one before
  void AcceptFrame(const FrameHeader& header, uint32_t new_end);  // in the last segment
  void SetFileBytes(uint32_t number, uint64_t bytes);

  struct Place {
    std::shared_ptr<const SegmentFile> file;
    uint32_t end = 0;
    bool closed = false;
    uint32_t mark = 0;  // start of a frame at or before the offset asked for
  };
  // nullopt: the segment does not exist yet. kNotFound: it was truncated away.
  Result<std::optional<Place>> Find(uint32_t number, uint32_t offset) const;

  uint32_t first() const;
  // The first segment that would remain if all that lies before `keep_from` went.
  uint32_t FirstKept(Position keep_from) const;
  // Forgets the segments before `number`, and gives their files.
  std::vector<std::shared_ptr<const SegmentFile>> DropBefore(uint32_t number);

  Position begin() const;
  Position end() const;
  uint64_t file_bytes() const;
  std::vector<SegmentInfo> Infos() const;

 private:
  Position EndLocked() const;

  const uint64_t log_id_;
  mutable std::mutex mutex_;
  std::deque<SegmentState> segments_;
};

}  // namespace tidemark::log
