#include "log/local/segment_scan.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "log/local/block_window.h"
#include "log/local/frame_format.h"

namespace tidemark::log {
namespace {

bool IsZero(BytesView block) {
  return block.empty() || (block[0] == 0 && block.substr(1) == block.substr(0, block.size() - 1));
}

class Scanner {
 public:
  Scanner(BlockWindow window, uint64_t limit, uint64_t log_id, ScannedSegment* segment)
      : window_(std::move(window)), limit_(limit), log_id_(log_id), segment_(*segment) {}

  Result<void> Run() {
    bool damaged = false;
    uint64_t offset = kBlockBytes;
    uint64_t torn_end = 0;
    while (offset < limit_) {
      TM_TRY(std::optional<ParsedFrameHeader> frame, FrameAt(offset));
      if (frame && damaged) {
        segment_.stray_frame = static_cast<uint32_t>(offset);
        break;
      }
      if (frame) {
        offset += frame->frame_bytes();
        segment_.state.Accept(frame->header, static_cast<uint32_t>(offset));
        continue;
      }
      damaged = true;
      TM_TRY(BytesView block, window_.View(offset, kBlockBytes, limit_));
      offset += kBlockBytes;
      if (!IsZero(block)) torn_end = offset;
    }
    if (torn_end > segment_.state.end) segment_.torn_bytes = torn_end - segment_.state.end;
    return {};
  }

 private:
  // nullopt: no frame that validates starts there. Remembers the tag of accepted frames.
  Result<std::optional<ParsedFrameHeader>> FrameAt(uint64_t offset) {
    TM_TRY(BytesView block, window_.View(offset, kBlockBytes, limit_));
    auto parsed = ParseFrameHeader(block);
    Position here{log_id_, segment_.header.segment, static_cast<uint32_t>(offset)};
    if (!parsed || parsed->header.position != here) return std::nullopt;
    if (parsed->frame_bytes() > limit_ - offset) return std::nullopt;
    TM_TRY(BytesView frame, window_.View(offset, parsed->frame_bytes(), limit_));
    if (!OpenFrame(*segment_.state.file->aead, *parsed, frame, &payload_)) return std::nullopt;
    BytesView tag = FrameTag(*parsed, frame);
    std::memcpy(segment_.tag.data(), tag.data(), tag.size());
    return *parsed;
  }

  BlockWindow window_;
  const uint64_t limit_;
  const uint64_t log_id_;
  ScannedSegment& segment_;
  Bytes payload_;
};

}  // namespace

Error Damage(const std::filesystem::path& path, uint32_t segment, uint64_t offset,
             std::string_view what) {
  return MakeError(ErrorKind::kCorruption,
                   "commit log segment {}, offset {}: {} ({}). Next step: put back an undamaged "
                   "copy of this file, or run 'tidemark repair' to give up what follows this place",
                   segment, offset, what, path.string());
}

Result<SegmentHeader> ReadSegmentHeader(const Disk& disk, const std::filesystem::path& path) {
  TM_TRY(File file, disk.Open(path, Disk::Mode::kRead));
  BlockWindow window(std::move(file));
  TM_TRY(BytesView block, window.View(0, kBlockBytes, kBlockBytes));
  return ParseSegmentHeader(block);
}

Result<ScannedSegment> ScanSegment(const Disk& disk, crypto::DataKeyProvider& keys, uint64_t log_id,
                                   uint32_t number, const std::filesystem::path& path) {
  TM_TRY(File file, disk.Open(path, Disk::Mode::kRead));
  TM_TRY(uint64_t file_bytes, file.Size());
  uint64_t limit = PaddedToBlock(file_bytes);
  BlockWindow window(std::move(file));
  TM_TRY(BytesView block, window.View(0, kBlockBytes, limit));
  auto header = ParseSegmentHeader(block);
  if (!header) return Fail(Damage(path, number, 0, header.error().message));
  if (header->segment != number || header->log_id != log_id) {
    return Fail(Damage(path, number, 0,
                       fmt::format("the file holds segment {} of log {}, but segment {} of log {} "
                                   "belongs here",
                                   header->segment, header->log_id, number, log_id)));
  }
  auto key = keys.Unwrap(header->wrapped_key, kSegmentKeyContext);
  if (!key) {
    return Fail(WithContext(std::move(key).error(), "the key of commit log segment {} ({})", number,
                            path.string()));
  }
  auto aead = std::make_shared<const crypto::Aead>(*key);
  auto tag = CheckSegmentHeaderSeal(block, *aead);
  if (!tag) return Fail(Damage(path, number, 0, tag.error().message));

  ScannedSegment segment;
  segment.header = std::move(*header);
  segment.tag = *tag;
  segment.state.file = std::make_shared<const SegmentFile>(
      SegmentFile{.number = number, .path = path, .aead = std::move(aead)});
  segment.state.end = kBlockBytes;
  segment.state.file_bytes = file_bytes;
  segment.state.closed = true;
  limit = std::min<uint64_t>(limit, segment.header.segment_bytes);  // offsets are 32 bits
  Scanner scanner(std::move(window), limit, log_id, &segment);
  auto scanned = scanner.Run();
  if (!scanned) {
    return Fail(WithContext(std::move(scanned).error(), "scanning commit log segment {}", number));
  }
  return segment;
}

}  // namespace tidemark::log
