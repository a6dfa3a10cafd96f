// A table of the shard, whether its store is open or not.
//
//   closed -> opening -> open -> closing -> closed
//
// It is opened at its first touch: what the log's tail owes it is applied before anybody sees the
// store. It is closed when it was not used for long. A table that cannot be opened, or whose store
// refuses changes, is *fenced*: the others serve on, requests for it get an error that names the
// cause and the next step.
//
// INVARIANT: nobody sees a store that lacks something the log says was acknowledged.
// INVARIANT: a store is closed only when nothing but its table refers to it: everyone who uses one
// keeps a StorePtr or a TableUse.
// Threads: any, unless it says otherwise.
#pragma once
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "runtime/blocking.h"
#include "runtime/completion.h"
#include "shard/backlog.h"
#include "shard/shard.h"
#include "shard/store_opener.h"

namespace tidemark::shard {

class OpenTable;
using OpenTablePtr = std::shared_ptr<OpenTable>;

enum class TableState {
  kClosed,
  kOpening,
  kOpen,
  kClosing,
  kGone,  // dropped, or the shard is closed
};

// Holds a table's store open: from before the row's latch until the change is applied (or, parked,
// until it is; QueuedChange::tables are these, and the applier writes to `store`). `store` is null
// only for acts that need none (WithoutStore): then the change has no rows, and the log thread
// leaves `queued` alone, which is not known before a table was opened.
struct TableUse {
  OpenTablePtr table;
  std::shared_ptr<engine::TableStore> store;

  OpenTable* operator->() const { return table.get(); }
  OpenTable& operator*() const { return *table; }
};

class OpenTable final : public Table, public std::enable_shared_from_this<OpenTable> {
 public:
  // `opener` must outlive the table's End(), `pool` every handle and StorePtr.
  OpenTable(TableId id, const StoreOpener& opener, runtime::BlockingPool& pool);
  // A table that was just made: open, with `totals`.
  OpenTable(TableId id, const StoreOpener& opener, runtime::BlockingPool& pool,
            std::unique_ptr<engine::TableStore> store, const Totals& totals);

  // --- For readers.
  TableId id() const override { return id_; }
  StorePtr StoreIfOpen() const override;
  Result<StorePtr> OpenStore() override;
  std::optional<Totals> TotalsIfKnown() const override;
  Result<Totals> LoadTotals() override;
  // Opens it on the pool; `done` is resumed when it is open, or with why it is not.
  void OpenSoon(runtime::Completion<void> done);

  // --- For writers and acts.
  std::optional<TableUse> UseIfOpen();
  Result<TableUse> Use();   // opens it; blocking
  TableUse WithoutStore();  // for acts that work on closed tables, too

  StreamCapture capture() const { return capture_.load(std::memory_order_acquire); }
  void SetCapture(StreamCapture capture) override {
    capture_.store(capture, std::memory_order_release);
  }

  // Totals after everything stamped so far. Set before the table is seen open; from then on only
  // the log thread touches it.
  Totals queued;
  // Of applied state; by the applier.
  void SetTotals(const Totals& totals);

  // Set by the applier: later changes of the table fail with kResourceNotFound.
  std::atomic<bool> dropped{false};
  // Drops about to be queued, queued or carried out: no write is queued any more. WHY not `dropped`
  // alone: a write of several tables behind the drop of one would be half void.
  std::atomic<int> drops{0};

  // --- Fencing. See FenceReason for what still works.
  // For a store that refuses changes. False if the table was fenced before (that reason stays).
  bool FenceOff(Fence fence);
  bool fenced() const { return fenced_.load(std::memory_order_acquire); }
  std::optional<Fence> fence() const;
  // What a request that the fence stops is answered.
  Error FencedError() const;

  // --- What it is owed.
  // At start, before anybody else knows the table: a change read from the log's tail.
  void Owe(log::Position position, TableChange change);
  // At start, too: gives the store what was owed so far, makes that durable and closes it, so that
  // it takes no memory. Changes nothing if that fails.
  void PayEarly();
  uint64_t BacklogBytes() const;
  // `run` is durable and holds everything of the table up to `run.through`: from now on the log is
  // needed only behind that. The next opening gives the store the run first, removes it and lifts
  // the fence.
  void SetOwed(OwedRun run);
  std::optional<OwedRun> owed() const;

  // The oldest frame that the log must keep for this table. May read a block of the table's.
  std::optional<log::Position> OldestNeeded() const;

  // --- Upkeep.
  // Null if it is not open. Does not count as a use in time, but keeps it open as any other.
  std::shared_ptr<engine::TableStore> StoreForUpkeep() const;
  // Closes the store if nothing else refers to it and nothing in it is unflushed. A fenced store
  // whose owed run holds what it lacks is closed without a flush. Gives whether it is closed now.
  // Blocking.
  bool CloseIfUnused();
  // If it could not be opened: the next touch tries again.
  void TryAgain();
  // It is to be closed, however lately it was used.
  void CloseSoon() { close_soon_ = true; }
  bool close_soon() const { return close_soon_; }
  // When it was last used: `now` if since the last question. One thread.
  Micros LastUsed(Micros now);

  // Nobody opens it from now on; waits for an opening under way. Its store is closed once everyone
  // who refers to it, and the returned keeper, have let go. Then, with `remove`, its files go.
  std::shared_ptr<const void> End(bool remove);

  TableState state() const;

 private:
  // A store, or only its files: what is to happen when the last one who refers to it is gone.
  struct Held {
    std::unique_ptr<engine::TableStore> store;
    std::string remove;  // a directory; empty: its files stay
    ~Held();
  };

  std::shared_ptr<Held> Hold(std::unique_ptr<engine::TableStore> store) const;
  // Under mutex_, what follows.
  std::shared_ptr<engine::TableStore> Alias() const;
  StoreOpener::Request OpenRequest() const;
  void SettleOpen(StoreOpener::Opened opened);
  void SettleFenced(Fence fence);
  Error FencedErrorLocked() const;
  Result<void> Openable() const;

  Result<std::shared_ptr<engine::TableStore>> Open();
  // Resumes those waiting in OpenSoon; unlocks.
  void ResumeWaiting(std::unique_lock<std::mutex>& lock, const Result<void>& result);

  const TableId id_;
  const StoreOpener& opener_;
  runtime::BlockingPool& pool_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;  // state_
  TableState state_ = TableState::kClosed;
  std::shared_ptr<Held> held_;                      // kOpen
  std::vector<runtime::Completion<void>> waiting_;  // in OpenSoon
  bool opening_soon_ = false;                       // a job on the pool is about to open it
  bool opened_before_ = false;                      // in this life of the shard
  std::optional<Totals> applied_;                   // null: never opened yet
  Backlog backlog_;                                 // while opening it is only read
  std::optional<OwedRun> owed_;
  std::optional<Fence> fence_;
  std::atomic<bool> fenced_{false};
  Micros retry_at_{};  // when a table that could not be opened may be tried again
  // Replay applied frames from first to last in batches, each under the position of its last frame:
  // the store does not know how far back they reach.
  std::optional<log::Position> replayed_from_;
  log::Position replayed_to_;

  std::atomic<StreamCapture> capture_{StreamCapture::kOff};
  mutable std::atomic<bool> touched_{true};
  std::atomic<bool> close_soon_{false};
  Micros last_used_{};  // by who asks for it
};

}  // namespace tidemark::shard
