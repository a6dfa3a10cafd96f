#include "engine/rocks/chunked_file.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "crypto/aead.h"
#include "engine/rocks/rocks_status.h"
#include "engine/rocks/seal_head.h"

namespace tidemark::engine {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

constexpr uint64_t kBatchChunks = 64;  // read or written by one system call
constexpr BytesView kMiddle{"\0", 1};  // what is authenticated beside a chunk: is it the last?
constexpr BytesView kLast{"\1", 1};

crypto::Nonce ChunkNonce(uint64_t chunk) {
  return {.purpose = static_cast<uint32_t>(SealPurpose::kChunk), .counter = chunk};
}

uint64_t PhysicalOffset(uint64_t chunk) { return (chunk + 1) * kSealBlockBytes; }

// Where the chunk holding the logical offset begins on disk: for hints, which need not be exact.
uint64_t PhysicalNear(uint64_t offset) { return PhysicalOffset(offset / kChunkPlainBytes); }

class ChunkedWriter : public rocksdb::FSWritableFile {
 public:
  ChunkedWriter(std::unique_ptr<rocksdb::FSWritableFile> target, NewSeal seal, std::string file)
      : target_(std::move(target)),
        aead_(std::move(seal.aead)),
        file_(std::move(file)),
        out_(std::move(seal.head)) {}

  using FSWritableFile::Append;
  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* dbg) override {
    if (sealed_) return IOStatus::IOError(file_, "is write-once and complete");
    size_ += data.size();
    const char* at = data.data();
    size_t rest = data.size();
    while (rest > 0) {
      // A full chunk is sealed only when more data shows that it is not the last.
      if (carried_ == kChunkPlainBytes) {
        SealChunk({carry_.data(), carried_}, kMiddle);
        carried_ = 0;
      }
      if (carried_ == 0 && rest > kChunkPlainBytes) {
        SealChunk({at, kChunkPlainBytes}, kMiddle);
        at += kChunkPlainBytes;
        rest -= kChunkPlainBytes;
        if (out_.size() >= kBatchChunks * kSealBlockBytes) {
          if (IOStatus status = WriteOut(options, dbg); !status.ok()) return status;
        }
        continue;
      }
      size_t take = std::min(rest, kChunkPlainBytes - carried_);
      std::memcpy(carry_.data() + carried_, at, take);
      carried_ += take;
      at += take;
      rest -= take;
    }
    return WriteOut(options, dbg);
  }

  IOStatus Flush(const IOOptions& options, IODebugContext* dbg) override {
    return target_->Flush(options, dbg);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* dbg) override {
    if (IOStatus status = Finish(options, dbg); !status.ok()) return status;
    return target_->Sync(options, dbg);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* dbg) override {
    if (IOStatus status = Finish(options, dbg); !status.ok()) return status;
    return target_->Fsync(options, dbg);
  }
  IOStatus Close(const IOOptions& options, IODebugContext* dbg) override {
    IOStatus finished = Finish(options, dbg);
    IOStatus closed = target_->Close(options, dbg);
    return finished.ok() ? closed : finished;
  }

  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return size_; }
  IOStatus RangeSync(uint64_t offset, uint64_t bytes, const IOOptions& options,
                     IODebugContext* dbg) override {
    uint64_t begin = PhysicalNear(offset);
    return target_->RangeSync(begin, PhysicalNear(offset + bytes) - begin, options, dbg);
  }
  void PrepareWrite(size_t offset, size_t length, const IOOptions& options,
                    IODebugContext* dbg) override {
    size_t begin = PhysicalNear(offset);
    target_->PrepareWrite(begin, PhysicalNear(offset + length) - begin + kSealBlockBytes, options,
                          dbg);
  }
  void SetPreallocationBlockSize(size_t size) override { target_->SetPreallocationBlockSize(size); }
  void GetPreallocationStatus(size_t* block_size, size_t* last_block) override {
    target_->GetPreallocationStatus(block_size, last_block);
  }
  void SetWriteLifeTimeHint(rocksdb::Env::WriteLifeTimeHint hint) override {
    target_->SetWriteLifeTimeHint(hint);
  }
  void SetIOPriority(rocksdb::Env::IOPriority priority) override {
    target_->SetIOPriority(priority);
  }
  IOStatus InvalidateCache(size_t, size_t) override { return target_->InvalidateCache(0, 0); }

 private:
  void SealChunk(BytesView plain, BytesView aad) {
    size_t at = out_.size();
    out_.resize(at + plain.size() + crypto::kTagBytes);
    aead_->Seal(ChunkNonce(next_chunk_++), aad, plain, out_.data() + at);
  }

  IOStatus WriteOut(const IOOptions& options, IODebugContext* dbg) {
    if (out_.empty()) return IOStatus::OK();
    IOStatus status = target_->Append(Slice(out_), options, dbg);
    out_.clear();
    // After a failed write the file's end is unknown; nothing may follow it.
    if (!status.ok()) sealed_ = failed_ = true;
    return status;
  }

  IOStatus Finish(const IOOptions& options, IODebugContext* dbg) {
    if (failed_) return IOStatus::IOError(file_, "an earlier write failed");
    if (sealed_) return IOStatus::OK();
    sealed_ = true;
    SealChunk({carry_.data(), carried_}, kLast);
    return WriteOut(options, dbg);
  }

  std::unique_ptr<rocksdb::FSWritableFile> target_;
  std::unique_ptr<crypto::Aead> aead_;
  std::string file_;
  Bytes out_;  // sealed, not yet written
  std::array<char, kChunkPlainBytes> carry_;
  size_t carried_ = 0;
  uint64_t size_ = 0;
  uint64_t next_chunk_ = 0;
  bool sealed_ = false;
  bool failed_ = false;
};

