// frame := size(u32) header_tag(16) ciphertext(size) tag(16)
#include "engine/rocks/framed_file.h"

#include <algorithm>
#include <utility>

#include "codec/varint.h"
#include "crypto/aead.h"
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
constexpr size_t kSectorBytes = 512;  // the least that a disk writes or loses

crypto::Nonce HeaderNonce(uint64_t frame) {
  return {.purpose = static_cast<uint32_t>(SealPurpose::kFrameHeader), .counter = frame};
}
crypto::Nonce FrameNonce(uint64_t frame) {
  return {.purpose = static_cast<uint32_t>(SealPurpose::kFrame), .counter = frame};
}

bool AllZero(BytesView bytes) { return bytes.find_first_not_of('\0') == BytesView::npos; }

// Whether what follows from `at` on, where `frame` does not open, is what a crash may leave of an
// append that was never synced: sectors of it are missing, and nothing behind it was appended
// later. The file may have grown before its bytes were there.
bool IsTornTail(BytesView raw, size_t at, uint64_t frame, const crypto::Aead& aead) {
  bool missing = false;
  for (size_t from = at; from < raw.size() && !missing;) {
    const size_t until = std::min(raw.size(), (from / kSectorBytes + 1) * kSectorBytes);
    missing = until - from > kSizeBytes && AllZero(raw.substr(from, until - from));
    from = until;
  }
  if (!missing) return false;
  for (++at; at + kFrameHeaderBytes <= raw.size(); ++at) {
    char nothing;
    const BytesView size = raw.substr(at, kSizeBytes);
    const BytesView tag = raw.substr(at + kSizeBytes, crypto::kTagBytes);
    if (aead.Open(HeaderNonce(frame + 1), size, tag, &nothing)) return false;
  }
  return true;
}

class FramedWriter : public rocksdb::FSWritableFile {
 public:
  FramedWriter(OutFile target, std::shared_ptr<const KeyRing> keys, Random& random)
      : target_(std::move(target)), keys_(std::move(keys)), random_(random) {}

  // Written by Sync or Close. WHY not at once: of several writes before a sync a power cut may lose
  // an earlier one and leave a later one, which no reader can tell from damage.
  using FSWritableFile::Append;
  IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override {
    waiting_.append(data.data(), data.size());
    size_ += data.size();
    return IOStatus::OK();
  }

  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    auto done = Write();
    if (done) done = target_.Sync();
    target_.Release();
    return ToIoStatus(done);
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override {
    const auto done = Write();
    target_.Release();
    return ToIoStatus(done);
  }
  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return size_; }
  // Nothing is preallocated: RocksDB would reserve megabytes for a MANIFEST of some KiB.

 private:
  // What waits, as one frame: several only where it is too large. After a failure nothing more is
  // written (OutFile), so no frame's number is used twice.
  Result<void> Write() {
    const Bytes data = std::exchange(waiting_, Bytes());
    if (data.empty()) return {};
    Bytes out;
    if (aead_ == nullptr) {
      NewSeal seal = MakeSeal(SealKind::kFramed, *keys_, random_);
      out = std::move(seal.head);
      aead_ = std::move(seal.aead);
    }
    for (size_t at = 0; at < data.size(); at += kFramePlainBytesMax) {
      SealFrame(BytesView(data).substr(at, kFramePlainBytesMax), out);
    }
    return target_.Append(out);
  }

  void SealFrame(BytesView plain, Bytes& out) {
    size_t at = out.size();
    out.resize(at + kFrameHeaderBytes + plain.size() + crypto::kTagBytes);
    char* header = out.data() + at;
    codec::StoreLittle32(static_cast<uint32_t>(plain.size()), header);
    aead_->Seal(HeaderNonce(frames_), {header, kSizeBytes}, {}, header + kSizeBytes);
    aead_->Seal(FrameNonce(frames_), {}, plain, header + kFrameHeaderBytes);
    ++frames_;
  }

  OutFile target_;
  std::shared_ptr<const KeyRing> keys_;  // of the file system, which a file may outlive
  Random& random_;
  std::unique_ptr<crypto::Aead> aead_;
  Bytes waiting_;
  uint64_t frames_ = 0;
  uint64_t size_ = 0;  // with what waits
};

class LoadedInOrder : public rocksdb::FSSequentialFile {
 public:
  explicit LoadedInOrder(Bytes content) : content_(std::move(content)) {}
  IOStatus Read(size_t bytes, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) override {
    size_t copied = offset_ < content_.size() ? content_.copy(scratch, bytes, offset_) : 0;
    *result = Slice(scratch, copied);
    offset_ += copied;
    return IOStatus::OK();
  }
  IOStatus Skip(uint64_t bytes) override {
    offset_ += bytes;
    return IOStatus::OK();
  }

 private:
  Bytes content_;
  uint64_t offset_ = 0;
};

class Refusing : public rocksdb::FSRandomAccessFile {
 public:
  IOStatus Read(uint64_t, size_t, const IOOptions&, Slice*, char*, IODebugContext*) const override {
    return IOStatus::NotSupported("reading an append file at random");
  }
};

}  // namespace

std::unique_ptr<rocksdb::FSWritableFile> MakeFramedWriter(OutFile target,
                                                          std::shared_ptr<const KeyRing> keys,
                                                          Random& random) {
  return std::make_unique<FramedWriter>(std::move(target), std::move(keys), random);
}

Result<Bytes> OpenFramed(BytesView raw, const KeyRing& keys, const std::string& file) {
  Bytes content;
  if (raw.size() < kSealBlockBytes) return content;  // empty, or cut while the head was written
  TM_TRY(auto aead, OpenSeal(SealKind::kFramed, raw.substr(0, kSealBlockBytes), keys, file));
  size_t at = kSealBlockBytes;
  for (uint64_t frame = 0; raw.size() - at >= kFrameHeaderBytes; ++frame) {
    const BytesView header = raw.substr(at, kFrameHeaderBytes);
    char nothing;
    if (!aead->Open(HeaderNonce(frame), header.substr(0, kSizeBytes), header.substr(kSizeBytes),
                    &nothing)) {
      if (AllZero(raw.substr(at)) || IsTornTail(raw, at, frame, *aead)) break;
      return Fail(ErrorKind::kCorruption, "{}: the frame header at offset {} fails its tag", file,
                  at);
    }
    at += kFrameHeaderBytes;
    const size_t size = codec::LoadLittle32(header.data());
    if (raw.size() - at < size + crypto::kTagBytes) break;
    const size_t done = content.size();
    content.resize(done + size);
    if (!aead->Open(FrameNonce(frame), {}, raw.substr(at, size + crypto::kTagBytes),
                    content.data() + done)) {
      content.resize(done);
      if (IsTornTail(raw, at, frame, *aead)) break;
      return Fail(ErrorKind::kCorruption, "{}: the frame at offset {} fails its tag", file, at);
    }
    at += size + crypto::kTagBytes;
  }
  return content;
}

std::unique_ptr<rocksdb::FSSequentialFile> ReadInOrder(Bytes content) {
  return std::make_unique<LoadedInOrder>(std::move(content));
}
std::unique_ptr<rocksdb::FSRandomAccessFile> RefuseToReadAtRandom() {
  return std::make_unique<Refusing>();
}

}  // namespace tidemark::engine
