#include "blob/blob_source.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "codec/hex.h"
#include "crypto/hasher.h"

namespace tidemark::blob {
namespace {

constexpr size_t kHashBytes = 1 << 20;

}  // namespace

Result<void> MemorySource::Read(uint64_t offset, size_t bytes, char* out) const {
  TM_ASSERT(offset <= bytes_.size() && bytes <= bytes_.size() - offset);
  if (bytes > 0) std::memcpy(out, bytes_.data() + offset, bytes);
  return {};
}

Result<FileSource> FileSource::Open(const std::string& path, Kind kind) {
  TM_TRY(OpenFile file, OpenFile::Open(path, OpenFile::Mode::kRead));
  TM_TRY(const uint64_t size, file.Size());
  return FileSource(std::move(file), size, kind);
}

Result<void> FileSource::Read(uint64_t offset, size_t bytes, char* out) const {
  TM_ASSERT(offset <= size_ && bytes <= size_ - offset);
  TM_TRY(const size_t got, file_.ReadAt(offset, out, bytes));
  if (got < bytes) {
    return Fail(ErrorKind::kCorruption, "{}: it was cut at {} while it was read", file_.path(),
                offset + got);
  }
  return {};
}

Result<crypto::Digest256> HashOf(const BlobSource& source) {
  crypto::Sha256Hasher hasher;
  Bytes piece(std::min<uint64_t>(kHashBytes, source.size()), '\0');
  for (uint64_t offset = 0; offset < source.size(); offset += piece.size()) {
    piece.resize(std::min<uint64_t>(kHashBytes, source.size() - offset));
    TM_TRYV(source.Read(offset, piece.size(), piece.data()));
    hasher.Add(piece);
  }
  return hasher.Finish();
}

std::string HexOf(const crypto::Digest256& digest) {
  return codec::EncodeHex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

Result<crypto::Digest256> DigestFromHex(std::string_view text) {
  TM_TRY(const Bytes bytes, codec::DecodeHex(text));
  crypto::Digest256 digest;
  if (bytes.size() != digest.size()) {
    return Fail(ErrorKind::kSerialization, "a SHA-256 has 64 hex digits, not {}", text.size());
  }
  std::memcpy(digest.data(), bytes.data(), digest.size());
  return digest;
}

}  // namespace tidemark::blob
