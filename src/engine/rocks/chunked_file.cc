#include "engine/rocks/chunked_file.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <vector>

#include "crypto/aead.h"
#include "engine/rocks/directory.h"
#include "engine/rocks/rocks_status.h"
#include "engine/rocks/seal_head.h"

namespace tidemark::engine {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

constexpr uint64_t kBatchChunks = 64;  // read or written by one system call
// Read too between two requests, rather than by two system calls.
constexpr uint64_t kUnwantedChunks = 8;
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
  ChunkedWriter(OutFile target, NewSeal seal)
      : target_(std::move(target)), aead_(std::move(seal.aead)), out_(std::move(seal.head)) {}

  using FSWritableFile::Append;
  IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override {
    if (sealed_) return IOStatus::IOError(target_.RealPath(), "is write-once and complete");
    size_ += data.size();
    const char* at = data.data();
    size_t rest = data.size();
    while (rest > 0) {
      // A full chunk is sealed only when more data shows that it is not the last.
      if (carried_ == kChunkPlainBytes) {
        SealChunk({carry_.data(), carried_}, kMiddle);
        carried_ = 0;
        if (out_.size() >= kBatchChunks * kSealBlockBytes) {
          if (Result<void> written = WriteOut(); !written) return ToIoStatus(written.error());
        }
      }
      size_t take = std::min(rest, kChunkPlainBytes - carried_);
      std::memcpy(carry_.data() + carried_, at, take);
      carried_ += take;
      at += take;
      rest -= take;
    }
    return IOStatus::OK();
  }

  // Nothing is given to the operating system before there is enough for a call.
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    return ToIoStatus([&]() -> Result<void> {
      TM_TRYV(Finish());
      return target_.Sync();
    }());
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override {
    Result<void> finished = Finish();
    target_.Release();
    return ToIoStatus(finished);
  }

  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return size_; }
  IOStatus RangeSync(uint64_t offset, uint64_t bytes, const IOOptions&, IODebugContext*) override {
    uint64_t begin = PhysicalNear(offset);
    target_.BeginWriteback(begin, PhysicalNear(offset + bytes) - begin);
    return IOStatus::OK();
  }

 private:
  void SealChunk(BytesView plain, BytesView aad) {
    size_t at = out_.size();
    out_.resize(at + plain.size() + crypto::kTagBytes);
    aead_->Seal(ChunkNonce(next_chunk_++), aad, plain, out_.data() + at);
  }

  Result<void> WriteOut() {
    if (out_.empty()) return {};
    Result<void> written = target_.Append(out_);
    out_.clear();
    if (!written) {  // nothing may follow
      sealed_ = true;
      finished_ = written;
    }
    return written;
  }

  Result<void> Finish() {
    if (!sealed_) {
      sealed_ = true;
      SealChunk({carry_.data(), carried_}, kLast);
      finished_ = WriteOut();
    }
    return finished_;
  }

  OutFile target_;
  std::unique_ptr<crypto::Aead> aead_;
  Bytes out_;  // sealed, not yet written
  std::array<char, kChunkPlainBytes> carry_;
  size_t carried_ = 0;
  uint64_t size_ = 0;
  uint64_t next_chunk_ = 0;
  bool sealed_ = false;
  Result<void> finished_;  // once sealed
};

class ChunkedReader : public rocksdb::FSRandomAccessFile {
 public:
  ChunkedReader(std::unique_ptr<PooledFile> target, std::unique_ptr<crypto::Aead> aead,
                uint64_t physical_size, uint64_t size)
      : target_(std::move(target)),
        aead_(std::move(aead)),
        physical_size_(physical_size),
        size_(size),
        last_chunk_((physical_size - kSealBlockBytes - 1) / kSealBlockBytes) {}

  IOStatus Read(uint64_t offset, size_t bytes, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) const override {
    const Wanted wanted = Wants(offset, bytes, scratch);
    *result = Slice(scratch, 0);
    for (uint64_t chunk = wanted.begin_chunk(); chunk < wanted.end_chunk(); chunk += kBatchChunks) {
      const uint64_t end = std::min(chunk + kBatchChunks, wanted.end_chunk());
      Result<void> read = ReadBatch(chunk, end, {&wanted, 1});
      if (!read) return ToIoStatus(read.error());
    }
    *result = Slice(scratch, wanted.bytes);
    return IOStatus::OK();
  }

  // What lies close together is read at once, and no chunk opened twice.
  IOStatus MultiRead(rocksdb::FSReadRequest* requests, size_t count, const IOOptions& options,
                     IODebugContext* dbg) override {
    std::vector<Wanted> wanted;
    for (size_t first = 0; first < count; first += wanted.size()) {
      wanted.assign(1, Wants(requests[first]));
      while (first + wanted.size() < count) {
        const Wanted next = Wants(requests[first + wanted.size()]);
        if (!CanJoin(wanted.front(), wanted.back(), next)) break;
        wanted.push_back(next);
      }
      // What fails then fails for itself alone.
      const bool done = wanted.size() > 1 &&
                        ReadBatch(wanted.front().begin_chunk(), wanted.back().end_chunk(), wanted);
      for (size_t i = 0; i < wanted.size(); ++i) {
        auto& [offset, bytes, scratch, result, status] = requests[first + i];
        result = Slice(scratch, wanted[i].bytes);
        status = done ? IOStatus::OK() : Read(offset, bytes, options, &result, scratch, dbg);
      }
    }
    return IOStatus::OK();
  }

