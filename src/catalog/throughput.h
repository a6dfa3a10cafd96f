// Capacity settings of tables and of global indexes. Values.
#pragma once
#include <cstdint>

namespace tidemark::catalog {

struct Throughput {
  int64_t read_units = 0;
  int64_t write_units = 0;
  bool operator==(const Throughput&) const = default;
};

struct OnDemandThroughput {  // -1: not limited
  int64_t max_read_units = -1;
  int64_t max_write_units = -1;
  bool operator==(const OnDemandThroughput&) const = default;
};

}  // namespace tidemark::catalog