class ChunkedReader : public rocksdb::FSRandomAccessFile {
 public:
  ChunkedReader(std::unique_ptr<rocksdb::FSRandomAccessFile> target,
                std::unique_ptr<crypto::Aead> aead, uint64_t physical_size, uint64_t size,
                std::string file)
      : target_(std::move(target)),
        aead_(std::move(aead)),
        file_(std::move(file)),
        physical_size_(physical_size),
        size_(size),
        last_chunk_((physical_size - kSealBlockBytes - 1) / kSealBlockBytes) {}

  IOStatus Read(uint64_t offset, size_t bytes, const IOOptions& options, Slice* result,
                char* scratch, IODebugContext* dbg) const override {
    *result = Slice(scratch, 0);
    if (offset >= size_ || bytes == 0) return IOStatus::OK();
    bytes = std::min<uint64_t>(bytes, size_ - offset);
    uint64_t end_chunk = (offset + bytes - 1) / kChunkPlainBytes + 1;
    for (uint64_t chunk = offset / kChunkPlainBytes; chunk < end_chunk; chunk += kBatchChunks) {
      IOStatus status = ReadBatch(chunk, std::min(chunk + kBatchChunks, end_chunk), offset, bytes,
                                  scratch, options, dbg);
      if (!status.ok()) return status;
    }
    *result = Slice(scratch, bytes);
    return IOStatus::OK();
  }

  IOStatus Prefetch(uint64_t offset, size_t bytes, const IOOptions& options,
                    IODebugContext* dbg) override {
    uint64_t begin = PhysicalNear(offset);
    return target_->Prefetch(begin, PhysicalNear(offset + bytes) - begin + kSealBlockBytes, options,
                             dbg);
  }
  size_t GetUniqueId(char* id, size_t size_max) const override {
    return target_->GetUniqueId(id, size_max);
  }
  void Hint(AccessPattern pattern) override { target_->Hint(pattern); }
  IOStatus InvalidateCache(size_t, size_t) override { return target_->InvalidateCache(0, 0); }

 private:
  // Reads and opens chunks [begin, end), copying what lies in [offset, offset + bytes) to
  // `scratch`.
  IOStatus ReadBatch(uint64_t begin, uint64_t end, uint64_t offset, size_t bytes, char* scratch,
                     const IOOptions& options, IODebugContext* dbg) const {
    static thread_local const std::unique_ptr<char[]> buffer(
        new char[kBatchChunks * kSealBlockBytes]);
    uint64_t physical = PhysicalOffset(begin);
    size_t length = std::min(PhysicalOffset(end), physical_size_) - physical;
    Slice raw;
    IOStatus status = target_->Read(physical, length, options, &raw, buffer.get(), dbg);
    if (!status.ok()) return status;
    if (raw.size() != length) {
      return IOStatus::Corruption(fmt::format("{} ends at offset {}, it had {} bytes", file_,
                                              physical + raw.size(), physical_size_));
    }
    for (uint64_t chunk = begin; chunk < end; ++chunk) {
      size_t at = (chunk - begin) * kSealBlockBytes;
      BytesView sealed(raw.data() + at, std::min(kSealBlockBytes, length - at));
      if (!OpenChunk(chunk, sealed, offset, bytes, scratch)) {
        return IOStatus::Corruption(
            fmt::format("{}: the chunk at offset {} fails its tag", file_, PhysicalOffset(chunk)));
      }
    }
    return IOStatus::OK();
  }

