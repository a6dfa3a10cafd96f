// frame := size(u32) header_tag(16) ciphertext(size) tag(16)
#include "engine/rocks/framed_file.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "crypto/aead.h"
#include "engine/rocks/little_endian.h"
#include "engine/rocks/rocks_status.h"
#include "engine/rocks/seal_head.h"

namespace tidemark::engine {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

constexpr size_t kSizeBytes = 4;
constexpr size_t kFrameHeaderBytes = kSizeBytes + crypto::kTagBytes;
constexpr size_t kFramePlainBytesMax = 16 << 20;

crypto::Nonce HeaderNonce(uint64_t frame) {
  return {.purpose = static_cast<uint32_t>(SealPurpose::kFrameHeader), .counter = frame};
}
crypto::Nonce FrameNonce(uint64_t frame) {
  return {.purpose = static_cast<uint32_t>(SealPurpose::kFrame), .counter = frame};
}

bool AllZero(BytesView bytes) { return bytes.find_first_not_of('\0') == BytesView::npos; }

class FramedWriter : public rocksdb::FSWritableFile {
 public:
  FramedWriter(std::unique_ptr<rocksdb::FSWritableFile> target, std::shared_ptr<const KeyRing> keys,
               Random& random, std::string file)
      : target_(std::move(target)),
        keys_(std::move(keys)),
        random_(random),
        file_(std::move(file)) {}

  using FSWritableFile::Append;
  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* dbg) override {
    // After a failed write the file's end is unknown, and its nonce may be on disk.
    if (failed_) return IOStatus::IOError(file_, "an earlier write failed");
    if (data.empty()) return IOStatus::OK();
    Bytes out;
    if (aead_ == nullptr) {
      NewSeal seal = MakeSeal(SealKind::kFramed, *keys_, random_);
      out = std::move(seal.head);
      aead_ = std::move(seal.aead);
    }
    for (size_t at = 0; at < data.size(); at += kFramePlainBytesMax) {
      SealFrame({data.data() + at, std::min(kFramePlainBytesMax, data.size() - at)}, out);
    }
    IOStatus status = target_->Append(Slice(out), options, dbg);
    failed_ = !status.ok();
    size_ += data.size();
    return status;
  }

  IOStatus Flush(const IOOptions& options, IODebugContext* dbg) override {
    return target_->Flush(options, dbg);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* dbg) override {
    return target_->Sync(options, dbg);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* dbg) override {
    return target_->Fsync(options, dbg);
  }
  bool IsSyncThreadSafe() const override { return target_->IsSyncThreadSafe(); }
  IOStatus Close(const IOOptions& options, IODebugContext* dbg) override {
    return target_->Close(options, dbg);
  }
  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return size_; }
  void SetWriteLifeTimeHint(rocksdb::Env::WriteLifeTimeHint hint) override {
    target_->SetWriteLifeTimeHint(hint);
  }
  // Preallocation is not passed on: RocksDB would reserve megabytes for a MANIFEST of some KiB.

 private:
  void SealFrame(BytesView plain, Bytes& out) {
    size_t at = out.size();
    out.resize(at + kFrameHeaderBytes + plain.size() + crypto::kTagBytes);
    char* header = out.data() + at;
    PutLittleEndian(static_cast<uint32_t>(plain.size()), header);
    aead_->Seal(HeaderNonce(frames_), {header, kSizeBytes}, {}, header + kSizeBytes);
    aead_->Seal(FrameNonce(frames_), {}, plain, header + kFrameHeaderBytes);
    ++frames_;
  }

  std::unique_ptr<rocksdb::FSWritableFile> target_;
  std::shared_ptr<const KeyRing> keys_;  // of the file system, which a file may outlive
  Random& random_;
  std::string file_;
  std::unique_ptr<crypto::Aead> aead_;
  uint64_t frames_ = 0;
  uint64_t size_ = 0;
  bool failed_ = false;
};

// Frames one after another, from a file of known size.
class FrameSource {
 public:
  FrameSource(std::unique_ptr<rocksdb::FSSequentialFile> target, uint64_t physical_size,
              std::string file)
      : target_(std::move(target)), rest_(physical_size), file_(std::move(file)) {}

  Result<void> Start(const KeyRing& keys) {
    if (rest_ < kSealBlockBytes) {  // empty, or cut while the head was written
      rest_ = 0;
      return {};
    }
    TM_TRY(Bytes head, ReadExactly(kSealBlockBytes));
    TM_TRY(aead_, OpenSeal(SealKind::kFramed, head, keys, file_));
    return {};
  }

  // The size of the next frame's data; nullopt at the end. Then either Take() or Pass().
  Result<std::optional<size_t>> NextSize() {
    if (rest_ < kFrameHeaderBytes) return std::nullopt;
    uint64_t offset = offset_;
    TM_TRY(Bytes header, ReadExactly(kFrameHeaderBytes));
    char nothing;
    BytesView view = header;
    if (!aead_->Open(HeaderNonce(frame_), view.substr(0, kSizeBytes), view.substr(kSizeBytes),
                     &nothing)) {
      TM_TRY(bool cut, AllZero(view) ? RestIsZero() : Result<bool>(false));
      if (cut) return std::nullopt;
      return Fail(ErrorKind::kCorruption, "{}: the frame header at offset {} fails its tag", file_,
                  offset);
    }
    size_t size = GetLittleEndian<uint32_t>(header.data());
    if (rest_ < size + crypto::kTagBytes) return std::nullopt;
    return size;
  }

