// The files of the archive: written once from front to back, then read at any place. Every call
// asks the fault hook (base/file_hook.h).
#pragma once
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace tidemark::archive {

// A new file; emptied if one of that name was there. Written in pieces of about 1 MiB. One thread.
class NewFile {
 public:
  static Result<NewFile> Create(const std::string& path);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();

  Result<void> Append(BytesView bytes);
  // Writes what waits and syncs it; the file's name is not made durable by that. What was written
  // leaves the page cache: nobody reads it soon, and the tables need the memory.
  Result<void> Sync();
  uint64_t size() const { return written_ + waiting_.size(); }

 private:
  NewFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  Result<void> Flush();

  std::string path_;
  int fd_ = -1;
  uint64_t written_ = 0;
  Bytes waiting_;
};

// Thread-safe.
class ReadableFile {
 public:
  static Result<ReadableFile> Open(const std::string& path);
  ReadableFile(ReadableFile&& other) noexcept;
  ReadableFile& operator=(ReadableFile&&) = delete;
  ~ReadableFile();

  // Exactly `bytes` bytes. kCorruption when the file ends before.
  Result<void> Read(uint64_t offset, size_t bytes, Bytes* out) const;
  uint64_t size() const { return size_; }
  const std::string& path() const { return path_; }

 private:
  ReadableFile(std::string path, int fd, uint64_t size)
      : path_(std::move(path)), fd_(fd), size_(size) {}

  std::string path_;
  int fd_ = -1;
  uint64_t size_ = 0;
};

}  // namespace tidemark::archive
