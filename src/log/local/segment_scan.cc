#include "log/local/segment_scan.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "log/local/block_window.h"
#include "log/local/frame_format.h"

namespace tidemark::log {
namespace {

// Each may cost a disk seconds; a file with more of them is given up from there on.
constexpr int kUnreadableBlocksMax = 64;

bool IsZero(BytesView block) {
  return block.empty() || (block[0] == 0 && block.substr(1) == block.substr(0, block.size() - 1));
}

class Scanner {
 public:
  Scanner(BlockWindow window, uint64_t limit, ScannedSegment* segment)
      : window_(std::move(window)), limit_(limit), segment_(*segment) {}

  // Takes up the frames that lie before `end`, and the gaps between them.
  void TakeFrames(uint64_t end) {
    std::string cause;
    uint64_t offset = kBlockBytes;
    while (offset < end && unreadable_ <= kUnreadableBlocksMax) {
      auto frame = FrameAt(offset, end);
      if (!frame) {
        if (cause.empty()) cause = frame.error().message;
        if (frame.error().kind != ErrorKind::kCorruption) unreadable_tail_ = frame.error().message;
        offset += kBlockBytes;
        continue;
      }
      if (!cause.empty()) {
        segment_.gaps.push_back({segment_.state.end, static_cast<uint32_t>(offset), cause});
        cause.clear();
        unreadable_tail_.clear();
      }
      offset += frame->frame_bytes();
      segment_.tag = tag_;
      segment_.state.Accept(frame->header, static_cast<uint32_t>(offset));
      ++segment_.frames;
    }
    tail_cause_ = std::move(cause);
  }

  // Whether the successor was written after this use of the segment.
  void CheckUse(const SegmentHeader::Before& claim) {
    segment_.untouched = false;
    if (claim.use == ChainTag{} || claim.use == segment_.use) return;
    segment_.foreign =
        "this is another use of the segment than the one the next was written after, such as an "
        "old copy";
  }

  // Compares what was found with what the successor's header says.
  void CheckClaim(const SegmentHeader::Before& claim) {
    CheckUse(claim);
    if (!segment_.foreign.empty()) return;
    if (segment_.state.end < claim.end) {
      segment_.tail_damage =
          fmt::format("{}, yet frames up to offset {} are on record",
                      tail_cause_.empty() ? "the file ends" : tail_cause_, claim.end);
    } else if (segment_.tag != claim.tag) {
      segment_.foreign =
          "this is not the segment that the next was written after; one of the two is an old copy";
    } else if (auto stray = FindFrame(claim.end)) {
      segment_.tail_damage =
          fmt::format("the frames on record end here, yet another follows at offset {}", *stray);
    }
  }

  // Looks at what stands behind the last frame, where nobody knows whether there was one more.
  void LookBehindEnd() {
    if (!unreadable_tail_.empty()) {
      segment_.tail_damage = unreadable_tail_;
      return;
    }
    uint64_t end = segment_.state.end;
    bool zero = true, older = false, first_is_old = true;
    uint64_t nonzero_end = end;
    for (uint64_t offset = end; offset < limit_; offset += kBlockBytes) {
      auto block = window_.View(offset, kBlockBytes, limit_);
      if (!block) {
        segment_.tail_damage = block.error().message;
        return;
      }
      if (IsZero(*block)) continue;
      zero = false;
      nonzero_end = offset + kBlockBytes;
      auto parsed = ParseFrameHeader(*block);
      bool own = parsed && parsed->header.position == Here(offset);
      bool is_older = parsed && !own;
      older = older || is_older;
      if (offset != end) continue;
      first_is_old = is_older;
      if (own) {
        segment_.torn_bytes = std::min<uint64_t>(parsed->frame_bytes(), limit_ - end);
        return;
      }
    }
    // A file used before holds old frames there; one of zeros only what was being written.
    if (!zero && !older) segment_.torn_bytes = nonzero_end - end;
    segment_.untouched = end == kBlockBytes && segment_.torn_bytes == 0 && first_is_old;
    segment_.cuttable = segment_.torn_bytes == 0;
  }

  // Whether the rest behind a recorded end is of no use to anyone.
  void LookBehindClaim() {
    if (!segment_.tail_damage.empty() || !segment_.foreign.empty()) return;
    LookBehindEnd();
    segment_.tail_damage.clear();
    segment_.torn_bytes = 0;
    segment_.untouched = false;
  }

 private:
  Position Here(uint64_t offset) const {
    return {segment_.header.log_id, segment_.header.segment, static_cast<uint32_t>(offset)};
  }

