// The bytes received on a connection and not yet used up. Grows with what really arrives, shrinks
// again after a large request.
#pragma once
#include <cstddef>
#include <cstring>
#include <memory>

#include "base/assert.h"

namespace tidemark::http {

class ReadBuffer {
 public:
  char* data() { return bytes_.get() + begin_; }
  size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }

  // Room for at least `bytes` more; may move the data.
  void Reserve(size_t bytes) {
    if (capacity_ - end_ >= bytes) return;
    if (begin_ > 0 && capacity_ - size() >= bytes) {
      std::memmove(bytes_.get(), data(), size());
    } else {
      size_t capacity = capacity_ == 0 ? kFirstBytes : capacity_ * 2;
      while (capacity - size() < bytes) capacity *= 2;
      Move(capacity);
    }
    end_ -= begin_;
    begin_ = 0;
  }
  char* free_begin() { return bytes_.get() + end_; }
  size_t free_bytes() const { return capacity_ - end_; }
  void Added(size_t bytes) { end_ += bytes; }

  // Keeps only the first `size` bytes.
  void Truncate(size_t size) {
    TM_ASSERT(size <= end_ - begin_);
    end_ = begin_ + size;
  }

  void Consume(size_t bytes) {
    TM_ASSERT(bytes <= size());
    begin_ += bytes;
    if (!empty()) return;
    begin_ = end_ = 0;
    if (capacity_ > kKeptBytesMax) {
      bytes_.reset();
      capacity_ = 0;
    }
  }

 private:
  static constexpr size_t kFirstBytes = 4 * 1024;
  static constexpr size_t kKeptBytesMax = 64 * 1024;

  void Move(size_t capacity) {
    std::unique_ptr<char[]> bytes(new char[capacity]);  // not zeroed, unlike make_unique
    if (size() > 0) std::memcpy(bytes.get(), data(), size());
    bytes_ = std::move(bytes);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> bytes_;
  size_t capacity_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace tidemark::http
