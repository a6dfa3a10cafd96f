#include "log/local/begin_segment.h"

#include <memory>
#include <utility>

#include "base/files.h"
#include "log/local/aligned_buffer.h"
#include "log/local/newest_mark.h"
#include "log/local/numbered_name.h"

namespace tidemark::log {
namespace {

constexpr NumberedName kSegmentName{.prefix = "segment-", .suffix = ".log"};

Result<void> MakeDurable(const SegmentSource& source, const SegmentHeader& header, BytesView block,
                         File* file) {
  TM_TRYV(file->WriteAt(0, block));
  TM_TRYV(file->SyncData());
  TM_TRYV(file->RenameTo(kSegmentName.Path(source.directory, header.segment)));
  return SyncDirectory(source.directory.string());
}

}  // namespace

std::filesystem::path SegmentPath(const std::filesystem::path& directory, uint32_t number) {
  return kSegmentName.Path(directory, number);
}

uint32_t SegmentNumber(const std::filesystem::path& path) { return kSegmentName.Number(path); }

Result<BegunSegment> BeginSegment(const SegmentSource& source, SegmentHeader header,
                                  uint32_t* newest_mark) {
  TM_TRY(crypto::DataKey key, source.keys.Generate(kSegmentKeyContext));
  if (key.wrapped.size() > kWrappedKeyBytesMax) {
    return Fail(ErrorKind::kInternal, "a wrapped key of {} bytes does not fit a segment header",
                key.wrapped.size());
  }
  header.wrapped_key = std::move(key.wrapped);
  auto aead = std::make_shared<const crypto::Aead>(key.key);

  BegunSegment begun;
  AlignedBuffer block;
  block.Reserve(kBlockBytes);
  EncodeSegmentHeader(header, *aead, block.data(), &begun.tag);
  TM_TRY(begun.file, source.preparer.Take());
  auto durable = MakeDurable(source, header, {block.data(), kBlockBytes}, &begun.file);
  if (!durable) {
    source.preparer.GiveBack(std::move(begun.file));
    return Fail(std::move(durable).error());
  }
  source.preparer.Taken();
  TM_TRYV(MoveNewestMark(source.directory, header.segment, newest_mark));

  begun.state.file = std::make_shared<const SegmentFile>(
      SegmentFile{.number = header.segment, .path = begun.file.path(), .aead = std::move(aead)});
  begun.state.end = kBlockBytes;
  begun.state.file_bytes = header.segment_bytes;
  return begun;
}

}  // namespace tidemark::log
