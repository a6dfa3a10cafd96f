// The arithmetic of capacity units.
#pragma once
#include <algorithm>
#include <cstdint>

#include "index/changes.h"

namespace tidemark::table {

// Reads are charged in units of 4 KB, at least one; half of that when eventually consistent.
// Query and Scan add up sizes first and round once.
inline double ReadUnits(uint64_t bytes, bool consistent) {
  const auto units = static_cast<double>(std::max<uint64_t>((bytes + 4095) / 4096, 1));
  return consistent ? units : units / 2;
}

// Writes are charged in units of 1 KB of the larger of the two items, at least one.
inline double WriteUnits(uint64_t old_bytes, uint64_t new_bytes) {
  return static_cast<double>(std::max<uint64_t>((std::max(old_bytes, new_bytes) + 1023) / 1024, 1));
}

// What a write costs an index: a row that moves is a deletion and a put.
inline double IndexWriteUnits(const index::Effect& effect) {
  const uint64_t old_bytes = effect.old_size.value_or(0), new_bytes = effect.new_size.value_or(0);
  if (effect.moves) return WriteUnits(old_bytes, 0) + WriteUnits(0, new_bytes);
  return WriteUnits(old_bytes, new_bytes);
}

}  // namespace tidemark::table
