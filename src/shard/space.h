// The disk reserve: while less than that is free, a shard takes no writes, so that deleting tables
// and backups, flushes and compactions still find room. Reads go on. Writes are taken again once a
// tenth more than the reserve is free; the log has a line at both edges (`disk_low`,
// `disk_enough`).
#pragma once
#include <atomic>
#include <functional>
#include <mutex>
#include <string>

#include "base/result.h"

namespace tidemark::shard {

struct Space {
  uint64_t free_bytes = 0;  // for us: what is kept for root is not counted
  uint64_t total_bytes = 0;
};
using AskSpace = std::function<Result<Space>(const std::string& directory)>;
Result<Space> SpaceOf(const std::string& directory);  // statvfs

class DiskReserve {
 public:
  // Of the file system at most, however large a reserve is asked for.
  static constexpr uint64_t kPartMax = 20;

  struct Options {
    std::string directory;
    uint64_t reserve_bytes = 0;  // 0: none
    uint64_t divisor = 1;  // of the reserve; more than 1 for who must go on longer than others
    AskSpace ask = SpaceOf;
  };
  struct Stats {
    uint64_t free_bytes = 0;
    uint64_t reserve_bytes = 0;  // in force
    bool low = false;            // writes are refused
    uint64_t times_low = 0;
  };

  explicit DiskReserve(Options options) : options_(std::move(options)) {}

  // Asks the file system. Quick, any thread.
  void Look();
  bool low() const { return low_.load(std::memory_order_relaxed); }
  // kNoSpace with what to do, while less than the reserve is free. Any thread.
  Result<void> Check() const;
  Stats stats() const;

 private:
  const Options options_;
  std::mutex looking_;  // one at a time, so that each edge has one line
  std::atomic<bool> low_{false};
  std::atomic<uint64_t> free_{0}, reserve_{0}, times_low_{0};
};

}  // namespace tidemark::shard