  Result<Bytes> Take(size_t size) {
    uint64_t offset = offset_;
    TM_TRY(Bytes sealed, ReadExactly(size + crypto::kTagBytes));
    Bytes plain(size, '\0');
    if (!aead_->Open(FrameNonce(frame_++), {}, sealed, plain.data())) {
      return Fail(ErrorKind::kCorruption, "{}: the frame at offset {} fails its tag", file_,
                  offset);
    }
    return plain;
  }

  Result<void> Pass(size_t size) {
    ++frame_;
    TM_TRYV(ReadExactly(size + crypto::kTagBytes));
    return {};
  }

 private:
  Result<bool> RestIsZero() {
    while (rest_ > 0) {
      TM_TRY(Bytes part, ReadExactly(std::min<uint64_t>(rest_, 1 << 16)));
      if (!AllZero(part)) return false;
    }
    return true;
  }

  Result<Bytes> ReadExactly(size_t size) {
    Bytes bytes(size, '\0');
    size_t done = 0;
    while (done < size) {
      Slice got;
      IOStatus status = target_->Read(size - done, IOOptions(), &got, bytes.data() + done, nullptr);
      if (!status.ok()) return Fail(FromRocks(status, "read " + file_));
      if (got.empty()) {
        return Fail(ErrorKind::kCorruption, "{} ends at offset {}, before its size", file_,
                    offset_ + done);
      }
      if (got.data() != bytes.data() + done)
        std::memmove(bytes.data() + done, got.data(), got.size());
      done += got.size();
    }
    offset_ += size;
    rest_ -= size;
    return bytes;
  }

  std::unique_ptr<rocksdb::FSSequentialFile> target_;
  uint64_t rest_;
  std::string file_;
  std::unique_ptr<crypto::Aead> aead_;
  uint64_t offset_ = 0;
  uint64_t frame_ = 0;
};

class FramedReader : public rocksdb::FSSequentialFile {
 public:
  explicit FramedReader(FrameSource source) : source_(std::move(source)) {}

  IOStatus Read(size_t bytes, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) override {
    size_t done = 0;
    while (done < bytes) {
      if (at_ == plain_.size()) {
        Result<bool> more = Load();
        if (!more) return ToIoStatus(more.error());
        if (!*more) break;
      }
      size_t take = std::min(bytes - done, plain_.size() - at_);
      std::memcpy(scratch + done, plain_.data() + at_, take);
      at_ += take;
      done += take;
    }
    *result = Slice(scratch, done);
    return IOStatus::OK();
  }

  IOStatus Skip(uint64_t bytes) override {
    while (bytes > 0) {
      if (at_ == plain_.size()) {
        Result<bool> more = Load();
        if (!more) return ToIoStatus(more.error());
        if (!*more) break;
      }
      size_t take = std::min<uint64_t>(bytes, plain_.size() - at_);
      at_ += take;
      bytes -= take;
    }
    return IOStatus::OK();
  }

 private:
  // The next frame; false at the end of the file, for good.
  Result<bool> Load() {
    if (ended_) return false;
    TM_TRY(auto size, source_.NextSize());
    if (!size) {
      ended_ = true;
      return false;
    }
    TM_TRY(plain_, source_.Take(*size));
    at_ = 0;
    return true;
  }

  FrameSource source_;
  Bytes plain_;
  size_t at_ = 0;
  bool ended_ = false;
};

class LoadedFile : public rocksdb::FSRandomAccessFile {
 public:
  explicit LoadedFile(Bytes content) : content_(std::move(content)) {}
  IOStatus Read(uint64_t offset, size_t bytes, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) const override {
    size_t copied = offset < content_.size() ? content_.copy(scratch, bytes, offset) : 0;
    *result = Slice(scratch, copied);
    return IOStatus::OK();
  }

 private:
  Bytes content_;
};

}  // namespace

std::unique_ptr<rocksdb::FSWritableFile> MakeFramedWriter(
    std::unique_ptr<rocksdb::FSWritableFile> target, std::shared_ptr<const KeyRing> keys,
    Random& random, const std::string& file) {
  return std::make_unique<FramedWriter>(std::move(target), std::move(keys), random, file);
}

Result<std::unique_ptr<rocksdb::FSSequentialFile>> OpenFramedReader(
    std::unique_ptr<rocksdb::FSSequentialFile> target, uint64_t physical_size, const KeyRing& keys,
    const std::string& file) {
  FrameSource source(std::move(target), physical_size, file);
  TM_TRYV(source.Start(keys));
  return std::make_unique<FramedReader>(std::move(source));
}

Result<std::unique_ptr<rocksdb::FSRandomAccessFile>> LoadFramedFile(
    std::unique_ptr<rocksdb::FSSequentialFile> target, uint64_t physical_size, const KeyRing& keys,
    const std::string& file) {
  FrameSource source(std::move(target), physical_size, file);
  TM_TRYV(source.Start(keys));
  Bytes content;
  while (true) {
    TM_TRY(auto size, source.NextSize());
    if (!size) return std::make_unique<LoadedFile>(std::move(content));
    TM_TRY(Bytes frame, source.Take(*size));
    content += frame;
  }
}

Result<uint64_t> FramedLogicalSize(std::unique_ptr<rocksdb::FSSequentialFile> target,
                                   uint64_t physical_size, const KeyRing& keys,
                                   const std::string& file) {
  FrameSource source(std::move(target), physical_size, file);
  TM_TRYV(source.Start(keys));
  uint64_t total = 0;
  while (true) {
    TM_TRY(auto size, source.NextSize());
    if (!size) return total;
    total += *size;
    TM_TRYV(source.Pass(*size));
  }
}

}  // namespace tidemark::engine
