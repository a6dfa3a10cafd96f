// The way of a change from a request to the disk: two threads, one for the log, one for the tables.
//
//   Push -> [log thread: take what waits, stamp, encode, Append (seal, write, sync)]
//        -> bounded hand-over -> [applier: one batch per table, then resume the waiting requests]
//
// Group N is applied while group N+1 is synced. A failed Append is final: that group and everything
// after it fails, reads go on.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "log/commit_log.h"
#include "runtime/completion.h"
#include "shard/commit_clock.h"
#include "shard/open_table.h"
#include "shard/row_latches.h"

namespace tidemark::shard {

// Collects the results of changes queued together and resumes their request once, after the last.
class Gather {
 public:
  explicit Gather(size_t slots)
      : results(slots, Result<Timestamp>(Fail(ErrorKind::kCancelled, "the server is stopping"))),
        open_(slots + 1) {}

  // One result per slot; valid once the wait is over.
  std::vector<Result<Timestamp>> results;

  // From the request: resumed when every slot is set. Exactly once.
  void Await(runtime::Completion<void> done);
  // From any thread; the last one resumes the request.
  void Set(size_t slot, Result<Timestamp> result);

 private:
  std::atomic<size_t> open_;  // slots not yet set, and the request that does not yet wait
  runtime::Completion<void> done_;
};

// Where an act takes place in log order.
struct Applied {
  Timestamp commit_time;
  log::Position position;
  Totals totals;  // of the act's table, with everything logged before it
};

struct QueuedChange {
  Change change;                     // without tables: a barrier, nothing is logged
  std::vector<OpenTablePtr> tables;  // of change.tables, same order
  std::shared_ptr<Gather> gather;    // whom to tell, if a request waits ...
  size_t slot = 0;
  std::function<void(Result<Timestamp>)> done;  // ... or whom else, on the applier
  Result<Timestamp> outcome =
      Timestamp{};  // an error here is the answer, once what it rests on is durable
  Bytes latch_row;  // with `sequence`: whose pending image this is
  uint64_t sequence = 0;
  // Runs on the applier exactly between what was queued before and after; it closes its frame.
  std::function<Result<void>(const Applied&)> act;
};

class CommitQueue {
 public:
  CommitQueue(log::CommitLog& log, const Clock& clock, RowLatches& latches, size_t group_bytes);
  ~CommitQueue() { Stop(); }

  // Finishes everything queued and joins the threads. Nothing may be pushed afterwards.
  void Stop();

  void Push(QueuedChange change);
  // Runs `work` on the log thread between groups (truncation).
  void OnLogThread(std::function<void()> work);

  Timestamp LastApplied() const { return FromMicros(last_applied_us_.load()); }
  // kUnavailable, with the cause, once a group could not be logged. Any thread.
  Result<void> Writable() const;
  // The newest applied frame: every frame before or at it is applied. Zero until there is one since
  // the start; log::CommitLog::end() would not do, because a frame not yet written may come to
  // stand there.
  log::Position AppliedPosition() const;
  Timestamp Now() const { return commit_clock_.Now(); }

 private:
  struct Group {
    std::vector<QueuedChange> changes;
    Result<void> logged;
    log::Position position;
  };

  // All writes of a group to one table.
  struct Batch {
    std::vector<engine::RowWrite> writes;
    std::vector<QueuedChange*> changes;
    Totals totals;
  };
  using Batches = std::map<OpenTable*, Batch>;

  void LogLoop();
  void ApplyLoop();
  Group TakeGroup();  // under mutex_
  void LogGroup(Group* group);
  std::optional<Error> LogFailure() const;
  void ApplyGroup(Group* group);
  static void ApplyBatches(log::Position position, Batches* batches);
  void Finish(Group* group);

  log::CommitLog& log_;
  const Clock& clock_;
  RowLatches& latches_;
  const size_t group_bytes_;
  CommitClock commit_clock_;  // log thread; Now() any

  mutable std::mutex mutex_;
  std::condition_variable wake_log_, wake_apply_, wake_handover_;
  std::deque<QueuedChange> queued_;
  std::vector<std::function<void()>> errands_;
  std::deque<Group> handover_;  // at most kHandoverMax
  bool stopping_ = false;
  bool log_done_ = false;

  std::atomic<int64_t> last_applied_us_;
  log::Position applied_position_;    // under mutex_
  std::optional<Error> log_failure_;  // under mutex_: why the log refuses everything from now on
  std::thread log_thread_, apply_thread_;
};

}  // namespace tidemark::shard