  // The frame that starts there and ends at or before `end`; leaves its tag in tag_.
  Result<ParsedFrameHeader> FrameAt(uint64_t offset, uint64_t end) {
    TM_TRY(BytesView block, Block(offset, kBlockBytes));
    TM_TRY(ParsedFrameHeader parsed, ParseFrameHeader(block));
    if (parsed.header.position != Here(offset)) {
      return Fail(ErrorKind::kCorruption, "a frame of another place stands here");
    }
    // WHY one text: what a wrong length shows as depends on where the file happens to end.
    constexpr const char* kBroken = "the frame's length or seal is wrong";
    if (parsed.frame_bytes() > end - offset) return Fail(ErrorKind::kCorruption, kBroken);
    TM_TRY(BytesView frame, Block(offset, parsed.frame_bytes()));
    if (!OpenFrame(*segment_.state.file->aead, parsed, frame, &payload_)) {
      return Fail(ErrorKind::kCorruption, kBroken);
    }
    std::memcpy(tag_.data(), FrameTag(parsed, frame).data(), tag_.size());
    return parsed;
  }

  Result<BytesView> Block(uint64_t offset, size_t bytes) {
    auto view = window_.View(offset, bytes, limit_);
    if (!view) ++unreadable_;
    return view;
  }

  std::optional<uint64_t> FindFrame(uint64_t from) {
    for (uint64_t offset = from; offset < limit_ && unreadable_ <= kUnreadableBlocksMax;
         offset += kBlockBytes) {
      if (FrameAt(offset, limit_)) return offset;
    }
    return std::nullopt;
  }

  BlockWindow window_;
  const uint64_t limit_;
  ScannedSegment& segment_;
  std::string tail_cause_;       // what stands where the valid frames end
  std::string unreadable_tail_;  // why it cannot be known whether frames follow there
  ChainTag tag_{};
  Bytes payload_;
  int unreadable_ = 0;
};

}  // namespace

Result<SegmentHeader> ReadSegmentHeader(const Disk& disk, const std::filesystem::path& path) {
  TM_TRY(File file, disk.Open(path, Disk::Mode::kRead));
  BlockWindow window(std::move(file));
  TM_TRY(BytesView block, window.View(0, kBlockBytes, kBlockBytes));
  return ParseSegmentHeader(block);
}

Result<SegmentUse> OpenSegmentUse(const Disk& disk, crypto::DataKeyProvider& keys, uint64_t log_id,
                                  uint32_t number, const std::filesystem::path& path,
                                  std::optional<Error>* key_error) {
  SegmentUse use;
  TM_TRY(File file, disk.Open(path, Disk::Mode::kRead));
  TM_TRY(use.file_bytes, file.Size());
  BlockWindow window(std::move(file));
  TM_TRY(BytesView block, window.View(0, kBlockBytes, kBlockBytes));
  TM_TRY(use.header, ParseSegmentHeader(block));
  if (use.header.segment != number || use.header.log_id != log_id) {
    return Fail(ErrorKind::kCorruption,
                "the file holds segment {} of log {}, but segment {} of log {} belongs here",
                use.header.segment, use.header.log_id, number, log_id);
  }
  auto key = keys.Unwrap(use.header.wrapped_key, kSegmentKeyContext);
  if (!key) {
    *key_error = WithContext(std::move(key).error(), "the key of commit log segment {} ({})",
                             number, path.string());
    return Fail(ErrorKind::kCorruption, "{}", (*key_error)->message);
  }
  auto aead = std::make_shared<const crypto::Aead>(*key);
  TM_TRY(use.tag, CheckSegmentHeaderSeal(block, *aead));
  use.file = std::make_shared<const SegmentFile>(
      SegmentFile{.number = number, .path = path, .aead = std::move(aead)});
  return use;
}

Result<ScannedSegment> ScanSegment(const Disk& disk, SegmentUse use,
                                   const std::optional<SegmentHeader::Before>& claim) {
  TM_TRY(File file, disk.Open(use.file->path, Disk::Mode::kRead));
  ScannedSegment segment;
  segment.header = std::move(use.header);
  segment.use = segment.tag = use.tag;
  segment.state.file = std::move(use.file);
  segment.state.end = kBlockBytes;
  segment.state.file_bytes = use.file_bytes;
  segment.state.closed = true;
  // Offsets are 32 bits; the header is sealed.
  uint64_t limit = std::min<uint64_t>(PaddedToBlock(use.file_bytes), segment.header.segment_bytes);
  Scanner scanner(BlockWindow(std::move(file)), limit, &segment);
  if (claim && claim->tag != ChainTag{}) {
    scanner.TakeFrames(std::min<uint64_t>(claim->end, limit));
    scanner.CheckClaim(*claim);
    scanner.LookBehindClaim();
  } else {
    scanner.TakeFrames(limit);
    scanner.LookBehindEnd();
    if (claim) scanner.CheckUse(*claim);
  }
  return segment;
}

}  // namespace tidemark::log
