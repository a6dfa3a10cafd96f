#include "engine/rocks/directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

namespace tidemark::engine {
namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

Unexpected FailErrno(std::string_view call, const std::string& path) {
  return Fail(FromErrno(errno, fmt::format("{} {}", call, path)));
}

}  // namespace

Result<void> RemoveTree(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return Fail(FromErrno(error.value(), "remove " + path));
  return {};
}

std::string FinalName(std::string path) {
  BytesView suffix = kMakingSuffix;
  if (size_t at = path.rfind(suffix); at != std::string::npos) path.erase(at, suffix.size());
  return path;
}

bool Exists(const std::string& path) {
  struct stat info;
  return ::lstat(path.c_str(), &info) == 0;
}

Result<void> SyncDirectory(const std::string& directory) {
  Descriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) return FailErrno("open", directory);
  if (::fsync(fd.get()) != 0) return FailErrno("fsync", directory);
  return {};
}

std::string ParentOf(const std::string& path) {
  std::string parent = fs::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

Result<std::string> MakeAside(const std::string& directory) {
  if (Exists(directory)) return Fail(ErrorKind::kAlreadyExists, "{} exists", directory);
  std::string aside = directory + kMakingSuffix;
  TM_TRYV(RemoveTree(aside));
  if (::mkdir(aside.c_str(), 0700) != 0) return FailErrno("mkdir", aside);
  return aside;
}

Result<void> Publish(const std::string& from, const std::string& to) {
  TM_TRYV(SyncDirectory(from));
  if (Exists(to)) return Fail(ErrorKind::kAlreadyExists, "{} exists", to);
  if (::rename(from.c_str(), to.c_str()) != 0) return FailErrno("rename to", to);
  return SyncDirectory(ParentOf(to));
}

Result<void> RemoveDirectory(const std::string& directory) {
  if (!Exists(directory)) return Fail(ErrorKind::kNotFound, "nothing at {}", directory);
  std::string aside = directory + kRemovingSuffix;
  TM_TRYV(RemoveTree(aside));
  if (::rename(directory.c_str(), aside.c_str()) != 0) return FailErrno("rename", directory);
  TM_TRYV(SyncDirectory(ParentOf(directory)));
  return RemoveTree(aside);
}

Result<void> LinkInto(const std::string& from_directory, const std::string& name,
                      const std::string& to_directory) {
  std::string from = from_directory + "/" + name;
  std::string to = to_directory + "/" + name;
  if (::link(from.c_str(), to.c_str()) != 0) return FailErrno("link", from);
  return {};
}

Result<std::vector<std::string>> ListFiles(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator entry(directory, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) return Fail(FromErrno(error.value(), "list " + directory));
  return names;
}

Result<uint64_t> PhysicalSize(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) return FailErrno("stat", path);
  return static_cast<uint64_t>(info.st_size);
}

Result<void> ReplaceFile(const std::string& directory, const std::string& name, BytesView content) {
  std::string path = directory + "/" + name;
  std::string temporary = path + ".new";
  {
    Descriptor fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (fd.get() < 0) return FailErrno("create", temporary);
    for (BytesView rest = content; !rest.empty();) {
      ssize_t written = ::write(fd.get(), rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return FailErrno("write", temporary);
      rest.remove_prefix(static_cast<size_t>(written));
    }
    if (::fsync(fd.get()) != 0) return FailErrno("fsync", temporary);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return FailErrno("rename to", path);
  return SyncDirectory(directory);
}

Result<Bytes> ReadWholeFile(const std::string& path, size_t bytes_max) {
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return FailErrno("open", path);
  struct stat info;
  if (::fstat(fd.get(), &info) != 0) return FailErrno("stat", path);
  if (static_cast<uint64_t>(info.st_size) > bytes_max) {
    return Fail(ErrorKind::kCorruption, "{} has {} bytes, more than it ever may", path,
                info.st_size);
  }
  Bytes content(static_cast<size_t>(info.st_size), '\0');
  size_t done = 0;
  while (done < content.size()) {
    ssize_t got = ::read(fd.get(), content.data() + done, content.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FailErrno("read", path);
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  content.resize(done);
  return content;
}

}  // namespace tidemark::engine
