// What stands in the commit queue: a change, a barrier or an act, and who waits for it.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "runtime/completion.h"
#include "shard/change.h"
#include "shard/open_table.h"
#include "shard/row_latches.h"

namespace tidemark::shard {

// Collects the results of changes queued together and lets their request go on once, after the
// last.
class Gather {
 public:
  explicit Gather(size_t slots)
      : results(slots, Result<Timestamp>(Fail(ErrorKind::kCancelled, "the server is stopping"))),
        open_(slots + 1) {}

  // One result per slot; valid once the wait is over.
  std::vector<Result<Timestamp>> results;

  // From the request, exactly once one of the two: resumed when every slot is set ...
  void Await(runtime::Completion<void> done) {
    done_ = std::move(done);
    if (open_.fetch_sub(1) == 1) std::move(done_).Post({});
  }
  // ... or blocks until then.
  void Wait() {
    size_t open = open_.fetch_sub(1) - 1;
    while (open > 0) {
      open_.wait(open);
      open = open_.load();
    }
  }
  // From any thread.
  void Set(size_t slot, Result<Timestamp> result) {
    results[slot] = std::move(result);
    if (open_.fetch_sub(1) > 1) return;
    std::move(done_).Post({});
    open_.notify_all();
  }

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
  Change change;                   // a write without tables: a barrier, nothing is logged
  std::vector<TableUse> tables;    // of change.tables, same order; of a barrier, what it rests on.
                                   // A table may stand in both several times
  std::shared_ptr<Gather> gather;  // whom to tell, if anybody waits
  size_t slot = 0;
  // An error here is the answer, once what it rests on is durable and applied.
  Result<Timestamp> outcome = Timestamp{};
  // Rows whose latches its writer holds until it is queued, and what they are by this change,
  // number `sequence`.
  struct Row {
    Bytes latch_row;
    PendingImage image;
  };
  Row row;
  std::vector<Row> more_rows;  // of a write of several rows, the others
  uint64_t sequence = 0;
  // CommitQueue::epoch() from before the row's image was read; of writes and their barriers.
  uint64_t epoch = 0;
  // Runs on the applier exactly between what was queued before and after; it closes its frame.
  std::function<Result<void>(const Applied&)> act;

  size_t parked = 0;  // of its tables, those that could not take it yet; the applier's
  std::shared_ptr<const void> hold;  // let go once this is answered

  bool IsLogged() const { return !change.tables.empty() || change.kind == ChangeKind::kControl; }
  // Computed from a row's image, so it falls with what that image rests on.
  bool RestsOnImage() const { return change.kind == ChangeKind::kWrite && !act; }
  // Once nothing refuses it any more: until then, what is queued before it is what its rows are.
  void PublishRows(RowLatches& latches) {
    if (row.image) latches.Publish(row.latch_row, sequence, std::move(row.image));
    for (Row& more : more_rows) latches.Publish(more.latch_row, sequence, std::move(more.image));
  }
  // The stores know as much as the pending images of its rows, or these are void.
  void FreeRows(RowLatches& latches) const {
    if (!row.latch_row.empty()) latches.Applied(row.latch_row, sequence);
    for (const Row& more : more_rows) latches.Applied(more.latch_row, sequence);
  }
};

// What one frame of the log holds, on its way from the log thread to the applier.
struct QueuedGroup {
  std::vector<QueuedChange> changes;
  Result<void> logged;
  log::Position position;  // zero: nothing of it had to be logged
};

}  // namespace tidemark::shard
