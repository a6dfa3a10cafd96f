#include "archive/file_io.h"

#include <fcntl.h>

#include <cstring>
#include <new>

namespace tidemark::archive {
namespace {

constexpr size_t kWriteBytes = 1 << 20;
constexpr size_t kBlock = 4096;  // what direct writes are made of
constexpr unsigned kWriteAndWait =
    SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;

// False where the file system refuses.
bool SetDirect(int fd, bool direct) {
  const int flags = ::fcntl(fd, F_GETFL);
  return flags >= 0 && ::fcntl(fd, F_SETFL, direct ? flags | O_DIRECT : flags & ~O_DIRECT) == 0;
}

}  // namespace

Result<NewFile> NewFile::Create(const std::string& path) {
  TM_TRY(OpenFile file, OpenFile::Open(path, OpenFile::Mode::kCreate));
  const bool direct = SetDirect(file.fd(), true);
  return NewFile(std::move(file), direct);
}

Result<void> NewFile::Append(BytesView bytes) {
  std::memcpy(Room(bytes.size()), bytes.data(), bytes.size());
  return Take(bytes.size());
}

char* NewFile::Room(size_t bytes) {
  if (room_ - waiting_ < bytes) {
    room_ = (waiting_ + bytes + kWriteBytes) / kBlock * kBlock + kBlock;
    std::unique_ptr<char, Free> grown(static_cast<char*>(std::aligned_alloc(kBlock, room_)));
    if (!grown) throw std::bad_alloc();
    if (waiting_ > 0) std::memcpy(grown.get(), buffer_.get(), waiting_);
    buffer_ = std::move(grown);
  }
  return buffer_.get() + waiting_;
}

Result<void> NewFile::Take(size_t bytes) {
  waiting_ += bytes;
  return waiting_ < kWriteBytes ? Result<void>() : Flush();
}

Result<void> NewFile::Flush() {
  const size_t bytes = direct_ ? waiting_ / kBlock * kBlock : waiting_;
  TM_TRYV(file_.WriteAt(written_, {buffer_.get(), bytes}));
  // On its way to the disk before the next piece comes: a whole run that is synced at once would
  // keep the log's syncs waiting behind it. Says nothing about durability; Sync does.
  if (!direct_) {
    (void)::sync_file_range(file_.fd(), static_cast<off64_t>(written_), static_cast<off64_t>(bytes),
                            kWriteAndWait);
  }
  written_ += bytes;
  waiting_ -= bytes;
  std::memmove(buffer_.get(), buffer_.get() + bytes, waiting_);
  return {};
}

Result<void> NewFile::Sync() {
  if (direct_) SetDirect(file_.fd(), direct_ = false);  // the last block is not a whole one
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
