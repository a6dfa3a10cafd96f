// The commit log's own door to the file system for its large files: aligned reads and writes past
// the page cache, syncs, renames. Small files go through base/files.h. Thread-safe. Every call asks
// the fault hook (base/file_hook.h) first, through which tests see and fail any of them.
#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"

namespace tidemark::log {

// An open file. Offsets and sizes are multiples of 4 KiB and memory is aligned, for O_DIRECT.
class File {
 public:
  File() = default;
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  bool is_open() const { return fd_ >= 0; }
  const std::filesystem::path& path() const { return path_; }
  Result<uint64_t> Size() const;
  Result<uint64_t> Links() const;  // how many names the file has
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
  File(std::filesystem::path path, int fd) : path_(std::move(path)), fd_(fd) {}

  std::filesystem::path path_;
  int fd_ = -1;
};

class Disk {
 public:
  enum class Mode { kRead, kWrite, kCreate };  // kCreate empties a file that exists

  explicit Disk(bool direct_io) : direct_io_(direct_io) {}

  Result<File> Open(const std::filesystem::path& path, Mode mode) const;

 private:
  mutable std::atomic<bool> direct_io_;  // cleared when the file system refuses
};

}  // namespace tidemark::log
