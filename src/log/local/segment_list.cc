#include "log/local/segment_list.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "log/local/frame_format.h"

namespace tidemark::log {
namespace {
constexpr uint32_t kMarkDistanceBytes = 128 << 10;
}  // namespace

void SegmentState::Accept(const FrameHeader& header, uint32_t new_end) {
  if (end == kBlockBytes) first_commit = header.first_commit;
  last_commit = std::max(last_commit, header.last_commit);
  if (marks.empty() || header.position.offset - marks.back().offset >= kMarkDistanceBytes) {
    marks.push_back({header.position.offset, header.first_commit});
  }
  end = new_end;
}

void SegmentList::Add(SegmentState segment) {
  std::lock_guard lock(mutex_);
  if (!segments_.empty() && !segments_.back().closed && segments_.back().file->aead == nullptr) {
    segments_.pop_back();
  }
  if (!segments_.empty()) {
    TM_ASSERT(segments_.back().file->number + 1 == segment.file->number);
    segments_.back().closed = true;
  }
  segments_.push_back(std::move(segment));
}

void SegmentList::AcceptFrame(const FrameHeader& header, uint32_t new_end) {
  std::lock_guard lock(mutex_);
  segments_.back().Accept(header, new_end);
}

void SegmentList::SetFileBytes(uint32_t number, uint64_t bytes) {
  std::lock_guard lock(mutex_);
  segments_[number - segments_.front().file->number].file_bytes = bytes;
}

Result<std::optional<SegmentList::Place>> SegmentList::Find(Position next, uint32_t offset) const {
  std::lock_guard lock(mutex_);
  uint32_t first = segments_.front().file->number;
  if (next.segment < first) {
    return Fail(ErrorKind::kNotFound,
                "segment {} of log {} was truncated away; the log begins in segment {}",
                next.segment, log_id_, first);
  }
  if (next.segment - first >= segments_.size()) return std::nullopt;
  const SegmentState& segment = segments_[next.segment - first];
  Place place{.file = segment.file, .end = segment.end, .closed = segment.closed};
  const auto after =
      std::ranges::upper_bound(segment.marks, offset, {}, &SegmentState::Mark::offset);
  place.mark = after == segment.marks.begin() ? kBlockBytes : (after - 1)->offset;
  for (const DamagedRange& range : damage_) {
    if (range.from <= next && next < range.to) place.damage = range;
  }
  return place;
}

uint32_t SegmentList::first() const {
  std::lock_guard lock(mutex_);
  return segments_.front().file->number;
}

uint32_t SegmentList::FirstKept(Position keep_from) const {
  std::lock_guard lock(mutex_);
  // The newest file stays even if it is closed: it knows the newest commit time.
  uint32_t newest = segments_.back().file->number;
  for (const SegmentState& segment : segments_) {
    if (segment.file->aead != nullptr) newest = segment.file->number;
  }
  for (const SegmentState& segment : segments_) {
    bool before = segment.file->number < keep_from.segment ||
                  (segment.file->number == keep_from.segment && segment.end <= keep_from.offset &&
                   segment.file->aead != nullptr);
    if (segment.file->number == newest || !segment.closed || !before) return segment.file->number;
  }
  return segments_.back().file->number;
}

std::vector<SegmentState> SegmentList::DropBefore(uint32_t number) {
  std::vector<SegmentState> dropped;
  std::lock_guard lock(mutex_);
  while (segments_.front().file->number < number) {
    dropped.push_back(std::move(segments_.front()));
    segments_.pop_front();
  }
  Position begin{log_id_, number, kBlockBytes};
  std::erase_if(damage_, [&](const DamagedRange& range) { return range.to <= begin; });
  if (!damage_.empty()) damage_.front().from = std::max(damage_.front().from, begin);
  return dropped;
}

Position SegmentList::At(Timestamp time) const {
  std::lock_guard lock(mutex_);
  for (const SegmentState& segment : segments_) {
    if (segment.end == kBlockBytes || segment.last_commit < time) continue;
    // A frame that begins before `time` may end behind it.
    const auto after =
        std::ranges::lower_bound(segment.marks, time, {}, &SegmentState::Mark::first_commit);
    const uint32_t offset = after == segment.marks.begin() ? kBlockBytes : (after - 1)->offset;
    return {log_id_, segment.file->number, offset};
  }
  return EndLocked();
}

std::vector<DamagedRange> SegmentList::Damage() const {
  std::lock_guard lock(mutex_);
  return damage_;
}

Position SegmentList::EndLocked() const {
  return {log_id_, segments_.back().file->number, segments_.back().end};
}

Position SegmentList::begin() const {
  std::lock_guard lock(mutex_);
  Position begin = EndLocked();
  for (const SegmentState& segment : segments_) {
    if (segment.end == kBlockBytes) continue;
    begin = {log_id_, segment.file->number, kBlockBytes};
    break;
  }
  return damage_.empty() ? begin : std::min(begin, damage_.front().from);
}

Position SegmentList::end() const {
  std::lock_guard lock(mutex_);
  return EndLocked();
}

uint64_t SegmentList::file_bytes() const {
  std::lock_guard lock(mutex_);
  uint64_t sum = 0;
  for (const SegmentState& segment : segments_) sum += segment.file_bytes;
  return sum;
}

size_t SegmentList::files() const {
  std::lock_guard lock(mutex_);
  return static_cast<size_t>(std::ranges::count_if(
      segments_, [](const SegmentState& segment) { return segment.file->aead != nullptr; }));
}

std::vector<SegmentInfo> SegmentList::Infos() const {
  std::lock_guard lock(mutex_);
  std::vector<SegmentInfo> infos;
  for (const SegmentState& segment : segments_) {
    if (segment.file->aead == nullptr) continue;
    infos.push_back({.segment = segment.file->number,
                     .first_commit = segment.first_commit,
                     .last_commit = segment.last_commit,
                     .bytes = segment.end,
                     .closed = segment.closed});
  }
  return infos;
}

}  // namespace tidemark::log
