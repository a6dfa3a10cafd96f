#include "log/local/local_writer.h"

#include <algorithm>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "log/local/frame_format.h"
#include "log/local/local_reader.h"
#include "log/local/start_file.h"

namespace tidemark::log {
namespace {
// One huge transaction should not hold its memory for ever.
constexpr size_t kBufferKeptBytes = 4 << 20;
}  // namespace

LocalLog::LocalLog(Parts parts, crypto::DataKeyProvider& keys)
    : parts_(std::move(parts)),
      keys_(keys),
      end_(parts_.active.state.end),
      tag_(parts_.active.tag),
      last_commit_us_(ToMicros(parts_.last_commit)) {}

Result<Position> LocalLog::Append(BytesView payload, FrameHeader header) {
  if (poison_) return Fail(*poison_);
  if (payload.size() > parts_.segment_bytes ||
      FrameBytes(payload.size()) > parts_.segment_bytes - kBlockBytes) {
    return Fail(ErrorKind::kValidation, "a payload of {} bytes never fits a segment of {} bytes",
                payload.size(), parts_.segment_bytes);
  }
  Result<Position> position = AppendFrame(payload, header);
  if (!position) {
    poison_ = WithContext(std::move(position).error(), "the commit log in {} is closed for writing",
                          parts_.directory.string());
    LogError("{}", poison_->message);
    return Fail(*poison_);
  }
  return position;
}

Result<Position> LocalLog::AppendFrame(BytesView payload, FrameHeader header) {
  size_t bytes = FrameBytes(payload.size());
  if (end_ + bytes > parts_.segment_bytes) TM_TRYV(NextSegment());
  const SegmentFile& segment = *parts_.active.state.file;
  header.position = {parts_.log_id, segment.number, end_};
  buffer_.Reserve(bytes);
  BytesView tag = SealFrame(*segment.aead, header, payload, buffer_.data());
  TM_TRYV(parts_.active.file.WriteAt(end_, {buffer_.data(), bytes}));
  TM_TRYV(parts_.active.file.SyncData());
  std::memcpy(tag_.data(), tag.data(), tag_.size());
  if (buffer_.capacity() > kBufferKeptBytes) buffer_.Release();

  end_ += static_cast<uint32_t>(bytes);
  last_commit_us_ = std::max(last_commit_us_.load(), ToMicros(header.last_commit));
  parts_.segments->AcceptFrame(header, end_);
  return header.position;
}

Result<void> LocalLog::NextSegment() {
  uint32_t number = parts_.active.state.file->number;
  SegmentHeader header{.log_id = parts_.log_id,
                       .segment = number + 1,
                       .segment_bytes = parts_.segment_bytes,
                       .before = {.segment = number, .end = end_, .tag = tag_},
                       .last_commit = last_commit()};
  TM_TRY(parts_.active,
         BeginSegment(*parts_.disk, *parts_.preparer, keys_, parts_.directory, std::move(header)));
  parts_.segments->Add(parts_.active.state);
  end_ = parts_.active.state.end;
  tag_ = parts_.active.tag;
  return {};
}

Result<std::unique_ptr<FrameReader>> LocalLog::Read(Position from) {
  TM_TRYV(CheckId(from));
  // Older than everything kept means: from the oldest frame kept.
  Position start = std::max(begin(), Position{parts_.log_id, from.segment, from.offset});
  return std::make_unique<LocalReader>(parts_.disk, parts_.segments, start);
}

uint64_t LocalLog::bytes() const {
  return parts_.segments->file_bytes() + parts_.preparer->bytes_on_disk();
}

Result<void> LocalLog::Truncate(Position keep_from) {
  if (poison_) return Fail(*poison_);
  TM_TRYV(CheckId(keep_from));
  uint32_t first = parts_.segments->FirstKept(keep_from);
  if (first == parts_.segments->first()) return {};
  // WHY no poison: nothing was dropped yet, and a disk that is full must not forbid making room.
  TM_TRYV(WriteStart(*parts_.disk, parts_.directory,
                     {.log_id = parts_.log_id, .first_segment = first}));
  for (const auto& segment : parts_.segments->DropBefore(first)) {
    std::error_code error;
    std::filesystem::remove(segment->path, error);
    // The next opening removes it.
    if (error) LogWarn("cannot remove {}: {}", segment->path.string(), error.message());
  }
  return {};
}

Result<void> LocalLog::CheckId(Position position) const {
  if (position.log_id == parts_.log_id || position.segment == 0) return {};
  return Fail(ErrorKind::kValidation, "{} does not belong to log {}", position.ToString(),
              parts_.log_id);
}

}  // namespace tidemark::log
