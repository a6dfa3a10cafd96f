// Bytes that are kept for a while and go together: one behind the other, without an allocation for
// each.
#pragma once
#include <memory>
#include <vector>

#include "base/bytes.h"

namespace tidemark::archive {

class ByteArena {
 public:
  // The same bytes, as long as the arena is there; moving it does not move them.
  BytesView Keep(BytesView bytes);
  size_t memory_bytes() const { return memory_bytes_; }

 private:
  char* Room(size_t bytes);

  std::vector<std::unique_ptr<char[]>> chunks_;
  char* next_ = nullptr;
  size_t left_ = 0;  // behind next_
  size_t memory_bytes_ = 0;
};

}  // namespace tidemark::archive
