// The audit log: one file after another of chained lines, synced in groups.
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "audit/chain.h"
#include "audit/event.h"
#include "base/clock.h"
#include "crypto/secret.h"
#include "runtime/blocking.h"
#include "runtime/task.h"

namespace tidemark::audit {

struct AuditOptions {
  std::chrono::days retention{90};        // files whose newest line is older go
  uint64_t file_bytes = 16 << 20;         // a file is followed by the next one at this size
  std::chrono::hours file_age{24};        // or at this age
  size_t waiting_max = 100'000;           // events that wait for the disk; further ones are refused
  uint64_t lookup_bytes_max = 128 << 20;  // read for one page of a look-up
};

// Newest first.
struct Query {
  AccountId account;
  std::optional<Timestamp> from, until;
  std::function<bool(const Event&)> matches;  // empty: all
  std::optional<uint64_t> before;             // only lines with a smaller number
  size_t limit = 50;
};
struct QueryPage {
  std::vector<Event> events;
  std::optional<uint64_t> more_before;  // ask again with this; empty: there are no more
};

// INVARIANT: lines reach a file in order of their numbers, and a line is told to be durable only
// after a sync that covers it. Thread-safe.
class AuditLog {
 public:
  // Makes `directory` or goes on behind what is there; a line that a crash cut off is removed.
  // kCorruption: what is there was changed.
  static Result<std::unique_ptr<AuditLog>> Open(const std::string& directory,
                                                const crypto::Key256& key, const Clock& real_clock,
                                                AuditOptions options = {});
  ~AuditLog();  // writes what waits

  // Durable on return. kIo, kNoSpace, kUnavailable: it is not told, or may not be.
  Task<void> Append(Event event);
  // Durable soon. False: too much waits already, and it is not told.
  bool Post(Event event);
  // Among all that was given before the call. Blocking.
  Result<QueryPage> Find(const Query& query);
  // Removes files that are too old. Blocking; now and then.
  void Maintain();

  struct Figures {
    uint64_t lines = 0;    // written since the start
    uint64_t refused = 0;  // not told: too many waited, or the disk failed
  };
  Figures figures() const;

 private:
  AuditLog(std::string directory, const crypto::Key256& key, const Clock& clock,
           AuditOptions options);
  Result<void> Continue();
  Result<void> ReadLast(uint64_t first);
  Result<void> OpenFile(uint64_t first);
  Result<void> Flush();  // on the pool
  Result<void> Write(const std::vector<Event>& events);
  Result<void> StoreHead();

  const std::string directory_;
  const crypto::HmacKey key_;
  const Clock& clock_;
  const AuditOptions options_;

  mutable std::mutex waiting_mutex_;  // of the next seven
  std::vector<Event> waiting_;
  uint64_t posted_ = 0;   // events that were given so far
  uint64_t settled_ = 0;  // of them, those that are written and synced, or have failed
  uint64_t failed_from_ = 0, failed_to_ = 0;  // the last of them that failed in a row
  Result<void> failure_;                      // why
  Figures figures_;

  std::mutex file_mutex_;  // of the rest: held over writes and syncs
  Head head_;
  std::vector<uint64_t> files_;
  int file_ = -1;
  uint64_t file_size_ = 0;
  Timestamp file_made_{};
  Timestamp head_stored_{};

  runtime::BlockingPool pool_{1};  // last: its work uses all above
};

}  // namespace tidemark::audit
