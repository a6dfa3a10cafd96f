// CommitLog over segments in a directory. See commit_log.h for the promises and threads.
//
// INVARIANT: a frame is entered in `segments_` only after its fdatasync came back well, so a reader
// never sees what a crash could take back. After a failed write or sync nothing is written any
// more.
#pragma once
#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "crypto/data_key.h"
#include "log/commit_log.h"
#include "log/local/accepted_file.h"
#include "log/local/aligned_buffer.h"
#include "log/local/begin_segment.h"
#include "log/local/disk.h"
#include "log/local/segment_list.h"
#include "log/local/segment_preparer.h"
#include "metrics/histogram.h"

namespace tidemark::log {

class LocalLog : public CommitLog {
 public:
  struct Parts {
    std::filesystem::path directory;
    uint32_t segment_bytes = 0;
    uint64_t log_id = 0;
    std::shared_ptr<const Disk> disk;
    std::shared_ptr<SegmentList> segments;  // the last one is `active`, or is still to begin
    std::unique_ptr<SegmentPreparer> preparer;
    std::optional<BegunSegment> active;  // none: the disk had no room for one
    uint32_t next_segment = 1;           // without `active`: its number,
    SegmentHeader::Before before;        // and what its header says of the one before
    uint32_t newest_mark = 0;
    std::vector<AcceptedRange> accepted;
    Timestamp last_commit{};
  };
  LocalLog(Parts parts, crypto::DataKeyProvider& keys);

  Result<Position> Append(BytesView payload, FrameHeader header) override;
  Result<std::unique_ptr<FrameReader>> Read(Position from) override;
  Position PositionAt(Timestamp time) const override { return parts_.segments->At(time); }
  uint64_t log_id() const override { return parts_.log_id; }
  Position begin() const override { return parts_.segments->begin(); }
  Position end() const override { return parts_.segments->end(); }
  Timestamp last_commit() const override { return FromMicros(last_commit_us_.load()); }
  std::vector<SegmentInfo> Segments() const override { return parts_.segments->Infos(); }
  uint64_t bytes() const override;
  std::vector<DamagedRange> Damage() const override { return parts_.segments->Damage(); }
  LogStats Stats() const override;
  Result<void> Truncate(Position keep_from) override;

 private:
  Unexpected Poison(Error error);
  Result<Position> AppendFrame(BytesView payload, FrameHeader header);
  Result<void> NextSegment();
  void ForgetAccepted();
  Result<void> CheckId(Position position) const;

  Parts parts_;
  crypto::DataKeyProvider& keys_;
  AlignedBuffer buffer_;
  std::optional<Error> poison_;
  std::atomic<int64_t> last_commit_us_;
  metrics::Histogram group_bytes_;
  metrics::Histogram sync_micros_;
  std::atomic<uint64_t> bytes_appended_ = 0;
};

}  // namespace tidemark::log
