#include "shard/owed_file.h"

#include "base/files.h"
#include "codec/varint.h"

namespace tidemark::shard {
namespace {

constexpr BytesView kMagic = "TMOWED";
constexpr uint16_t kVersion = 1;
constexpr uint32_t kNoncePurpose = 1;
constexpr size_t kFrameHeadBytes = 5;
constexpr size_t kFrameBytesMax = 64 << 20;

Bytes FrameHead(OwedFrameKind kind, size_t size) {
  Bytes head;
  codec::AppendU8(static_cast<uint8_t>(kind), &head);
  codec::AppendLittle32(static_cast<uint32_t>(size), &head);
  return head;
}

}  // namespace

OwedFileWriter::OwedFileWriter(std::string path, OpenFile file, const crypto::Key256& key)
    : path_(std::move(path)), file_(std::move(file)), aead_(std::make_unique<crypto::Aead>(key)) {}

OwedFileWriter::~OwedFileWriter() {
  if (file_.is_open() && file_.path() != path_) (void)RemoveFile(file_.path());
}

Result<OwedFileWriter> OwedFileWriter::Make(std::string path, BytesView key_context,
                                            crypto::DataKeyProvider& keys) {
  TM_TRY(const auto key, keys.Generate(key_context));
  TM_TRY(OpenFile file, OpenFile::Open(path + ".making", OpenFile::Mode::kCreate));
  OwedFileWriter writer(std::move(path), std::move(file), key.key);
  Bytes head(kMagic);
  codec::AppendLittle16(kVersion, &head);
  codec::AppendLittle16(static_cast<uint16_t>(key.wrapped.size()), &head);
  head += key.wrapped;
  TM_TRYV(writer.Write(head));
  return writer;
}

Result<void> OwedFileWriter::Write(BytesView bytes) {
  TM_TRYV(file_.WriteAt(offset_, bytes));
  offset_ += bytes.size();
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
  TM_TRYV(file_.SyncAll());
  TM_TRYV(file_.RenameTo(path_));
  return SyncDirectory(ParentDirectory(path_));
}

Unexpected OwedFileReader::Damaged(const char* what) const {
  return Fail(ErrorKind::kCorruption, "{} at offset {}: {}", file_.path(), offset_, what);
}

Result<OwedFileReader> OwedFileReader::Open(std::string path, BytesView key_context,
                                            crypto::DataKeyProvider& keys) {
  TM_TRY(OpenFile file, OpenFile::Open(std::move(path), OpenFile::Mode::kRead));
  OwedFileReader reader(std::move(file));
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
  if (!key) return Fail(WithContext(key.error(), "{}", reader.file_.path()));
  reader.aead_ = std::make_unique<crypto::Aead>(*key);
  return reader;
}

Result<Bytes> OwedFileReader::Read(size_t bytes) {
  Bytes content(bytes, '\0');
  TM_TRY(const size_t got, file_.ReadAt(offset_, content.data(), bytes));
  if (got < bytes) return Damaged("the file is cut");
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
