// What of the commit log is still needed: keeps REPLAY (recovery.h) up to date and drops the
// segments that neither a table nor history needs.
//
// Threads: Look by the maintenance thread; Hold by any.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "shard/commit_queue.h"

namespace tidemark::shard {

class LogWindow {
 public:
  struct Options {
    std::string replay_file;
    uint64_t window_bytes = 0;
    log::Position replay_start;                                   // as stored
    std::function<std::optional<log::Position>()> history_floor;  // may be empty, as the next
    std::function<std::optional<log::Position>()> stream_floor;
  };
  LogWindow(Options options, log::CommitLog& log, CommitQueue& queue)
      : options_(std::move(options)),
        log_(log),
        queue_(queue),
        replay_start_(options_.replay_start) {}

  // The first segment inside the window: a table that needs an older one is to be flushed.
  uint32_t Begin() const;
  // Asks every table what it needs, then stores REPLAY and truncates (on the log thread). `head`:
  // every frame before it is applied; read before the tables are listed and asked.
  void Advance(const std::vector<OpenTablePtr>& tables, log::Position head);
  // At the end, when nothing is queued any more: REPLAY is what the tables still need.
  void Finish(const std::vector<OpenTablePtr>& tables);

  std::unique_ptr<Shard::Hold> Hold();
  // Of segments that only streams need, when last looked at. Any thread.
  uint64_t stream_bytes() const { return stream_bytes_; }

 private:
  class LogHold;

  void Truncate(log::Position needed);  // on the log thread

  const Options options_;
  log::CommitLog& log_;
  CommitQueue& queue_;
  log::Position replay_start_;  // as last stored
  std::atomic<uint64_t> stream_bytes_{0};

  std::mutex history_mutex_;
  int holds_ = 0;
};

}  // namespace tidemark::shard
