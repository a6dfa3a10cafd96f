#include "archive/byte_arena.h"

#include <algorithm>
#include <cstring>

namespace tidemark::archive {
namespace {

// The first chunk; each is as large as all before it, so that many small arenas stay small.
constexpr size_t kChunkBytesMin = 1 << 10;
constexpr size_t kChunkBytesMax = 1 << 20;

}  // namespace

BytesView ByteArena::Keep(BytesView bytes) {
  if (bytes.empty()) return {};
  char* const to = Room(bytes.size());
  std::memcpy(to, bytes.data(), bytes.size());
  return {to, bytes.size()};
}

char* ByteArena::Room(size_t bytes) {
  if (bytes > left_) {
    const size_t chunk = std::clamp(memory_bytes_, kChunkBytesMin, kChunkBytesMax);
    const bool by_itself = bytes > chunk / 4;
    const size_t made = by_itself ? bytes : chunk;
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(made));
    memory_bytes_ += made;
    if (by_itself) return chunks_.back().get();
    next_ = chunks_.back().get();
    left_ = chunk;
  }
  char* const room = next_;
  next_ += bytes;
  left_ -= bytes;
  return room;
}

}  // namespace tidemark::archive
