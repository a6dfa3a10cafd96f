// The commit log's own door to the file system for its large files: aligned reads and writes past
// the page cache. Small files go through base/files.h. Thread-safe.
#pragma once
#include <atomic>
#include <filesystem>

#include "base/open_file.h"

namespace tidemark::log {

// Offsets and sizes are multiples of 4 KiB and memory is aligned, for O_DIRECT.
using File = OpenFile;

class Disk {
 public:
  enum class Mode { kRead, kWrite, kCreate };  // kCreate empties a file that exists

  explicit Disk(bool direct_io) : direct_io_(direct_io) {}

  Result<File> Open(const std::filesystem::path& path, Mode mode) const;

 private:
  mutable std::atomic<bool> direct_io_;  // cleared when the file system refuses
};

}  // namespace tidemark::log
