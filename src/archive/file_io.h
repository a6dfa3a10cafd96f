// The files of the archive: written once from front to back, then read at any place.
#pragma once
#include <string>

#include "base/open_file.h"

namespace tidemark::archive {

// A new file; emptied if one of that name was there. Written in pieces of about 1 MiB. One
// thread.
class NewFile {
 public:
  static Result<NewFile> Create(const std::string& path);

  Result<void> Append(BytesView bytes);
  // Where the next `bytes` bytes may be written. Until the next call, which may be Take: it appends
  // the first of them.
  char* Room(size_t bytes);
  Result<void> Take(size_t bytes);
  // Writes what waits and syncs it; the file's name is not made durable by that. Nothing may be
  // appended any more. What was written leaves the page cache: nobody reads it soon, and the tables
  // need the memory.
  Result<void> Sync();
  uint64_t size() const { return written_ + waiting_; }

 private:
  explicit NewFile(OpenFile file) : file_(std::move(file)) {}
  Result<void> Flush();

  OpenFile file_;
  uint64_t written_ = 0;
  Bytes buffer_;  // its first `waiting_` bytes are to be written, the rest is room
  size_t waiting_ = 0;
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
