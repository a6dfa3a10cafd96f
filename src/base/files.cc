#include "base/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

namespace tidemark {
namespace {

Result<void> WriteAll(int fd, BytesView content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Fail(FromErrno(errno, "writing " + path));
    content.remove_prefix(static_cast<size_t>(written));
  }
  if (::fsync(fd) != 0) return Fail(FromErrno(errno, "syncing " + path));
  return {};
}

Result<void> SyncPath(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
  if (fd < 0) return Fail(FromErrno(errno, "opening " + path));
  const int failed = ::fsync(fd) != 0 ? errno : 0;
  ::close(fd);
  if (failed) return Fail(FromErrno(failed, "syncing " + path));
  return {};
}

}  // namespace

Result<void> SyncDirectory(const std::string& directory) {
  return SyncPath(directory, O_DIRECTORY);
}

Result<void> ReplaceFile(const std::string& path, BytesView content, int mode) {
  const std::string aside = path + ".new";
  const int fd = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (fd < 0) return Fail(FromErrno(errno, "making " + aside));
  auto written = WriteAll(fd, content, aside);
  ::close(fd);
  if (!written) return written;
  if (::rename(aside.c_str(), path.c_str()) != 0)
    return Fail(FromErrno(errno, "renaming " + aside));
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return SyncDirectory(parent.empty() ? "." : parent);
}

Result<Bytes> ReadFile(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Fail(FromErrno(errno, "opening " + path));
  Bytes content;
  char buffer[16384];
  while (true) {
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const int failed = errno;
      ::close(fd);
      return Fail(FromErrno(failed, "reading " + path));
    }
    if (got == 0) break;
    content.append(buffer, static_cast<size_t>(got));
  }
  ::close(fd);
  return content;
}

}  // namespace tidemark
