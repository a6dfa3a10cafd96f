// The files of the archive: written once from front to back, then read at any place.
#pragma once
#include <string>

#include "base/open_file.h"

namespace tidemark::archive {

// A new file; emptied if one of that name was there. Written in pieces of about 1 MiB. One thread.
class NewFile {
 public:
  static Result<NewFile> Create(const std::string& path);

  Result<void> Append(BytesView bytes);
  // Writes what waits and syncs it; the file's name is not made durable by that. What was written
  // leaves the page cache: nobody reads it soon, and the tables need the memory.
  Result<void> Sync();
  uint64_t size() const { return written_ + waiting_.size(); }

 private:
  explicit NewFile(OpenFile file) : file_(std::move(file)) {}
  Result<void> Flush();

  OpenFile file_;
  uint64_t written_ = 0;
  Bytes waiting_;
};

// Thread-safe.
class ReadableFile {
 public:
  static Result<ReadableFile> Open(const std::string& path);

  // Exactly `bytes` bytes. kCorruption when the file ends before.
  Result<void> Read(uint64_t offset, size_t bytes, Bytes* out) const;
  uint64_t size() const { return size_; }
  const std::string& path() const { return file_.path(); }

 private:
  ReadableFile(OpenFile file, uint64_t size) : file_(std::move(file)), size_(size) {}

  OpenFile file_;
  uint64_t size_;
};

}  // namespace tidemark::archive
