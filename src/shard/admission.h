// Who may queue a write now. Asked before a write takes its row's latch:
// - a table whose store falls behind is *closed*: its writes wait here, unanswered, up to a number;
// - a log at its bound refuses writes of tables with history, which are what it is kept for;
// - a disk below its reserve refuses all.
// Acts (create, drop, pin) are not asked.
#pragma once
#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "base/ids.h"
#include "runtime/completion.h"
#include "shard/space.h"

namespace tidemark::shard {

class Admission {
 public:
  struct Options {
    size_t waiting_max = 1000;   // writes of one table
    uint64_t log_bytes_max = 0;  // of the log kept; 0: no bound
    // Whether a table's changes are kept for point-in-time recovery. Any thread, quick.
    std::function<bool(TableId)> has_history;
  };
  struct Stats {
    size_t closed_tables = 0;
    size_t waiting = 0;
    uint64_t waited = 0;    // writes that had to, since the start
    uint64_t refused = 0;   // writes, for whatever reason, since the start
    std::string log_bound;  // why writes of tables with history are refused; empty: they are not
  };

  // `reserve` must outlive this.
  Admission(Options options, const DiskReserve& reserve)
      : options_(std::move(options)), reserve_(reserve) {}

  // True, nearly always: nobody needs to Enter.
  bool open() const {
    return restrictions_.load(std::memory_order_relaxed) == 0 && !reserve_.low();
  }
  // Errors: kNoSpace, kThrottled (tables with history), kUnavailable (too many wait already).
  Task<void> Enter(TableId table);

  // --- By the applier.
  void Close(TableId table);
  void Open(TableId table);  // lets those who wait go on

  // --- By maintenance: how much of the log is kept. Beyond the bound writes of tables with history
  // are refused, until a tenth less is kept; log lines `log_bound` and `log_within_bound`.
  void LookAtLog(uint64_t log_bytes);
  Stats stats() const;

 private:
  using Waiting = std::deque<runtime::Completion<void>>;

  Result<void> Refuse(Error error);

  const Options options_;
  const DiskReserve& reserve_;
  std::atomic<int> restrictions_{0};  // closed tables, and the log's bound
  std::atomic<uint64_t> waited_{0}, refused_{0};

  mutable std::mutex mutex_;
  std::map<TableId, Waiting> closed_;
  std::string log_bound_;
};

}  // namespace tidemark::shard
