#include "archive/file_io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/file_hook.h"

namespace tidemark::archive {
namespace {

constexpr size_t kWriteBytes = 1 << 20;

Result<void> Ask(const FileCall& call, std::string_view what) {
  const int failed = AskFileHook(call);
  if (failed) return Fail(FromErrno(failed, fmt::format("{} {}", what, call.path)));
  return {};
}

Unexpected FailErrno(std::string_view what, const std::string& path) {
  return Fail(FromErrno(errno, fmt::format("{} {}", what, path)));
}

}  // namespace

Result<NewFile> NewFile::Create(const std::string& path) {
  TM_TRYV(Ask({.op = FileOp::kCreate, .path = path}, "making"));
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return FailErrno("making", path);
  return NewFile(path, fd);
}

NewFile::NewFile(NewFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      written_(other.written_),
      waiting_(std::move(other.waiting_)) {}

NewFile::~NewFile() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void> NewFile::Append(BytesView bytes) {
  waiting_ += bytes;
  if (waiting_.size() < kWriteBytes) return {};
  return Flush();
}

Result<void> NewFile::Flush() {
  TM_TRYV(Ask({.op = FileOp::kWrite,
               .path = path_,
               .offset = written_,
               .bytes = waiting_.size(),
               .data = waiting_},
              "writing"));
  BytesView rest = waiting_;
  while (!rest.empty()) {
    const ssize_t done = ::pwrite(fd_, rest.data(), rest.size(), static_cast<off_t>(written_));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return FailErrno("writing", path_);
    written_ += static_cast<uint64_t>(done);
    rest.remove_prefix(static_cast<size_t>(done));
  }
  waiting_.clear();
  return {};
}

Result<void> NewFile::Sync() {
  if (!waiting_.empty()) TM_TRYV(Flush());
  TM_TRYV(Ask({.op = FileOp::kSync, .path = path_}, "syncing"));
  if (::fdatasync(fd_) != 0) return FailErrno("syncing", path_);
  (void)::posix_fadvise(fd_, 0, 0, POSIX_FADV_DONTNEED);
  return {};
}

Result<ReadableFile> ReadableFile::Open(const std::string& path) {
  TM_TRYV(Ask({.op = FileOp::kOpen, .path = path}, "opening"));
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return FailErrno("opening", path);
  struct stat status {};
  if (::fstat(fd, &status) != 0) {
    auto failed = FailErrno("reading the size of", path);
    ::close(fd);
    return failed;
  }
  return ReadableFile(path, fd, static_cast<uint64_t>(status.st_size));
}

ReadableFile::ReadableFile(ReadableFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), size_(other.size_) {}

ReadableFile::~ReadableFile() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void> ReadableFile::Read(uint64_t offset, size_t bytes, Bytes* out) const {
  if (offset > size_ || bytes > size_ - offset) {
    return Fail(ErrorKind::kCorruption, "{}: it ends at {}, but should reach to {}", path_, size_,
                offset + bytes);
  }
  TM_TRYV(Ask({.op = FileOp::kRead, .path = path_, .offset = offset, .bytes = bytes}, "reading"));
  out->resize(bytes);
  size_t done = 0;
  while (done < bytes) {
    const ssize_t got =
        ::pread(fd_, out->data() + done, bytes - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FailErrno("reading", path_);
    if (got == 0) return Fail(ErrorKind::kCorruption, "{}: it was cut at {}", path_, offset + done);
    done += static_cast<size_t>(got);
  }
  return {};
}

}  // namespace tidemark::archive
