#include "log/local/local_writer.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "base/files.h"
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
    : parts_(std::move(parts)), keys_(keys), last_commit_us_(ToMicros(parts_.last_commit)) {
  if (!parts_.active) return;
  uint32_t number = parts_.active->state.file->number;
  const ChainTag& use = parts_.active->tag;
  parts_.before = {.segment = number, .end = kBlockBytes, .tag = use, .use = use};
  parts_.next_segment = number + 1;
}

Result<Position> LocalLog::Append(BytesView payload, FrameHeader header) {
  if (poison_) return Fail(*poison_);
  if (payload.size() > parts_.segment_bytes ||
      FrameBytes(payload.size()) > parts_.segment_bytes - kBlockBytes) {
    return Fail(ErrorKind::kValidation, "a payload of {} bytes never fits a segment of {} bytes",
                payload.size(), parts_.segment_bytes);
  }
  if (!parts_.active || parts_.before.end + FrameBytes(payload.size()) > parts_.segment_bytes) {
    auto begun = NextSegment();
    // WHY no poison: no frame was touched, and each attempt takes a file and a key of its own.
    if (!begun && begun.error().kind == ErrorKind::kNoSpace) {
      return Fail(WithContext(std::move(begun).error(), "the commit log in {} has no room to go on",
                              parts_.directory.string()));
    }
    if (!begun) return Poison(std::move(begun).error());
  }
  Result<Position> position = AppendFrame(payload, header);
  if (!position) return Poison(std::move(position).error());
  return position;
}

Unexpected LocalLog::Poison(Error error) {
  poison_ = WithContext(std::move(error), "the commit log in {} is closed for writing",
                        parts_.directory.string());
  // Whatever it was: a caller takes others, kNoSpace and kValidation, to mean that nothing was
  // written.
  poison_->kind = ErrorKind::kIo;
  LogError("{}", poison_->message);
  return Fail(*poison_);
}

Result<Position> LocalLog::AppendFrame(BytesView payload, FrameHeader header) {
  using SteadyClock = std::chrono::steady_clock;
  size_t bytes = FrameBytes(payload.size());
  const SegmentFile& segment = *parts_.active->state.file;
  uint32_t offset = parts_.before.end;
  header.position = {parts_.log_id, segment.number, offset};
  buffer_.Reserve(bytes);
  BytesView tag = SealFrame(*segment.aead, header, payload, buffer_.data());
  TM_TRYV(parts_.active->file.WriteAt(offset, {buffer_.data(), bytes}));
  auto written = SteadyClock::now();
  TM_TRYV(parts_.active->file.SyncData());
  auto synced = SteadyClock::now();
  std::memcpy(parts_.before.tag.data(), tag.data(), tag.size());
  if (buffer_.capacity() > kBufferKeptBytes) buffer_.Release();

  parts_.before.end += static_cast<uint32_t>(bytes);
  parts_.segments->AcceptFrame(header, parts_.before.end);
  // After it can be read: whoever sees this time finds the frame.
  last_commit_us_ = std::max(last_commit_us_.load(), ToMicros(header.last_commit));
  group_bytes_.Record(payload.size());
  sync_micros_.Record(static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(synced - written).count()));
  bytes_appended_.fetch_add(bytes, std::memory_order_relaxed);
  return header.position;
}

Result<void> LocalLog::NextSegment() {
  SegmentHeader header{.log_id = parts_.log_id,
                       .segment = parts_.next_segment,
                       .segment_bytes = parts_.segment_bytes,
                       .before = parts_.before,
                       .last_commit = last_commit(),
                       .wrapped_key = {}};
  TM_TRY(BegunSegment begun, BeginSegment({*parts_.disk, *parts_.preparer, keys_, parts_.directory},
                                          std::move(header), &parts_.newest_mark));
  parts_.segments->Add(begun.state);
  parts_.before = {
      .segment = parts_.next_segment++, .end = kBlockBytes, .tag = begun.tag, .use = begun.tag};
  parts_.active = std::move(begun);
  return {};
}

Result<std::unique_ptr<FrameReader>> LocalLog::Read(Position from) {
  TM_TRYV(CheckId(from));
  // Older than everything kept means: from the oldest frame kept.
  uint32_t offset = std::max<uint32_t>(from.offset, kBlockBytes);
  Position start = std::max(begin(), Position{parts_.log_id, from.segment, offset});
  return std::make_unique<LocalReader>(parts_.disk, parts_.segments, start);
}

uint64_t LocalLog::bytes() const {
  return parts_.segments->file_bytes() + parts_.preparer->bytes_on_disk();
}

LogStats LocalLog::Stats() const {
  LogStats stats{.group_bytes = group_bytes_.Snapshot(), .sync_micros = sync_micros_.Snapshot()};
  stats.frames = stats.group_bytes.count;
  stats.bytes_appended = bytes_appended_.load(std::memory_order_relaxed);
  stats.segments = parts_.segments->files();
  stats.spares = parts_.preparer->spares();
  stats.bytes_on_disk = bytes();
  for (const DamagedRange& range : Damage()) {
    ++(range.accepted ? stats.damage_accepted : stats.damage_open);
  }
  return stats;
}

Result<void> LocalLog::Truncate(Position keep_from) {
  if (poison_) return Fail(*poison_);
  TM_TRYV(CheckId(keep_from));
  uint32_t first = parts_.segments->FirstKept(keep_from);
  if (first == parts_.segments->first()) return {};
  // WHY no poison: nothing was dropped yet, and a disk that is full must not forbid making room.
  TM_TRYV(WriteStart(parts_.directory, {.log_id = parts_.log_id, .first_segment = first}));
  for (const SegmentState& segment : parts_.segments->DropBefore(first)) {
    auto disposed = segment.file->aead ? parts_.preparer->Recycle(segment.file->path)
                                       : RemoveFile(segment.file->path.string());
    // The next opening removes it.
    if (!disposed) LogWarn("cannot remove a truncated segment: {}", disposed.error().message);
  }
  if (auto synced = SyncDirectory(parts_.directory.string()); !synced) {
    LogWarn("truncated segments may come back, to be removed: {}", synced.error().message);
  }
  ForgetAccepted();
  return {};
}

// What was given up is of no interest once truncation has passed it.
void LocalLog::ForgetAccepted() {
  Position begin{parts_.log_id, parts_.segments->first(), kBlockBytes};
  auto passed =
      std::erase_if(parts_.accepted, [&](const AcceptedRange& range) { return range.to <= begin; });
  if (passed == 0) return;
  auto written = WriteAccepted(parts_.directory, parts_.log_id, parts_.accepted);
  if (!written) LogWarn("cannot shorten the list of accepted damage: {}", written.error().message);
}

Result<void> LocalLog::CheckId(Position position) const {
  if (position.log_id == parts_.log_id || position.segment == 0) return {};
  return Fail(ErrorKind::kValidation, "{} does not belong to log {}", position.ToString(),
              parts_.log_id);
}

}  // namespace tidemark::log
