#include "base/open_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace tidemark {

Result<void> AskForCall(const FileCall& call, std::string_view what) {
  const int failed = AskFileHook(call);
  if (failed) return Fail(FromErrno(failed, fmt::format("{} {}", what, call.path)));
  return {};
}

Unexpected FailedCall(std::string_view what, std::string_view path) {
  const int failed = errno;
  return Fail(FromErrno(failed, fmt::format("{} {}", what, path)));
}

Result<OpenFile> OpenFile::Open(std::string path, Mode mode, int permissions) {
  const bool create = mode == Mode::kCreate;
  const char* const what = create ? "making" : "opening";
  TM_TRYV(AskForCall({.op = create ? FileOp::kCreate : FileOp::kOpen, .path = path}, what));
  const int flags = mode == Mode::kRead ? O_RDONLY : create ? O_RDWR | O_CREAT | O_TRUNC : O_RDWR;
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, permissions);
  if (fd < 0) return FailedCall(what, path);
  return OpenFile(std::move(path), fd);
}

OpenFile::OpenFile(OpenFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

OpenFile& OpenFile::operator=(OpenFile&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    path_ = std::move(other.path_);
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

OpenFile::~OpenFile() {
  if (fd_ >= 0) ::close(fd_);
}

Result<uint64_t> OpenFile::Size() const {
  struct stat status;
  if (::fstat(fd_, &status) != 0) return FailedCall("looking at", path_);
  return static_cast<uint64_t>(status.st_size);
}

Result<uint64_t> OpenFile::Links() const {
  struct stat status;
  if (::fstat(fd_, &status) != 0) return FailedCall("looking at", path_);
  return static_cast<uint64_t>(status.st_nlink);
}

Result<size_t> OpenFile::ReadAt(uint64_t offset, char* out, size_t bytes) const {
  TM_TRYV(AskForCall({.op = FileOp::kRead, .path = path_, .offset = offset, .bytes = bytes},
                     "reading"));
  size_t done = 0;
  while (done < bytes) {
    const ssize_t n = ::pread(fd_, out + done, bytes - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    // WHY: O_DIRECT refuses to go on from an odd length, which is the end of the file.
    if (n == 0 || (n < 0 && errno == EINVAL && done % 512 != 0)) break;
    if (n < 0) return FailedCall("reading", path_);
    done += static_cast<size_t>(n);
  }
  return done;
}

Result<void> OpenFile::WriteAt(uint64_t offset, BytesView bytes) {
  TM_TRYV(AskForCall(
      {.op = FileOp::kWrite, .path = path_, .offset = offset, .bytes = bytes.size(), .data = bytes},
      "writing"));
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FailedCall("writing", path_);
    bytes.remove_prefix(static_cast<size_t>(n));
    offset += static_cast<uint64_t>(n);
  }
  return {};
}

Result<void> OpenFile::SyncData() {
  TM_TRYV(AskForCall({.op = FileOp::kSync, .path = path_}, "syncing"));
  if (::fdatasync(fd_) != 0) return FailedCall("syncing", path_);
  return {};
}

Result<void> OpenFile::SyncAll() {
  TM_TRYV(AskForCall({.op = FileOp::kSync, .path = path_}, "syncing"));
  if (::fsync(fd_) != 0) return FailedCall("syncing", path_);
  return {};
}

Result<void> OpenFile::Allocate(uint64_t bytes) {
  // WHY not posix_fallocate: where it is unsupported glibc imitates it with one-byte writes.
  if (::fallocate(fd_, 0, 0, static_cast<off_t>(bytes)) == 0 || errno == EOPNOTSUPP) return {};
  return FailedCall("reserving the space of", path_);
}

Result<void> OpenFile::Cut(uint64_t bytes) {
  TM_TRYV(AskForCall({.op = FileOp::kTruncate, .path = path_, .offset = bytes}, "cutting"));
  if (::ftruncate(fd_, static_cast<off_t>(bytes)) != 0) return FailedCall("cutting", path_);
  return {};
}

Result<void> OpenFile::RenameTo(const std::string& path) {
  TM_TRYV(AskForCall({.op = FileOp::kRename, .path = path_, .to = path}, "renaming"));
  if (::rename(path_.c_str(), path.c_str()) != 0)
    return FailedCall(fmt::format("renaming to {}:", path), path_);
  path_ = path;
  return {};
}

}  // namespace tidemark