  IOStatus Prefetch(uint64_t offset, size_t bytes, const IOOptions&, IODebugContext*) override {
    uint64_t begin = PhysicalNear(offset);
    target_->Readahead(begin, PhysicalNear(offset + bytes) - begin + kSealBlockBytes);
    return IOStatus::OK();
  }

 private:
  // A part of the file, and where it is to go.
  struct Wanted {
    uint64_t offset;
    uint64_t bytes;
    char* to;
    uint64_t end() const { return offset + bytes; }
    uint64_t begin_chunk() const { return offset / kChunkPlainBytes; }
    uint64_t end_chunk() const {
      return bytes == 0 ? begin_chunk() : (end() - 1) / kChunkPlainBytes + 1;
    }
  };
  Wanted Wants(uint64_t offset, uint64_t bytes, char* to) const {
    offset = std::min(offset, size_);
    return {offset, std::min(bytes, size_ - offset), to};
  }
  Wanted Wants(const rocksdb::FSReadRequest& request) const {
    return Wants(request.offset, request.len, request.scratch);
  }

  static bool CanJoin(const Wanted& first, const Wanted& last, const Wanted& next) {
    return next.bytes > 0 && next.offset >= last.end() &&
           next.begin_chunk() <= last.end_chunk() + kUnwantedChunks &&
           next.end_chunk() - first.begin_chunk() <= kBatchChunks;
  }

  // Reads chunks [begin, end), opens those in which something is `wanted`, and copies that. Wanted:
  // in the order of the file, none over another.
  Result<void> ReadBatch(uint64_t begin, uint64_t end, std::span<const Wanted> wanted) const {
    static thread_local const std::unique_ptr<char[]> buffer(
        new char[kBatchChunks * kSealBlockBytes]);
    uint64_t physical = PhysicalOffset(begin);
    size_t length = std::min(PhysicalOffset(end), physical_size_) - physical;
    TM_TRY(const size_t got, target_->Read(physical, length, buffer.get()));
    if (got != length) {
      return Fail(ErrorKind::kCorruption, "{} ends at offset {}, it had {} bytes", Name(),
                  physical + got, physical_size_);
    }
    for (uint64_t chunk = begin; chunk < end; ++chunk) {
      size_t at = (chunk - begin) * kSealBlockBytes;
      BytesView sealed(buffer.get() + at, std::min(kSealBlockBytes, length - at));
      while (wanted.front().end_chunk() <= chunk) wanted = wanted.subspan(1);
      if (wanted.front().begin_chunk() > chunk) continue;
      if (!OpenChunk(chunk, sealed, wanted)) {
        return Fail(ErrorKind::kCorruption, "{}: the chunk at offset {} fails its tag", Name(),
                    PhysicalOffset(chunk));
      }
    }
    return {};
  }

  // `wanted`: the first of them is in the chunk, and those that follow may be.
  bool OpenChunk(uint64_t chunk, BytesView sealed, std::span<const Wanted> wanted) const {
    const uint64_t begin = chunk * kChunkPlainBytes;
    const uint64_t end = begin + sealed.size() - crypto::kTagBytes;
    const Wanted& first = wanted.front();
    const bool whole = first.offset <= begin && first.end() >= end;
    char some[kChunkPlainBytes];
    char* plain = whole ? first.to + (begin - first.offset) : some;
    if (!aead_->Open(ChunkNonce(chunk), chunk == last_chunk_ ? kLast : kMiddle, sealed, plain))
      return false;
    for (; !whole && !wanted.empty() && wanted.front().offset < end; wanted = wanted.subspan(1)) {
      const Wanted& one = wanted.front();
      const uint64_t from = std::max(one.offset, begin);
      std::memcpy(one.to + (from - one.offset), plain + (from - begin),
                  std::min(one.end(), end) - from);
    }
    return true;
  }

  std::string Name() const { return FinalName(target_->RealPath()); }

  std::unique_ptr<PooledFile> target_;
  std::unique_ptr<crypto::Aead> aead_;
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

std::unique_ptr<rocksdb::FSWritableFile> MakeChunkedWriter(OutFile target, const KeyRing& keys,
                                                           Random& random) {
  return std::make_unique<ChunkedWriter>(std::move(target),
                                         MakeSeal(SealKind::kChunked, keys, random));
}

Result<std::unique_ptr<rocksdb::FSRandomAccessFile>> OpenChunkedReader(
    std::unique_ptr<PooledFile> target, const KeyRing& keys, const std::string& file) {
  TM_TRY(const uint64_t physical_size, target->Size());
  TM_TRY(const uint64_t size, ChunkedLogicalSize(physical_size, file));
  char head[kSealBlockBytes];
  TM_TRY(const size_t head_bytes, target->Read(0, sizeof head, head));
  TM_TRY(auto aead, OpenSeal(SealKind::kChunked, {head, head_bytes}, keys, file));
  if (size == 0) {
    // No read will ever touch its only chunk, and a cut file may look so.
    char chunk[crypto::kTagBytes];
    char nothing;
    TM_TRY(const size_t bytes, target->Read(PhysicalOffset(0), sizeof chunk, chunk));
    if (!aead->Open(ChunkNonce(0), kLast, {chunk, bytes}, &nothing)) {
      return Fail(ErrorKind::kCorruption, "{}: the chunk at offset {} fails its tag", file,
                  PhysicalOffset(0));
    }
  }
  return std::make_unique<ChunkedReader>(std::move(target), std::move(aead), physical_size, size);
}

std::unique_ptr<rocksdb::FSSequentialFile> ReadInOrder(
    std::unique_ptr<rocksdb::FSRandomAccessFile> reader) {
  return std::make_unique<InOrder>(std::move(reader));
}

}  // namespace tidemark::engine
