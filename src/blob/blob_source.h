// What a put reads: bytes that can be read again, from any place, so that a retry starts anew.
#pragma once
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/open_file.h"
#include "base/result.h"
#include "crypto/hash.h"

namespace tidemark::blob {

// Thread-safe. Must not change while a put reads it; a store notices most changes by the checksum.
class BlobSource {
 public:
  virtual ~BlobSource() = default;
  virtual uint64_t size() const = 0;  // bytes
  // Exactly `bytes` bytes, which lie within size(). kCorruption if they are not there any more.
  virtual Result<void> Read(uint64_t offset, size_t bytes, char* out) const = 0;
  // A file that holds exactly this and never changes again, so that a store on the same file system
  // may link it; null if there is none.
  virtual const OpenFile* sealed_file() const { return nullptr; }
};

// Bytes that outlive it.
class MemorySource final : public BlobSource {
 public:
  explicit MemorySource(BytesView bytes) : bytes_(bytes) {}
  uint64_t size() const override { return bytes_.size(); }
  Result<void> Read(uint64_t offset, size_t bytes, char* out) const override;

 private:
  BytesView bytes_;
};

class FileSource final : public BlobSource {
 public:
  enum class Kind {
    kSealed,     // written once, never again: may be linked
    kChangeable  // is always copied
  };
  static Result<FileSource> Open(const std::string& path, Kind kind);
  uint64_t size() const override { return size_; }
  Result<void> Read(uint64_t offset, size_t bytes, char* out) const override;
  const OpenFile* sealed_file() const override { return kind_ == Kind::kSealed ? &file_ : nullptr; }

 private:
  FileSource(OpenFile file, uint64_t size, Kind kind)
      : file_(std::move(file)), size_(size), kind_(kind) {}

  OpenFile file_;
  uint64_t size_;
  Kind kind_;
};

// Reads it all, in pieces of 1 MiB.
Result<crypto::Digest256> HashOf(const BlobSource& source);

std::string HexOf(const crypto::Digest256& digest);
Result<crypto::Digest256> DigestFromHex(std::string_view text);  // kSerialization

}  // namespace tidemark::blob
