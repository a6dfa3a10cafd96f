// Which tables are flushed when. RocksDB flushes a table whose memory is full; everything else is
// decided here, over all tables of a shard:
//
//   window   a table that holds the log's part beyond the window is flushed, oldest first
//   memory   when all tables together hold too much unflushed, the largest go, down to 75 %
//   asked    a table that is to be closed
//
// At most two flushes run at a time, on threads of their own: neither the log nor the applier waits
// for one. A table whose flush fails is reported once, tried again after growing pauses, and stops
// nobody else.
//
// Threads: any; Schedule by one.
#pragma once
#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "shard/open_table.h"

namespace tidemark::shard {

class FlushScheduler {
 public:
  static constexpr Micros kPauseMin = std::chrono::seconds(1);
  static constexpr Micros kPauseMax = std::chrono::seconds(60);

  explicit FlushScheduler(uint64_t dirty_bytes_max);
  ~FlushScheduler() { Stop(); }

  struct Look {
    Micros now{};
    std::vector<OpenTablePtr> tables;
    uint32_t window_begin = 0;        // the first log segment inside the window
    std::vector<OpenTablePtr> asked;  // some of `tables`
  };
  // Queues the flushes that are due. Does not wait for them.
  void Schedule(const Look& look);
  // Until nothing is queued and nothing runs.
  void Wait();
  // What runs is finished, what is queued is not begun.
  void Stop();

  uint64_t flushes() const { return flushes_; }
  uint64_t failed() const { return failed_; }

 private:
  struct Failure {
    Micros pause{};
    Micros again_at{};
  };

  void ForgetDropped(const std::vector<OpenTablePtr>& tables);  // under mutex_, as Queue
  void Queue(const OpenTablePtr& table, Micros now);
  void Work();
  void Flush(OpenTable& table);

  const uint64_t dirty_bytes_max_;
  std::atomic<uint64_t> flushes_{0}, failed_{0};

  std::mutex mutex_;
  std::condition_variable wake_, idle_;
  std::deque<OpenTablePtr> queue_;
  std::unordered_set<TableId> busy_;  // queued or being flushed
  std::unordered_map<TableId, Failure> failures_;
  Micros now_{};  // of the last look
  bool stopping_ = false;
  std::array<std::thread, 2> threads_;
};

}  // namespace tidemark::shard
