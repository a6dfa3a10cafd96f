// Reads the frames of a local log beside its writer, up to the durable end.
#pragma once
#include <memory>
#include <optional>

#include "log/commit_log.h"
#include "log/local/block_window.h"
#include "log/local/disk.h"
#include "log/local/frame_format.h"
#include "log/local/segment_list.h"

namespace tidemark::log {

// One thread. Shares what it reads from, so it may outlive the log.
class LocalReader : public FrameReader {
 public:
  LocalReader(std::shared_ptr<const Disk> disk, std::shared_ptr<const SegmentList> segments,
              Position from);
  Result<std::optional<Frame>> Next() override;

 private:
  // Opens the segment of `next_` and goes to the mark nearest before it.
  Result<void> OpenSegment(const SegmentList::Place& place);
  // The frame at `next_`, behind which it goes; nullopt: one before the place asked for.
  Result<std::optional<Frame>> FrameAtNext(uint32_t end);
  // The header of the frame at `next_`, which lies before `end`.
  Result<ParsedFrameHeader> HeaderAt(uint32_t end);
  Unexpected FailDamaged(std::string_view what) const;

  const std::shared_ptr<const Disk> disk_;
  const std::shared_ptr<const SegmentList> segments_;
  const Position from_;
  Position next_;                            // always a frame's start, or a segment's end
  std::shared_ptr<const SegmentFile> file_;  // null until the segment of next_ is open
  std::optional<BlockWindow> window_;
};

}  // namespace tidemark::log
