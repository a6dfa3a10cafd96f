#include "log/local/disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/file_hook.h"
#include "base/log.h"

namespace tidemark::log {
namespace {

Unexpected FailErrno(const char* call, const std::filesystem::path& path) {
  int error_number = errno;
  return Fail(FromErrno(error_number, fmt::format("{} {}", call, path.string())));
}

Result<void> Ask(const FileCall& call, const char* what) {
  int error_number = AskFileHook(call);
  if (error_number == 0) return {};
  return Fail(FromErrno(error_number, fmt::format("{} {}", what, call.path)));
}

}  // namespace

File::File(File&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

File& File::operator=(File&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    path_ = std::move(other.path_);
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

File::~File() {
  if (fd_ >= 0) ::close(fd_);
}

Result<uint64_t> File::Size() const {
  struct stat status;
  if (::fstat(fd_, &status) != 0) return FailErrno("fstat", path_);
  return static_cast<uint64_t>(status.st_size);
}

Result<uint64_t> File::Links() const {
  struct stat status;
  if (::fstat(fd_, &status) != 0) return FailErrno("fstat", path_);
  return static_cast<uint64_t>(status.st_nlink);
}

Result<size_t> File::ReadAt(uint64_t offset, char* out, size_t bytes) const {
  TM_TRYV(Ask({.op = FileOp::kRead, .path = path_.native(), .offset = offset, .bytes = bytes},
              "pread"));
  size_t done = 0;
  while (done < bytes) {
    ssize_t n = ::pread(fd_, out + done, bytes - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FailErrno("pread", path_);
    if (n == 0) break;
    done += static_cast<size_t>(n);
    // WHY: an odd length is the end of the file, and O_DIRECT refuses to go on from there.
    if (done % 512 != 0) break;
  }
  return done;
}

Result<void> File::WriteAt(uint64_t offset, BytesView bytes) {
  TM_TRYV(Ask({.op = FileOp::kWrite,
               .path = path_.native(),
               .offset = offset,
               .bytes = bytes.size(),
               .data = bytes},
              "pwrite"));
  while (!bytes.empty()) {
    ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FailErrno("pwrite", path_);
    bytes.remove_prefix(static_cast<size_t>(n));
    offset += static_cast<uint64_t>(n);
  }
  return {};
}

Result<void> File::SyncData() {
  TM_TRYV(Ask({.op = FileOp::kSync, .path = path_.native()}, "fdatasync"));
  if (::fdatasync(fd_) != 0) return FailErrno("fdatasync", path_);
  return {};
}

Result<void> File::SyncAll() {
  TM_TRYV(Ask({.op = FileOp::kSync, .path = path_.native()}, "fsync"));
  if (::fsync(fd_) != 0) return FailErrno("fsync", path_);
  return {};
}

Result<void> File::Allocate(uint64_t bytes) {
  // WHY not posix_fallocate: where it is unsupported glibc imitates it with one-byte writes.
  if (::fallocate(fd_, 0, 0, static_cast<off_t>(bytes)) == 0 || errno == EOPNOTSUPP) return {};
  return FailErrno("fallocate", path_);
}

Result<void> File::Cut(uint64_t bytes) {
  TM_TRYV(Ask({.op = FileOp::kTruncate, .path = path_.native(), .offset = bytes}, "ftruncate"));
  if (::ftruncate(fd_, static_cast<off_t>(bytes)) != 0) return FailErrno("ftruncate", path_);
  return {};
}

Result<void> File::RenameTo(const std::filesystem::path& path) {
  TM_TRYV(Ask({.op = FileOp::kRename, .path = path_.native(), .to = path.native()}, "rename"));
  if (::rename(path_.c_str(), path.c_str()) != 0) return FailErrno("rename", path);
  path_ = path;
  return {};
}

Result<File> Disk::Open(const std::filesystem::path& path, Mode mode) const {
  bool create = mode == Mode::kCreate;
  TM_TRYV(Ask({.op = create ? FileOp::kCreate : FileOp::kOpen, .path = path.native()}, "open"));
  int flags = O_CLOEXEC;
  if (mode == Mode::kRead) flags |= O_RDONLY;
  if (mode == Mode::kWrite) flags |= O_RDWR;
  if (create) flags |= O_RDWR | O_CREAT | O_TRUNC;
  int fd = -1;
  if (direct_io_) {
    fd = ::open(path.c_str(), flags | O_DIRECT, 0600);
    if (fd < 0 && errno == EINVAL && direct_io_.exchange(false)) {
      LogInfo("{}: the file system refuses direct I/O; the commit log goes through the page cache",
              path.parent_path().string());
    }
  }
  if (fd < 0 && !direct_io_) fd = ::open(path.c_str(), flags, 0600);
  if (fd < 0) return FailErrno("open", path);
  return File(path, fd);
}

}  // namespace tidemark::log
