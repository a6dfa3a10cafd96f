// The commit log of one shard: sealed frames in order. It is the write-ahead log of every table of
// the shard and their history at once. Format: docs/formats/commit_log.md.
//
// Threads: Append, Sync-like calls and Truncate by one writer thread; readers by any, at any time.
// INVARIANT: a frame handed out by a reader was durable when Append returned for it.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "log/position.h"
#include "metrics/histogram.h"

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
  Position next;  // just behind it: CommitLog::Read(next) begins with the one after it
};

// A part of the log whose frames are lost or unreadable. `to` is where reading can go on: the next
// valid frame, or where the first frame of the next segment stands or will stand.
struct DamagedRange {
  Position from, to;      // [from, to)
  std::string what;       // segment, offset, file, cause, and an operator's next step
  bool accepted = false;  // an operator has given up what stood there (`tidemark repair`)
};

// Reads frames in order. When it reaches the durable end, Next() gives nullopt; calling it again
// later continues. Several readers may exist beside the writer.
class FrameReader {
 public:
  virtual ~FrameReader() = default;
  // kCorruption: names segment and offset; every later call gives it again. When the place lies in
  // a range of CommitLog::Damage(), a new reader from the range's `to` goes on behind it.
  // kNotFound: the segment was truncated away. kIo: the disk did not give it.
  virtual Result<std::optional<Frame>> Next() = 0;
};

struct SegmentInfo {
  uint32_t segment = 0;
  Timestamp first_commit;  // of the first frame; meaningless if empty
  Timestamp last_commit;
  uint64_t bytes = 0;  // accepted bytes
  bool closed = false;
};

// Since the log was opened, unless said otherwise.
struct LogStats {
  metrics::HistogramSnapshot group_bytes;  // payloads of frames
  metrics::HistogramSnapshot sync_micros;  // the fdatasync of each frame
  uint64_t frames = 0;
  uint64_t bytes_appended = 0;  // frames as they stand on disk
  // Now:
  uint64_t segments = 0;  // kept, the one being written included
  uint64_t bytes_on_disk = 0;
  uint64_t spares = 0;  // segments ready for use
  uint64_t damage_open = 0;
  uint64_t damage_accepted = 0;  // damaged ranges an operator has given up
};

class CommitLog {
 public:
  virtual ~CommitLog() = default;

  // Seals `payload` as one frame and makes it durable. Blocking. After a failed write or sync the
  // log is poisoned: this and every later call fail with the first error, which is never of these
  // two kinds: kNoSpace for want of room to go on, and kValidation for a payload that fits no
  // segment. Then nothing was written, and a later call may work.
  // Durable: yes, on return. `header.position` is filled in.
  virtual Result<Position> Append(BytesView payload, FrameHeader header) = 0;

  // A reader that starts with the first frame whose position is >= `from`.
  virtual Result<std::unique_ptr<FrameReader>> Read(Position from) = 0;
  // From where to read every change with a commit time >= `time`: the place of the first frame that
  // has one, or not far before. Quick; any thread.
  virtual Position PositionAt(Timestamp time) const;

  virtual uint64_t log_id() const = 0;
  virtual Position begin() const = 0;  // of the oldest frame still kept, or of damage before it
  virtual Position end()
      const = 0;  // just after the last durable frame: where the next would go at the earliest
  virtual Timestamp last_commit() const = 0;  // largest commit time found or written
  virtual std::vector<SegmentInfo> Segments() const = 0;
  virtual uint64_t bytes() const = 0;  // on disk, spare segments included

  // What opening found damaged or missing and truncation has not passed: in order, disjoint. Any
  // thread.
  virtual std::vector<DamagedRange> Damage() const = 0;
  // Cheap; any thread. Zeros where nobody counts, as in the doubles of tests.
  virtual LogStats Stats() const { return {}; }

  // Drops whole segments that lie entirely before `keep_from`; the new start is durable before a
  // file goes. The segment being written is never dropped.
  virtual Result<void> Truncate(Position keep_from) = 0;
};

// Where nothing finer is known: the segment that has the first such change.
inline Position CommitLog::PositionAt(Timestamp time) const {
  for (const SegmentInfo& segment : Segments()) {
    if (segment.last_commit >= time) return {log_id(), segment.segment, 0};
  }
  return end();
}

}  // namespace tidemark::log
