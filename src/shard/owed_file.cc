#include "shard/owed_file.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file_hook.h"
#include "base/files.h"
#include "codec/varint.h"

namespace tidemark::shard {
namespace {

constexpr BytesView kMagic = "TMOWED";
constexpr uint16_t kVersion = 1;
constexpr uint32_t kNoncePurpose = 1;
constexpr size_t kFrameHeadBytes = 5;
constexpr size_t kFrameBytesMax = 64 << 20;

Result<void> Ask(const FileCall& call, std::string_view what) {
  const int failed = AskFileHook(call);
  if (failed) return Fail(FromErrno(failed, fmt::format("{} {}", what, call.path)));
  return {};
}

Unexpected FailErrno(std::string_view what, const std::string& path) {
  return Fail(FromErrno(errno, fmt::format("{} {}", what, path)));
}

Bytes FrameHead(OwedFrameKind kind, size_t size) {
  Bytes head;
  codec::AppendU8(static_cast<uint8_t>(kind), &head);
  codec::AppendLittle32(static_cast<uint32_t>(size), &head);
  return head;
}

}  // namespace

OwedFileWriter::OwedFileWriter(std::string path, int fd, const crypto::Key256& key)
    : path_(std::move(path)),
      aside_(path_ + ".making"),
      fd_(fd),
      aead_(std::make_unique<crypto::Aead>(key)) {}

OwedFileWriter::OwedFileWriter(OwedFileWriter&& other) noexcept
    : path_(std::move(other.path_)),
      aside_(std::move(other.aside_)),
      fd_(std::exchange(other.fd_, -1)),
      offset_(other.offset_),
      frames_(other.frames_),
      aead_(std::move(other.aead_)) {}

OwedFileWriter::~OwedFileWriter() {
  if (fd_ < 0) return;
  ::close(fd_);
  (void)RemoveFile(aside_);
}

Result<OwedFileWriter> OwedFileWriter::Make(std::string path, BytesView key_context,
                                            crypto::DataKeyProvider& keys) {
  TM_TRY(const auto key, keys.Generate(key_context));
  const std::string aside = path + ".making";
  TM_TRYV(Ask({.op = FileOp::kCreate, .path = aside}, "making"));
  const int fd = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return FailErrno("making", aside);
  OwedFileWriter writer(std::move(path), fd, key.key);
  Bytes head(kMagic);
  codec::AppendLittle16(kVersion, &head);
  codec::AppendLittle16(static_cast<uint16_t>(key.wrapped.size()), &head);
  head += key.wrapped;
  TM_TRYV(writer.Write(head));
  return writer;
}

Result<void> OwedFileWriter::Write(BytesView bytes) {
  TM_TRYV(Ask({.op = FileOp::kWrite,
               .path = aside_,
               .offset = offset_,
               .bytes = bytes.size(),
               .data = bytes},
              "writing"));
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FailErrno("writing", aside_);
    offset_ += static_cast<uint64_t>(written);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Result<void> OwedFileWriter::Append(OwedFrameKind kind, BytesView plain) {
  Bytes frame = FrameHead(kind, plain.size());
  frame.resize(kFrameHeadBytes + plain.size() + crypto::kTagBytes);
  const BytesView head = BytesView(frame).substr(0, kFrameHeadBytes);
  aead_->Seal({kNoncePurpose, frames_++}, head, plain, frame.data() + kFrameHeadBytes);
  return Write(frame);
}

Result<void> OwedFileWriter::Finish() {
  TM_TRYV(Ask({.op = FileOp::kSync, .path = aside_}, "syncing"));
  if (::fsync(fd_) != 0) return FailErrno("syncing", aside_);
  TM_TRYV(RenameDurably(aside_, path_));
  ::close(std::exchange(fd_, -1));
  return {};
}

OwedFileReader::OwedFileReader(OwedFileReader&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      offset_(other.offset_),
      frames_(other.frames_),
      ended_(other.ended_),
      aead_(std::move(other.aead_)) {}

OwedFileReader::~OwedFileReader() {
  if (fd_ >= 0) ::close(fd_);
}

Unexpected OwedFileReader::Damaged(const char* what) const {
  return Fail(ErrorKind::kCorruption, "{} at offset {}: {}", path_, offset_, what);
}

Result<OwedFileReader> OwedFileReader::Open(std::string path, BytesView key_context,
                                            crypto::DataKeyProvider& keys) {
  TM_TRYV(Ask({.op = FileOp::kOpen, .path = path}, "opening"));
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return FailErrno("opening", path);
  OwedFileReader reader(std::move(path), fd);
  TM_TRY(const Bytes head, reader.Read(kMagic.size() + 4));
  BytesView rest = head;
  BytesView magic;
  uint16_t version = 0, key_bytes = 0;
  if (!codec::ReadBytes(&rest, kMagic.size(), &magic) || magic != kMagic)
    return reader.Damaged("this is no owed run");
  if (!codec::ReadLittle16(&rest, &version) || version != kVersion)
    return reader.Damaged("an owed run of a version this server does not know");
  if (!codec::ReadLittle16(&rest, &key_bytes)) return reader.Damaged("the file is cut");
  TM_TRY(const Bytes wrapped, reader.Read(key_bytes));
  auto key = keys.Unwrap(wrapped, key_context);
  if (!key) return Fail(WithContext(key.error(), "{}", reader.path_));
  reader.aead_ = std::make_unique<crypto::Aead>(*key);
  return reader;
}

Result<Bytes> OwedFileReader::Read(size_t bytes) {
  TM_TRYV(Ask({.op = FileOp::kRead, .path = path_, .offset = offset_, .bytes = bytes}, "reading"));
  Bytes content(bytes, '\0');
  size_t filled = 0;
  while (filled < bytes) {
    const ssize_t got = ::read(fd_, content.data() + filled, bytes - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FailErrno("reading", path_);
    if (got == 0) return Damaged("the file is cut");
    filled += static_cast<size_t>(got);
  }
  offset_ += bytes;
  return content;
}

Result<std::optional<OwedFileReader::Frame>> OwedFileReader::Next() {
  if (ended_) return std::nullopt;
  TM_TRY(const Bytes head, Read(kFrameHeadBytes));
  BytesView rest = head;
  uint8_t kind = 0;
  uint32_t size = 0;
  if (!codec::ReadU8(&rest, &kind) || kind < 1 || kind > 3 || !codec::ReadLittle32(&rest, &size) ||
      size > kFrameBytesMax) {
    return Damaged("a frame's head is damaged");
  }
  TM_TRY(Bytes frame, Read(size + crypto::kTagBytes));
  if (!aead_->Open({kNoncePurpose, frames_++}, head, frame, frame.data()))
    return Damaged("a frame fails its check");
  frame.resize(size);
  ended_ = kind == static_cast<uint8_t>(OwedFrameKind::kEnd);
  return Frame{static_cast<OwedFrameKind>(kind), std::move(frame)};
}

}  // namespace tidemark::shard
