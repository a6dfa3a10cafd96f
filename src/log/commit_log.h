// The commit log of one shard: sealed frames in order. It is the write-ahead log of every table of
// the shard and their history at once. Format: docs/formats/commit_log.md.
//
// Threads: Append, Sync-like calls and Truncate by one writer thread; readers by any, at any time.
// INVARIANT: a frame handed out by a reader was durable when Append returned for it.
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "log/position.h"

namespace tidemark::log {

struct FrameHeader {
  Position position;
  Timestamp first_commit;  // commit times of the first and last record in the frame
  Timestamp last_commit;
  Timestamp wall;  // raw wall time when it was written
};

struct Frame {
  FrameHeader header;
  Bytes payload;
};

// Reads frames in order. When it reaches the durable end, Next() gives nullopt; calling it again
// later continues. Several readers may exist beside the writer.
class FrameReader {
 public:
  virtual ~FrameReader() = default;
  // kCorruption: names segment and offset. kNotFound: the segment was truncated away.
  virtual Result<std::optional<Frame>> Next() = 0;
};

struct SegmentInfo {
  uint32_t segment = 0;
  Timestamp first_commit;  // of the first frame; meaningless if empty
  Timestamp last_commit;
  uint64_t bytes = 0;  // accepted bytes
  bool closed = false;
};

class CommitLog {
 public:
  virtual ~CommitLog() = default;

  // Seals `payload` as one frame and makes it durable. Blocking. After any failure the log is
  // poisoned: this and every later call fail with the first error (a failed write or sync is
  // final).
  // Durable: yes, on return. `header.position` is filled in.
  virtual Result<Position> Append(BytesView payload, FrameHeader header) = 0;

  // A reader that starts with the first frame whose position is >= `from`.
  virtual Result<std::unique_ptr<FrameReader>> Read(Position from) = 0;

  virtual uint64_t log_id() const = 0;
  virtual Position begin() const = 0;  // of the oldest frame still kept
  virtual Position end()
      const = 0;  // just after the last durable frame: where the next would go at the earliest
  virtual Timestamp last_commit() const = 0;  // largest commit time found or written
  virtual std::vector<SegmentInfo> Segments() const = 0;
  virtual uint64_t bytes() const = 0;  // on disk

  // Drops whole segments that lie entirely before `keep_from`; the new start is durable before a
  // file goes. The segment being written is never dropped.
  virtual Result<void> Truncate(Position keep_from) = 0;
};

}  // namespace tidemark::log
