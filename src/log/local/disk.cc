#include "log/local/disk.h"

#include <fcntl.h>

#include <cerrno>

#include "base/log.h"

namespace tidemark::log {

Result<File> Disk::Open(const std::filesystem::path& path, Mode mode) const {
  bool create = mode == Mode::kCreate;
  const char* const what = create ? "making" : "opening";
  TM_TRYV(
      AskForCall({.op = create ? FileOp::kCreate : FileOp::kOpen, .path = path.native()}, what));
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
  if (fd < 0) return FailedCall(what, path.native());
  return File(path, fd);
}

}  // namespace tidemark::log
