// A place in a commit log. Ordered only within one log id.
#pragma once
#include <compare>
#include <cstdint>
#include <string>

namespace tidemark::log {

struct Position {
  uint64_t log_id = 0;
  uint32_t segment = 0;  // 1.. ; 0 = before everything
  uint32_t offset = 0;   // of a frame's first byte in its segment, a multiple of 4 KiB

  bool operator==(const Position&) const = default;
  // Order within one log; positions of different logs compare by log id, which means nothing.
  auto operator<=>(const Position&) const = default;
  std::string ToString() const;  // "log 17, segment 3, offset 40960"
};

}  // namespace tidemark::log
