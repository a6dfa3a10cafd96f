// Changes that are durable and that their table's store would not take yet: its flushes or
// compactions fall behind, and it says kBusy instead of waiting. They stay here, unanswered and in
// log order, while other tables go on; everything later of the table goes behind them.
//
// Not thread-safe: the applier's.
#pragma once
#include <deque>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "shard/queued_change.h"

namespace tidemark::shard {

struct ParkingOptions {
  // A table with more parked bytes than this takes no new writes until they are drained.
  uint64_t low_bytes = 1 << 20;
  // Beyond this ...
  uint64_t bytes_max = 16 << 20;
  // ... a table has so long to take a frame again. WHY not at once: what was in the queue when the
  // store began to stall comes behind it, and with large items that alone may be more.
  Micros full_patience = std::chrono::seconds(2);
  // However little is parked, a table that takes no frame for so long is fenced.
  Micros patience = std::chrono::seconds(30);
  // When the shard stops, so long is waited for what is parked; then the log keeps it.
  Micros stop_patience = std::chrono::seconds(2);
};

// What one table has parked.
class ParkingLot {
 public:
  struct Entry {
    std::shared_ptr<QueuedChange> change;  // shared: it may wait for several tables
    size_t table = 0;                      // which of its tables
  };
  struct Frame {
    log::Position position;
    std::vector<Entry> entries;  // in log order: changes, barriers, at the end maybe an act
    uint64_t bytes = 0;
  };
  // What the store is to be given of a frame. Views into its changes.
  struct Batch {
    std::vector<engine::RowWrite> writes;
    Totals totals;
    std::shared_ptr<engine::TableStore> store;
  };

  explicit ParkingLot(Micros now) : progress_(now) {}

  // `position`: of the entry's frame, zero for a barrier that has none; it goes with the newest
  // frame then.
  void Add(log::Position position, Entry entry);
  bool empty() const { return frames_.empty(); }
  uint64_t bytes() const { return bytes_; }
  log::Position oldest() const { return frames_.front().position; }

  // Rows of the oldest frame; none if it holds but barriers, acts and changes that are void because
  // the table was dropped.
  Batch Oldest(const OpenTable& table) const;
  // The store has taken it: gives its entries.
  std::vector<Entry> TakeOldest(Micros now);
  std::vector<Entry> TakeAll();

  Micros Waited(Micros now) const { return now - progress_; }  // since the store took a frame
  // Why the table has to be fenced now; null: it need not.
  const char* Overdue(const ParkingOptions& options, Micros now) const;

 private:
  std::deque<Frame> frames_;
  uint64_t bytes_ = 0;
  Micros progress_;  // when the store last took a frame, or the first was parked
};

}  // namespace tidemark::shard
