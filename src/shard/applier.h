// The tables' side of the commit queue: puts durable groups into the tables' stores, runs acts, and
// answers. One group is one batch per table.
//
// A table whose store says kBusy has its changes parked (parking.h) and is tried again; other
// tables go on. One whose store fails, or stays busy beyond the bounds, is fenced: what is parked
// is answered "unknown", it is in the log. So is what follows, and new writes are refused before
// they are queued.
//
// A change of several tables is one answer and one release of its rows, once every table has taken
// its part; a table that is busy does not keep the others from theirs.
//
// Log lines begin with `table_parked` (after a second of it), `table_drained` or `table_fenced`.
#pragma once
#include <chrono>
#include <map>
#include <mutex>
#include <optional>

#include "shard/admission.h"
#include "shard/parking.h"
#include "shard/row_latches.h"

namespace tidemark::shard {

class Applier {
 public:
  struct Stats {
    size_t parked_tables = 0;
    uint64_t parked_bytes = 0;
    uint64_t times_parked = 0;  // since the start
    uint64_t times_fenced = 0;
  };

  // `last`: the log's newest commit; everything up to it is applied, or will be before it is seen.
  Applier(RowLatches& latches, Admission& admission, const Clock& clock, ParkingOptions options,
          Timestamp last);

  // --- One thread.
  void Apply(QueuedGroup group);
  // Of a group that could not be logged: tells everyone why.
  void Refuse(QueuedGroup group);
  // Tries again what is due; gives whether something is parked still.
  bool RetryParked();
  bool parked() const { return !lots_.empty(); }
  // The shard stops: waits a little for what is parked, then leaves it to the log.
  void GiveUp();

  // --- Any thread.
  Timestamp LastApplied() const { return FromMicros(last_applied_us_.load()); }
  // Every frame before this position is applied; zero until there is one since the start.
  log::Position AppliedBefore() const;
  // The newest frame that went through here, applied, parked or refused by a fenced table.
  log::Position Newest() const;
  Stats stats() const;

 private:
  // All writes of a group to one table.
  struct Batch {
    std::vector<engine::RowWrite> writes;
    std::vector<QueuedChange*> changes;
    Totals totals;
    std::shared_ptr<engine::TableStore> store;
  };
  using Batches = std::map<OpenTable*, Batch>;
  struct Parked {
    OpenTablePtr table;
    ParkingLot lot;
    std::chrono::steady_clock::time_point retry_at;
    bool told = false;  // in the log
  };
  using Lots = std::map<OpenTable*, Parked>;

  static Batches Collect(QueuedGroup& group);
  void ApplyBatch(log::Position position, OpenTable& table, Batch& batch);
  void MakeLot(OpenTable& table);
  bool IsParked(const QueuedChange& queued) const;
  void Park(QueuedChange queued, log::Position position);
  // Fences what is over the bounds, closes admission for what is over the low mark.
  void CheckBounds();
  // Gives one table what it has parked; kBusy: not all of it yet.
  Result<void> Drain(Parked& parked);
  void Fence(OpenTable& table, log::Position from, const Error& cause);
  void FenceParked(Lots::iterator at, const Error& cause);
  void EraseLot(Lots::iterator at);
  void SettleEntry(const ParkingLot::Entry& entry, log::Position position);
  // Runs its act, frees its row, answers.
  void Settle(QueuedChange& queued, log::Position position);
  void Publish(log::Position newest);  // zero: the same

  RowLatches& latches_;
  Admission& admission_;
  const Clock& clock_;
  const ParkingOptions options_;
  Lots lots_;

  std::atomic<int64_t> last_applied_us_;
  mutable std::mutex mutex_;  // what follows
  log::Position newest_;
  std::optional<log::Position> oldest_parked_;
  Stats stats_;
};

}  // namespace tidemark::shard