  bool OpenChunk(uint64_t chunk, BytesView sealed, uint64_t offset, size_t bytes,
                 char* scratch) const {
    size_t plain_size = sealed.size() - crypto::kTagBytes;
    uint64_t chunk_offset = chunk * kChunkPlainBytes;
    uint64_t from = std::max(offset, chunk_offset);
    uint64_t to = std::min(offset + bytes, chunk_offset + plain_size);
    bool whole = from == chunk_offset && to == chunk_offset + plain_size;
    char partial[kChunkPlainBytes];
    char* plain = whole ? scratch + (chunk_offset - offset) : partial;
    BytesView aad = chunk == last_chunk_ ? kLast : kMiddle;
    if (!aead_->Open(ChunkNonce(chunk), aad, sealed, plain)) return false;
    if (!whole) std::memcpy(scratch + (from - offset), plain + (from - chunk_offset), to - from);
    return true;
  }

  std::unique_ptr<rocksdb::FSRandomAccessFile> target_;
  std::unique_ptr<crypto::Aead> aead_;
  std::string file_;
  uint64_t physical_size_;
  uint64_t size_;
  uint64_t last_chunk_;
};

class InOrder : public rocksdb::FSSequentialFile {
 public:
  explicit InOrder(std::unique_ptr<rocksdb::FSRandomAccessFile> reader)
      : reader_(std::move(reader)) {}
  IOStatus Read(size_t bytes, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* dbg) override {
    IOStatus status = reader_->Read(offset_, bytes, options, result, scratch, dbg);
    if (status.ok()) offset_ += result->size();
    return status;
  }
  IOStatus Skip(uint64_t bytes) override {
    offset_ += bytes;
    return IOStatus::OK();
  }

 private:
  std::unique_ptr<rocksdb::FSRandomAccessFile> reader_;
  uint64_t offset_ = 0;
};

}  // namespace

Result<uint64_t> ChunkedLogicalSize(uint64_t physical, const std::string& file) {
  constexpr uint64_t kSmallest = kSealBlockBytes + crypto::kTagBytes;
  if (physical >= kSmallest) {
    uint64_t chunked = physical - kSealBlockBytes;
    uint64_t full = chunked / kSealBlockBytes;
    uint64_t rest = chunked % kSealBlockBytes;
    if (rest == 0) return full * kChunkPlainBytes;
    // Only the chunk of an empty file holds nothing.
    if (rest > crypto::kTagBytes || (rest == crypto::kTagBytes && full == 0)) {
      return full * kChunkPlainBytes + rest - crypto::kTagBytes;
    }
  }
  return Fail(ErrorKind::kCorruption, "{} was cut: no sealed file has {} bytes", file, physical);
}

std::unique_ptr<rocksdb::FSWritableFile> MakeChunkedWriter(
    std::unique_ptr<rocksdb::FSWritableFile> target, const KeyRing& keys, Random& random,
    const std::string& file) {
  return std::make_unique<ChunkedWriter>(std::move(target),
                                         MakeSeal(SealKind::kChunked, keys, random), file);
}

Result<std::unique_ptr<rocksdb::FSRandomAccessFile>> OpenChunkedReader(
    std::unique_ptr<rocksdb::FSRandomAccessFile> target, uint64_t physical_size,
    const KeyRing& keys, const std::string& file) {
  TM_TRY(uint64_t size, ChunkedLogicalSize(physical_size, file));
  char head[kSealBlockBytes];
  Slice got;
  IOStatus status = target->Read(0, sizeof head, IOOptions(), &got, head, nullptr);
  if (!status.ok()) return Fail(FromRocks(status, "read " + file));
  TM_TRY(auto aead, OpenSeal(SealKind::kChunked, {got.data(), got.size()}, keys, file));
  if (size == 0) {
    // No read will ever touch its only chunk, and a cut file may look so.
    char chunk[crypto::kTagBytes];
    char nothing;
    status = target->Read(PhysicalOffset(0), sizeof chunk, IOOptions(), &got, chunk, nullptr);
    if (!status.ok()) return Fail(FromRocks(status, "read " + file));
    if (!aead->Open(ChunkNonce(0), kLast, {got.data(), got.size()}, &nothing)) {
      return Fail(ErrorKind::kCorruption, "{}: the chunk at offset {} fails its tag", file,
                  PhysicalOffset(0));
    }
  }
  return std::make_unique<ChunkedReader>(std::move(target), std::move(aead), physical_size, size,
                                         file);
}

std::unique_ptr<rocksdb::FSSequentialFile> ReadInOrder(
    std::unique_ptr<rocksdb::FSRandomAccessFile> reader) {
  return std::make_unique<InOrder>(std::move(reader));
}

}  // namespace tidemark::engine
