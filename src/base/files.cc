#include "base/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/open_file.h"

namespace tidemark {
namespace {

Result<OpenFile> WriteNewFile(const std::string& path, BytesView content, int mode) {
  TM_TRY(OpenFile file, OpenFile::Open(path, OpenFile::Mode::kCreate, mode));
  TM_TRYV(file.WriteAt(0, content));
  return file;
}

// A file or an empty directory; absent is fine.
Result<void> RemoveOne(const std::string& path) {
  TM_TRYV(AskForCall({.op = FileOp::kRemove, .path = path}, "removing"));
  if (::remove(path.c_str()) != 0 && errno != ENOENT) return FailedCall("removing", path);
  return {};
}

bool IsDirectoryItself(const std::string& path) {  // no link to one
  struct stat info;
  return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

bool LeadsToDirectory(const std::string& path) {
  struct stat info;
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

Result<void> MakeMissing(const std::string& path) {
  const std::string parent = ParentDirectory(path);
  if (!LeadsToDirectory(parent)) TM_TRYV(MakeMissing(parent));
  TM_TRYV(AskForCall({.op = FileOp::kMakeDirectory, .path = path}, "making"));
  // Another thread may be making the same; whoever comes second syncs the name as well.
  if (::mkdir(path.c_str(), 0777) != 0 && !(errno == EEXIST && LeadsToDirectory(path)))
    return FailedCall("making", path);
  return SyncDirectory(parent);
}

}  // namespace

Result<void> SyncDirectory(const std::string& directory) {
  TM_TRYV(AskForCall({.op = FileOp::kSyncDirectory, .path = directory}, "syncing"));
  const OpenFile file(directory, ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!file.is_open()) return FailedCall("opening", directory);
  if (::fsync(file.fd()) != 0) return FailedCall("syncing", directory);
  return {};
}

Result<void> SyncFile(const std::string& path) {
  TM_TRYV(AskForCall({.op = FileOp::kSync, .path = path}, "syncing"));
  const OpenFile file(path, ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return FailedCall("opening", path);
  if (::fsync(file.fd()) != 0) return FailedCall("syncing", path);
  return {};
}

void BeginWriteback(const std::string& path) {
  const OpenFile file(path, ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.is_open()) (void)::sync_file_range(file.fd(), 0, 0, SYNC_FILE_RANGE_WRITE);
}

Result<void> WriteFile(const std::string& path, BytesView content, int mode) {
  TM_TRYV(WriteNewFile(path, content, mode));
  return {};
}

Result<void> ReplaceFile(const std::string& path, BytesView content, int mode) {
  const std::string aside = path + ".new";
  {
    TM_TRY(OpenFile file, WriteNewFile(aside, content, mode));
    TM_TRYV(file.SyncAll());
  }
  TM_TRYV(Rename(aside, path));
  return SyncDirectory(ParentDirectory(path));
}

Result<Bytes> ReadFile(const std::string& path) {
  TM_TRY(const OpenFile file, OpenFile::Open(path, OpenFile::Mode::kRead));
  Bytes content;
  char buffer[16384];
  while (true) {
    TM_TRY(const size_t got, file.ReadAt(content.size(), buffer, sizeof buffer));
    content.append(buffer, got);
    if (got < sizeof buffer) return content;
  }
}

Result<void> Rename(const std::string& from, const std::string& to) {
  TM_TRYV(AskForCall({.op = FileOp::kRename, .path = from, .to = to}, "renaming"));
  if (::rename(from.c_str(), to.c_str()) != 0)
    return FailedCall(fmt::format("renaming to {}:", to), from);
  return {};
}

Result<void> RenameDurably(const std::string& from, const std::string& to) {
  TM_TRYV(Rename(from, to));
  const std::string target = ParentDirectory(to);
  // WHY the target first: a crash between the two leaves both names rather than none.
  TM_TRYV(SyncDirectory(target));
  const std::string source = ParentDirectory(from);
  return source == target ? Result<void>() : SyncDirectory(source);
}

Result<void> Link(const std::string& path, const std::string& to) {
  TM_TRYV(AskForCall({.op = FileOp::kLink, .path = path, .to = to}, "linking"));
  if (::link(path.c_str(), to.c_str()) != 0)
    return FailedCall(fmt::format("linking to {}:", to), path);
  return {};
}

Result<void> RemoveFile(const std::string& path) {
  TM_TRYV(AskForCall({.op = FileOp::kRemove, .path = path}, "removing"));
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return FailedCall("removing", path);
  return {};
}

Result<void> RemoveTree(const std::string& path) {
  if (!IsDirectoryItself(path)) return Exists(path) ? RemoveOne(path) : Result<void>();
  TM_TRY(const auto entries, DirectoryEntries(path));
  for (const DirectoryEntry& entry : entries) {
    const std::string inside = path + "/" + entry.name;
    TM_TRYV(entry.is_directory ? RemoveTree(inside) : RemoveOne(inside));
  }
  return RemoveOne(path);
}

Result<void> MakeDirectories(const std::string& path) {
  if (!LeadsToDirectory(path)) return MakeMissing(path);
  // A process that was killed may have made it and not synced it. Somebody else's directory may not
  // be readable to us: what it holds is not ours to make durable.
  const std::string parent = ParentDirectory(path);
  return ::access(parent.c_str(), R_OK) == 0 ? SyncDirectory(parent) : Result<void>();
}

Result<std::vector<DirectoryEntry>> DirectoryEntries(const std::string& directory) {
  TM_TRYV(AskForCall({.op = FileOp::kOpen, .path = directory}, "listing"));
  DIR* stream = ::opendir(directory.c_str());
  if (!stream) return FailedCall("listing", directory);
  std::vector<DirectoryEntry> entries;
  errno = 0;
  while (const dirent* entry = ::readdir(stream)) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    const bool is_directory = entry->d_type == DT_UNKNOWN
                                  ? IsDirectoryItself(directory + "/" + name)
                                  : entry->d_type == DT_DIR;
    entries.push_back({name, is_directory});
    errno = 0;
  }
  const int failed = errno;
  ::closedir(stream);
  if (failed) return Fail(FromErrno(failed, "listing " + directory));
  std::ranges::sort(entries, {}, &DirectoryEntry::name);
  return entries;
}

Result<std::vector<std::string>> ListDirectory(const std::string& directory) {
  TM_TRY(auto entries, DirectoryEntries(directory));
  std::vector<std::string> names;
  for (DirectoryEntry& entry : entries) names.push_back(std::move(entry.name));
  return names;
}

Result<uint64_t> FileSize(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) return FailedCall("looking at", path);
  return static_cast<uint64_t>(info.st_size);
}

bool Exists(const std::string& path) {
  struct stat info;
  return ::lstat(path.c_str(), &info) == 0;
}

std::string ParentDirectory(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace tidemark
