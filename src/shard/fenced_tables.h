// What becomes of tables whose store refuses changes. When nothing of such a table is queued any
// more, what the log holds for it goes to its owed run (owed_run.h), so that the log need not keep
// it. Then, now and again, the table is closed, opened, given its run and let go on: an operator
// who frees space or repairs a disk need not restart the server. Until that works it can be read as
// it was.
//
// Tables fenced for other reasons are left alone. Log lines begin with `owed_run` or
// `table_healed`.
//
// Threads: Tend by one; the work is done on the pool.
#pragma once
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>

#include "runtime/blocking.h"
#include "shard/commit_queue.h"
#include "shard/owed_run.h"

namespace tidemark::shard {

class FencedTables {
 public:
  struct Options {
    std::string tables_directory;
    Micros backoff_min = std::chrono::seconds(5);  // between attempts, doubled each time ...
    Micros backoff_max = std::chrono::minutes(5);  // ... up to this
  };
  struct Stats {
    size_t tended = 0;       // fenced now, and to be healed
    uint64_t owed_runs = 0;  // written since the start
    uint64_t healed = 0;     // tables, since the start
    uint64_t failed = 0;     // attempts, since the start
  };

  // All must outlive this.
  FencedTables(Options options, const OwedRuns& runs, CommitQueue& queue, log::CommitLog& log,
               runtime::BlockingPool& pool, const Clock& clock);
  ~FencedTables();  // waits for what is under way

  // Looks after those of `tables` that are fenced. Quick.
  void Tend(const std::vector<OpenTablePtr>& tables);
  // Waits until no attempt is under way.
  void Wait();
  Stats stats() const;

 private:
  struct Patient {
    OpenTablePtr table;
    std::atomic<bool> settled{false};   // nothing of it is queued any more
    std::weak_ptr<const void> barrier;  // lives while what will settle it is queued
    bool treated = false;               // an attempt is under way
    Micros next{};
    Micros backoff;
    std::string last_cause;
  };

  void ForgetDropped();
  std::shared_ptr<Patient> Find(TableId table) const;
  void TendOne(const std::shared_ptr<Patient>& patient, bool fenced, Micros now);
  void Admit(const OpenTablePtr& table);
  // Learns when nothing of the table is queued any more.
  void PushBarrier(const std::shared_ptr<Patient>& patient);
  void Treat(const std::shared_ptr<Patient>& patient);
  Result<void> Heal(OpenTable& table);
  // Whether its directory takes files again: as long as it does not, the store stays as it is,
  // because it can be read.
  Result<void> Probe(const OpenTable& table) const;

  const Options options_;
  const OwedRuns& runs_;
  CommitQueue& queue_;
  log::CommitLog& log_;
  runtime::BlockingPool& pool_;
  const Clock& clock_;

  mutable std::mutex mutex_;  // what follows, and the patients
  std::condition_variable idle_;
  std::map<TableId, std::shared_ptr<Patient>> patients_;
  size_t under_way_ = 0;  // attempts
  Stats stats_;
};

}  // namespace tidemark::shard
