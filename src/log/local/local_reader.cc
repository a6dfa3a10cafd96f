#include "log/local/local_reader.h"

#include <utility>

#include "log/local/damage.h"

namespace tidemark::log {

LocalReader::LocalReader(std::shared_ptr<const Disk> disk,
                         std::shared_ptr<const SegmentList> segments, Position from)
    : disk_(std::move(disk)), segments_(std::move(segments)), from_(from), next_(from) {}

Result<std::optional<Frame>> LocalReader::Next() {
  while (true) {
    uint32_t wanted = next_.segment == from_.segment ? from_.offset : 0;
    TM_TRY(std::optional<SegmentList::Place> place, segments_->Find(next_, wanted));
    if (!place) return std::nullopt;
    if (place->damage) {
      if (place->damage->to > from_) return Fail(ErrorKind::kCorruption, "{}", place->damage->what);
      // On the way from a mark to a frame behind the range, which ends in this segment.
      next_ = place->damage->to;
      continue;
    }
    if (place->file->aead == nullptr) return std::nullopt;  // not begun yet
    if (file_ == nullptr) {
      TM_TRYV(OpenSegment(*place));
      continue;
    }
    if (next_.offset < place->end) {
      auto frame = FrameAtNext(place->end);
      if (!frame) {
        // A truncated segment may be in use again, with other content.
        TM_TRYV(segments_->Find(next_, 0));
        return Fail(std::move(frame).error());
      }
      if (*frame) return frame;
      continue;
    }
    if (!place->closed) return std::nullopt;
    next_ = {next_.log_id, next_.segment + 1, kBlockBytes};
    file_ = nullptr;
    window_.reset();
  }
}

Result<std::optional<Frame>> LocalReader::FrameAtNext(uint32_t end) {
  TM_TRY(ParsedFrameHeader parsed, HeaderAt(end));
  std::optional<Frame> frame;
  if (next_ >= from_) {
    TM_TRY(BytesView bytes, window_->View(next_.offset, parsed.frame_bytes(), end));
    frame.emplace(Frame{.header = parsed.header, .payload = {}, .next = {}});
    auto opened = OpenFrame(*file_->aead, parsed, bytes, &frame->payload);
    if (!opened) return FailDamaged(opened.error().message);
  }
  next_.offset += static_cast<uint32_t>(parsed.frame_bytes());
  if (frame) frame->next = next_;
  return frame;
}

Result<void> LocalReader::OpenSegment(const SegmentList::Place& place) {
  auto file = disk_->Open(place.file->path, Disk::Mode::kRead);
  if (!file) {
    // Truncate may have come between the look-up and the opening.
    TM_TRYV(segments_->Find({next_.log_id, place.file->number, 0}, 0));
    if (file.error().kind == ErrorKind::kNotFound) {
      return Fail(ErrorKind::kCorruption, "{}",
                  DamageText(place.file->path, place.file->number, 0, "the file has vanished"));
    }
    return Fail(std::move(file).error());
  }
  window_.emplace(std::move(*file));
  file_ = place.file;
  next_.offset = place.mark;
  return {};
}

Result<ParsedFrameHeader> LocalReader::HeaderAt(uint32_t end) {
  TM_TRY(BytesView block, window_->View(next_.offset, kBlockBytes, end));
  auto parsed = ParseFrameHeader(block);
  if (!parsed) return FailDamaged(parsed.error().message);
  if (parsed->header.position != next_) return FailDamaged("a frame of another place stands here");
  if (parsed->frame_bytes() > end - next_.offset) return FailDamaged("the frame's length is wrong");
  return *parsed;
}

Unexpected LocalReader::FailDamaged(std::string_view what) const {
  return Fail(ErrorKind::kCorruption, "{}",
              DamageText(file_->path, file_->number, next_.offset, what));
}

}  // namespace tidemark::log
