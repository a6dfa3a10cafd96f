// Which open tables are closed: those not used for long and, beyond a number, those least recently
// used. Never one that somebody reads or writes (OpenTable::CloseIfUnused).
//
// Maintenance thread; `closed` any.
#pragma once
#include <atomic>
#include <chrono>
#include <vector>

#include "shard/open_table.h"

namespace tidemark::shard {

class TableCloser {
 public:
  struct Options {
    Micros idle{};
    size_t open_max = 0;
  };
  explicit TableCloser(Options options) : options_(options) {}

  // Closes what is due and clean. Gives those due that have to be flushed first; a later call
  // closes them. Blocking, some ms.
  std::vector<OpenTablePtr> Close(const std::vector<OpenTablePtr>& tables, Micros now);

  uint64_t closed() const { return closed_; }

 private:
  const Options options_;
  std::atomic<uint64_t> closed_{0};
};

}  // namespace tidemark::shard
