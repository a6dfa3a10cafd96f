// The only door of the local log to the file system: aligned reads and writes, syncs, renames.
// Thread-safe. Every call passes the fault hook first, through which tests fail any of them.
#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>

#include "base/bytes.h"
#include "base/result.h"

namespace tidemark::log {

enum class DiskOp { kOpen, kWrite, kSync, kRename, kSyncDirectory };

// Gives the errno the call is to fail with, or 0. Called from the writer and the helper thread.
using DiskFaults = std::function<int(DiskOp, const std::filesystem::path&)>;

class Disk;

// An open file. Offsets and sizes are multiples of 4 KiB and memory is aligned, for O_DIRECT.
// May live as long as its Disk.
class File {
 public:
  File() = default;
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  bool is_open() const { return fd_ >= 0; }
  Result<uint64_t> Size() const;
  // Reads up to `bytes`; fewer only at the end of the file.
  Result<size_t> ReadAt(uint64_t offset, char* out, size_t bytes) const;
  Result<void> WriteAt(uint64_t offset, BytesView bytes);
  Result<void> SyncData();  // fdatasync
  Result<void> SyncAll();   // fsync: length and times as well
  // Reserves blocks so that a full disk shows early. Not supported is not an error.
  Result<void> Allocate(uint64_t bytes);
  Result<void> Cut(uint64_t bytes);
  // Renames the file, over another if there is one; its errors name it by its new name from then
  // on.
  Result<void> RenameTo(const std::filesystem::path& path);

 private:
  friend class Disk;
  File(const Disk* disk, std::filesystem::path path, int fd)
      : disk_(disk), path_(std::move(path)), fd_(fd) {}

  const Disk* disk_ = nullptr;
  std::filesystem::path path_;
  int fd_ = -1;
};

class Disk {
 public:
  enum class Mode { kRead, kWrite, kCreate };  // kCreate empties a file that exists

  Disk(bool direct_io, DiskFaults faults) : direct_io_(direct_io), faults_(std::move(faults)) {}

  Result<File> Open(const std::filesystem::path& path, Mode mode) const;
  Result<void> SyncDirectory(const std::filesystem::path& directory) const;
  // Replaces a small file: temporary file, fsync, rename, fsync of the directory.
  Result<void> Replace(const std::filesystem::path& path, BytesView content) const;
  // kNotFound. For small files; at most `bytes_max` are read.
  Result<Bytes> ReadSmall(const std::filesystem::path& path, size_t bytes_max) const;

 private:
  friend class File;
  Result<void> Ask(DiskOp op, const std::filesystem::path& path) const;

  mutable std::atomic<bool> direct_io_;  // cleared when the file system refuses
  const DiskFaults faults_;
};

}  // namespace tidemark::log
