// Reads a segment front to back through one aligned buffer, about 1 MiB ahead. Not thread-safe.
#pragma once
#include <cstdint>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "log/local/aligned_buffer.h"
#include "log/local/disk.h"

namespace tidemark::log {

class BlockWindow {
 public:
  explicit BlockWindow(File file) : file_(std::move(file)) {}

  // The bytes [offset, offset + bytes), fewer where `limit` or the file ends; valid until the next
  // call. `offset` and `limit` are multiples of 4 KiB. Nothing at or behind `limit` is touched, so
  // a writer may be at work there.
  Result<BytesView> View(uint64_t offset, size_t bytes, uint64_t limit);

 private:
  File file_;
  AlignedBuffer buffer_;
  uint64_t start_ = 0;  // offset in the file of the buffer's first byte
  size_t filled_ = 0;
};

}  // namespace tidemark::log
