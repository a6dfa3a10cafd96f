// The way of a change from a request to the disk: two threads, one for the log, one for the tables.
//
//   Push -> [log thread: take what waits, stamp, encode, Append (seal, write, sync)]
//        -> bounded hand-over -> [applier: one batch per table, then resume the waiting requests]
//
// Group N is applied while group N+1 is synced. A failed Append is final: that group and everything
// after it fails, reads go on. But one that says kNoSpace has written nothing: what was queued then
// is answered so, and later changes are tried again.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "log/commit_log.h"
#include "shard/applier.h"
#include "shard/commit_clock.h"
#include "shard/queued_change.h"

namespace tidemark::shard {

struct CommitQueueOptions {
  size_t group_bytes = 1 << 20;
  ParkingOptions parking;
  DiskReserve* reserve = nullptr;  // looked at every few MiB
};

class CommitQueue {
 public:
  // What a write's image was read under: see QueuedChange::epoch.
  using Epoch = uint64_t;

  struct Stats {
    uint64_t groups = 0;             // appended
    uint64_t changes = 0;            // in them
    uint64_t refused_for_space = 0;  // changes the log had no room for
    Applier::Stats applier;
    ClockStats clock;
  };

  CommitQueue(log::CommitLog& log, const Clock& clock, RowLatches& latches, Admission& admission,
              CommitQueueOptions options);
  ~CommitQueue() { Stop(); }

  // Finishes everything queued and joins the threads. Nothing may be pushed afterwards.
  void Stop();

  // Answers by itself what cannot be queued: writes of a fenced table or of one whose drop may be
  // queued already, and writes that rest on an image which fell with a group the log had no room
  // for. The rows' pending images become those of the change, if it is queued; so their latches are
  // held meanwhile.
  void Push(QueuedChange change);
  Epoch epoch() const { return epoch_.load(std::memory_order_acquire); }
  // Runs `work` on the log thread between groups (truncation).
  void OnLogThread(std::function<void()> work);
  // See Shard::Settle.
  void Settle(Timestamp time);
  // Keeps the commit clock close to the wall clock while nothing is written. Now and then.
  void TendClock();

  Timestamp LastApplied() const { return applier_.LastApplied(); }
  // kUnavailable, with the cause, once a group could not be logged; for want of room, until one
  // can or some seconds have gone: the next write tries. Any thread.
  Result<void> Writable() const;
  // Every frame before this one is applied; zero until there is one since the start.
  // log::CommitLog::end() would not do, because a frame not yet written may come to stand there.
  log::Position AppliedPosition() const { return applier_.AppliedBefore(); }
  // The newest frame that was handed to the tables, applied or not.
  log::Position NewestPosition() const { return applier_.Newest(); }
  Timestamp Now() const { return commit_clock_.Now(); }
  // Every change with a commit time up to `time` went through the applier and is in frames up to
  // and with `newest`; every other is later. Any thread.
  struct Settled {
    log::Position newest;  // zero: none since the start
    Timestamp time;
  };
  Settled SettledNow();
  Stats stats() const;

 private:
  void LogLoop();
  void ApplyLoop();
  QueuedGroup TakeGroup();  // under mutex_
  void LogGroup(QueuedGroup* group);
  // The log had no room for `group`: everything queued falls with it, and so does what is pushed
  // until all of it is answered.
  void FallBack(QueuedGroup* group, const Error& error);
  void Recover();
  std::optional<Error> Refusal(const QueuedChange& change) const;  // under mutex_
  std::optional<Error> LogFailure() const;

  log::CommitLog& log_;
  const Clock& clock_;
  RowLatches& latches_;
  const CommitQueueOptions options_;
  CommitClock commit_clock_;  // log thread; Now() any
  Applier applier_;           // applier thread

  std::atomic<Epoch> epoch_{0};  // written under mutex_
  std::atomic<uint64_t> groups_{0}, changes_{0}, refused_for_space_{0};
  mutable std::mutex mutex_;
  std::condition_variable wake_log_, wake_apply_, wake_handover_;
  std::deque<QueuedChange> queued_;
  std::vector<std::function<void()>> errands_;
  bool log_was_full_ = false;         // the last group fell; the log thread's
  uint64_t bytes_since_look_ = 0;     // at the disk's reserve; the log thread's
  std::deque<QueuedGroup> handover_;  // at most kHandoverMax
  bool stopping_ = false;
  bool log_done_ = false;
  std::optional<Error> log_failure_;  // why the log refuses everything from now on
  std::optional<Error> no_room_;      // why it had no room for the last group, ...
  Micros no_room_at_{};               // ... and since when (monotonic)
  std::optional<Error> falling_;      // why writes are refused until those before are answered
  std::thread log_thread_, apply_thread_;
};

}  // namespace tidemark::shard
