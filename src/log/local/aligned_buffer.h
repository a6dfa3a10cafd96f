// Memory aligned for O_DIRECT. Grows, keeps its content when told to; never shrinks by itself.
#pragma once
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "log/local/frame_format.h"

namespace tidemark::log {

class AlignedBuffer {
 public:
  char* data() { return data_.get(); }
  const char* data() const { return data_.get(); }
  size_t capacity() const { return capacity_; }

  // Makes room for `bytes`; the first `kept` bytes survive.
  void Reserve(size_t bytes, size_t kept = 0) {
    if (bytes <= capacity_) return;
    size_t capacity = PaddedToBlock(std::max(bytes, capacity_ * 2));
    auto* grown = static_cast<char*>(std::aligned_alloc(kBlockBytes, capacity));
    if (grown == nullptr) throw std::bad_alloc();
    if (kept > 0) std::memcpy(grown, data_.get(), kept);
    data_.reset(grown);
    capacity_ = capacity;
  }
  void Release() {
    data_.reset();
    capacity_ = 0;
  }

 private:
  struct Free {
    void operator()(char* p) const { std::free(p); }
  };
  std::unique_ptr<char, Free> data_;
  size_t capacity_ = 0;
};

}  // namespace tidemark::log
