// What the kernel says of this process.
#pragma once
#include <cstdint>

namespace tidemark::server {

struct ProcessFigures {
  double start_seconds = 0;  // since the Unix epoch
  double cpu_seconds = 0;    // user and system
  uint64_t resident_bytes = 0;
  uint64_t descriptors = 0;
  uint64_t descriptors_max = 0;  // what ulimit -n allows
  uint64_t threads = 0;
};

// Reads /proc; what it cannot read stays 0. Some 100 us, more with thousands of descriptors.
ProcessFigures ReadProcessFigures();

}  // namespace tidemark::server
