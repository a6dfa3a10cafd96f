#include "log/local/begin_segment.h"

#include <charconv>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "log/local/aligned_buffer.h"

namespace tidemark::log {
namespace {
constexpr std::string_view kPrefix = "segment-";
constexpr std::string_view kSuffix = ".log";
constexpr size_t kDigits = 10;
}  // namespace

std::filesystem::path SegmentPath(const std::filesystem::path& directory, uint32_t number) {
  return directory / fmt::format("{}{:010}{}", kPrefix, number, kSuffix);
}

uint32_t SegmentNumber(const std::filesystem::path& path) {
  std::string text = path.filename().string();
  std::string_view name = text;
  if (name.size() != kPrefix.size() + kDigits + kSuffix.size()) return 0;
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return 0;
  const char* first = name.data() + kPrefix.size();
  uint32_t number = 0;
  auto [end, error] = std::from_chars(first, first + kDigits, number);
  return error == std::errc() && end == first + kDigits ? number : 0;
}

Result<BegunSegment> BeginSegment(const Disk& disk, SegmentPreparer& preparer,
                                  crypto::DataKeyProvider& keys,
                                  const std::filesystem::path& directory, SegmentHeader header) {
  TM_TRY(crypto::DataKey key, keys.Generate(kSegmentKeyContext));
  if (key.wrapped.size() > kWrappedKeyBytesMax) {
    return Fail(ErrorKind::kInternal, "a wrapped key of {} bytes does not fit a segment header",
                key.wrapped.size());
  }
  header.wrapped_key = std::move(key.wrapped);
  auto aead = std::make_shared<const crypto::Aead>(key.key);

  BegunSegment begun;
  TM_TRY(begun.file, preparer.Take());
  AlignedBuffer block;
  block.Reserve(kBlockBytes);
  EncodeSegmentHeader(header, *aead, block.data(), &begun.tag);
  TM_TRYV(begun.file.WriteAt(0, {block.data(), kBlockBytes}));
  TM_TRYV(begun.file.SyncData());
  std::filesystem::path path = SegmentPath(directory, header.segment);
  TM_TRYV(begun.file.RenameTo(path));
  TM_TRYV(disk.SyncDirectory(directory));
  preparer.PrepareNext();

  begun.state.file = std::make_shared<const SegmentFile>(
      SegmentFile{.number = header.segment, .path = std::move(path), .aead = std::move(aead)});
  begun.state.end = kBlockBytes;
  begun.state.file_bytes = header.segment_bytes;
  return begun;
}

}  // namespace tidemark::log
