#include "blob/transfer.h"

#include <algorithm>
#include <functional>

#include "crypto/hasher.h"

namespace tidemark::blob {
namespace {

using Take = std::function<Result<void>(uint64_t offset, BytesView piece)>;

Result<BlobInfo> ReadInPieces(BlobStore& store, std::string_view name, size_t piece_bytes,
                              const Take& take) {
  TM_TRY(BlobPart part, store.Get(name, {.offset = 0, .bytes = piece_bytes}));
  const BlobInfo info = part.info;
  crypto::Sha256Hasher hasher;
  uint64_t offset = 0;
  while (true) {
    const uint64_t due = std::min<uint64_t>(piece_bytes, info.bytes - offset);
    if (part.info.sha256 != info.sha256 || part.info.writer != info.writer ||
        part.bytes.size() != due) {
      return Fail(ErrorKind::kUnavailable, "blob {} was replaced while it was read", name);
    }
    hasher.Add(part.bytes);
    TM_TRYV(take(offset, part.bytes));
    offset += due;
    if (offset == info.bytes) break;
    part.bytes = Bytes();  // not two of them at a time
    TM_TRY(part, store.Get(name, {.offset = offset, .bytes = piece_bytes}));
  }
  if (hasher.Finish() != info.sha256) {
    return Fail(ErrorKind::kCorruption, "blob {} is not what was put: its SHA-256 differs", name);
  }
  return info;
}

}  // namespace

Result<Bytes> GetSmall(BlobStore& store, std::string_view name, uint64_t bytes_max) {
  TM_TRY(BlobPart part, store.Get(name, {.offset = 0, .bytes = bytes_max}));
  if (part.info.bytes > bytes_max) {
    return Fail(ErrorKind::kValidation, "blob {} has {} bytes; {} at most were expected", name,
                part.info.bytes, bytes_max);
  }
  return std::move(part.bytes);
}

Result<BlobInfo> Fetch(BlobStore& store, std::string_view name, const std::string& path,
                       size_t piece_bytes) {
  TM_TRY(OpenFile file, OpenFile::Open(path, OpenFile::Mode::kCreate));
  TM_TRY(const BlobInfo info,
         ReadInPieces(store, name, piece_bytes, [&](uint64_t offset, BytesView piece) {
           return file.WriteAt(offset, piece);
         }));
  TM_TRYV(file.SyncAll());
  return info;
}

Result<BlobInfo> Verify(BlobStore& store, std::string_view name, size_t piece_bytes) {
  return ReadInPieces(store, name, piece_bytes, [](uint64_t, BytesView) { return Result<void>(); });
}

Result<std::vector<ListedBlob>> ListAll(BlobStore& store, std::string_view prefix) {
  std::vector<ListedBlob> all;
  ListQuery query{.prefix = std::string(prefix)};
  while (true) {
    TM_TRY(ListPage page, store.List(query));
    std::ranges::move(page.blobs, std::back_inserter(all));
    if (!page.more) return all;
    query.after = all.back().name;
  }
}

}  // namespace tidemark::blob
