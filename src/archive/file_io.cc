#include "archive/file_io.h"

#include <fcntl.h>

#include <cstring>

namespace tidemark::archive {
namespace {

constexpr size_t kWriteBytes = 1 << 20;
constexpr unsigned kWriteAndWait =
    SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;

}  // namespace

Result<NewFile> NewFile::Create(const std::string& path) {
  TM_TRY(OpenFile file, OpenFile::Open(path, OpenFile::Mode::kCreate));
  return NewFile(std::move(file));
}

Result<void> NewFile::Append(BytesView bytes) {
  std::memcpy(Room(bytes.size()), bytes.data(), bytes.size());
  return Take(bytes.size());
}

char* NewFile::Room(size_t bytes) {
  if (buffer_.size() - waiting_ < bytes) buffer_.resize(waiting_ + bytes + kWriteBytes);
  return buffer_.data() + waiting_;
}

Result<void> NewFile::Take(size_t bytes) {
  waiting_ += bytes;
  return waiting_ < kWriteBytes ? Result<void>() : Flush();
}

Result<void> NewFile::Flush() {
  TM_TRYV(file_.WriteAt(written_, {buffer_.data(), waiting_}));
  // On its way to the disk before the next piece comes: a whole run that is synced at once would
  // keep the log's syncs waiting behind it. Says nothing about durability; Sync does.
  (void)::sync_file_range(file_.fd(), static_cast<off64_t>(written_),
                          static_cast<off64_t>(waiting_), kWriteAndWait);
  written_ += waiting_;
  waiting_ = 0;
  return {};
}

Result<void> NewFile::Sync() {
  if (waiting_ > 0) TM_TRYV(Flush());
  TM_TRYV(file_.SyncData());
  (void)::posix_fadvise(file_.fd(), 0, 0, POSIX_FADV_DONTNEED);
  return {};
}

Result<ReadableFile> ReadableFile::Open(const std::string& path) {
  TM_TRY(OpenFile file, OpenFile::Open(path, OpenFile::Mode::kRead));
  TM_TRY(const uint64_t size, file.Size());
  return ReadableFile(std::move(file), size);
}

Result<void> ReadableFile::Read(uint64_t offset, size_t bytes, Bytes* out) const {
  if (offset > size_ || bytes > size_ - offset) {
    return Fail(ErrorKind::kCorruption, "{}: it ends at {}, but should reach to {}", path(), size_,
                offset + bytes);
  }
  out->resize(bytes);
  TM_TRY(const size_t got, file_.ReadAt(offset, out->data(), bytes));
  if (got < bytes)
    return Fail(ErrorKind::kCorruption, "{}: it was cut at {}", path(), offset + got);
  return {};
}

}  // namespace tidemark::archive
