// A shard ties one commit log to its tables: the unit of commit order, crash recovery and
// ownership. On one machine a Region is one shard, and the server's own records are another
// (`_system`).
//
// One write: latch the row -> read its newest image -> evaluate -> queue the change -> unlatch ->
// wait until its frame is durable and applied -> answer. The log thread stamps, seals and syncs
// group N+1 while the applier applies group N. Atomicity holds within one shard only.
//
// INVARIANT: nothing is applied before its frame is durable, nothing is acknowledged before it is applied.
// INVARIANT: commit times strictly increase in log order.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "crypto/data_key.h"
#include "engine/table_store.h"
#include "log/commit_log.h"
#include "runtime/blocking.h"
#include "runtime/task.h"
#include "shard/change.h"
#include "shard/space.h"

namespace tidemark::shard {

// A store somebody reads: it stays open, and its files in place, for as long as this is kept.
using StorePtr = std::shared_ptr<const engine::TableStore>;

// A table of the shard; its store is opened at the first touch and closed when idle. Threads: any.
// What is dropped can be read by those who hold its StorePtr.
class Table {
 public:
  virtual ~Table() = default;
  virtual TableId id() const = 0;
  // Get and Scan: applied state. Whoever iterates keeps the pointer.
  virtual StorePtr StoreIfOpen() const = 0;  // null: not open; quick
  // Opens it, applying first what the log's tail owes it. Blocking: not on an I/O thread (see
  // Shard::Store). Errors: kIo with cause and next step for the operator: this table cannot be
  // served, others can. kResourceNotFound: dropped.
  virtual Result<StorePtr> OpenStore() = 0;
  // What applied state adds up to; exact.
  virtual std::optional<Totals> TotalsIfKnown() const = 0;  // null: never opened yet; quick
  virtual Result<Totals> LoadTotals() = 0;                  // blocking, as OpenStore
  // What is kept for its stream with each change from now on; off at first. Not durable: set again
  // at each start, before there are writes.
  virtual void SetCapture(StreamCapture capture) = 0;
};
using TableHandle = std::shared_ptr<Table>;

// What `evaluate` decides about a row.
struct Mutation {
  // kKeep: the row stays as it is, only index rows are written (an index is being built).
  enum class Kind { kNothing, kPut, kDelete, kKeep } kind = Kind::kNothing;
  Bytes value;            // kPut: the new row value
  uint64_t old_size = 0;  // item sizes by DynamoDB's rules; 0 where there is no item
  uint64_t new_size = 0;
  std::vector<RowImage> index_rows;  // what the write does to index rows ...
  std::vector<IndexDelta> indexes;   // ... and to what they add up to
};

// Sees the newest image of the row (maybe not yet durable: the shard delays the answer until it
// is), decides. Runs once, on the caller's I/O thread or right after a disk read; must not block.
// An error ends the write and is what Write returns.
using Evaluate = std::function<Result<Mutation>(const std::optional<Bytes>& old_row)>;

// One row, to be read together with others.
struct RowRef {
  TableHandle table;
  Bytes key;  // primary row key
};

struct WriteRequest {
  TableHandle table;
  Bytes key;          // primary row key
  Evaluate evaluate;  // owns or outlives what it refers to until Write returns
};

// Result of a control act that runs in log order.
struct PinResult {
  Timestamp as_of;  // commit time of the act: the files plus the log slice hold all changes <= this
  log::Position position;     // of the act's frame: the log slice to add is [replay_from, position]
  log::Position replay_from;  // the linked files hold everything before this frame
  uint64_t file_bytes = 0;
  Totals totals;  // of the table at as_of
};

struct ShardOptions {
  std::string name;       // "us-east-1", "_system"
  std::string directory;  // tables/ and the log lie under it
  uint64_t group_bytes =
      1 << 20;  // a group closes at this size; one larger change is a group alone
  uint64_t log_window_bytes = 256 << 20;
  uint64_t dirty_bytes_max =
      512 << 20;  // unflushed in memory, all tables; beyond it the largest go
  // A table untouched for so long is closed; beyond so many open ones, those least recently used.
  std::chrono::seconds idle_close = std::chrono::minutes(10);
  size_t open_tables_max = 4000;
  // Whether a table with this id is, or is being made or dropped; asked at start for each directory
  // found: that of a table nobody knows is removed. Empty: all are known.
  std::function<bool(TableId)> known;
  // The tables that must be there: one without a directory is fenced off, not forgotten.
  std::vector<TableId> active_tables;
  // The oldest position history needs (nullopt: none); asked before segments are dropped.
  std::function<std::optional<log::Position>()> history_floor;
  // The same of streams. What is kept for them alone does not count against log_bytes_max: like
  // history that was sorted into runs, it ends by its age.
  std::function<std::optional<log::Position>()> stream_floor;
  // Writes are refused while less than this is free on the disk, divided by the second: for a shard
  // that must go on longer than others. 0: no reserve.
  uint64_t disk_reserve_bytes = 1 << 30;  // but a twentieth of the file system at most
  uint64_t disk_reserve_divisor = 1;
  std::function<Result<Space>(const std::string& directory)> ask_space = SpaceOf;
  // When more of the log has to be kept, writes of tables with history are refused. 0: no bound.
  uint64_t log_bytes_max = 32ull << 30;
  // Of one table: how much that is logged may wait for its store, and how long it may take nothing,
  // before it is fenced; how many further writes may wait meanwhile.
  uint64_t parked_bytes_max = 16 << 20;
  std::chrono::seconds parked_max = std::chrono::seconds(30);
  size_t waiting_writes_max = 1000;
  // Whether a table's changes are kept for point-in-time recovery. Any thread, quick. Empty: none.
  std::function<bool(TableId)> has_history;
  // Seals what the shard itself stores (owed runs); must outlive it. Null: nothing is stored so.
  crypto::DataKeyProvider* keys = nullptr;
  // Of changes read from the log's tail at start; beyond it the largest debts are paid at once.
  uint64_t tail_memory_max = 512 << 20;
  // Off in tests that do by hand what a thread would do: apply the log's tail, maintenance.
  bool pay_backlogs = true;
  bool maintain = true;
};

// For operators. Bytes and counts of this moment; flushes since the start.
struct ShardStats {
  size_t tables = 0;
  size_t open_tables = 0;
  size_t fenced_tables = 0;
  size_t backlog_tables = 0;  // with changes read from the log's tail and not yet applied
  uint64_t backlog_bytes = 0;
  uint64_t dirty_bytes = 0;                    // applied and not flushed
  std::optional<log::Position> oldest_needed;  // the oldest frame a table still needs ...
  std::optional<TableId> oldest_table;         // ... and which
  uint64_t oldest_needed_log_bytes = 0;        // of log from there to its end
  uint64_t flushes = 0;
  uint64_t failed_flushes = 0;
  uint64_t opened = 0;  // stores, since the start
  uint64_t closed = 0;  // for idleness or over the bound
  // Tables whose store lags behind: what is logged and waits for it, and writes not yet queued.
  size_t parked_tables = 0;
  uint64_t parked_bytes = 0;
  uint64_t times_parked = 0;  // since the start, as what follows
  uint64_t times_fenced = 0;  // because a store refused changes
  uint64_t owed_runs = 0;
  uint64_t healed_tables = 0;
  size_t waiting_writes = 0;
  uint64_t refused_writes = 0;  // before they were queued: disk, log's bound, too many waiting
  std::string log_bound;        // why tables with history take no writes; empty: they do
  uint64_t log_bytes = 0;       // kept
  DiskReserve::Stats disk;
  uint64_t groups = 0;   // frames appended ...
  uint64_t changes = 0;  // ... and changes in them
  // The commit clock: jumps of the wall clock ahead, not followed at first.
  uint64_t clock_jumps_held = 0;
  uint64_t clock_jumps_followed = 0;
  bool clock_holding = false;
  Micros wall_ahead{0};  // of commit times
};

class Shard {
 public:
  // Finds the tables under directory/tables and reads the log's tail; opens none of them. Blocking
  // (start-up).
  static Result<std::unique_ptr<Shard>> Open(ShardOptions options,
                                             std::unique_ptr<log::CommitLog> log,
                                             engine::Engine& engine, Clock& clock,
                                             runtime::BlockingPool& pool);
  virtual ~Shard() = default;  // finishes what is queued, flushes, joins its threads

  virtual const std::string& name() const = 0;

  // --- Tables. Blocking, but for Find: from the pool or at start-up.
  virtual TableHandle Find(TableId id) const = 0;  // null if not there; quick, any thread
  virtual std::vector<TableId> TableIds() const = 0;
  // Makes an empty table and logs its creation with `control`. Idempotent for a table that exists.
  virtual Result<TableHandle> CreateTable(TableId id, const std::string& control) = 0;
  // A table from an image directory (engine Clone), not yet visible to Find: the restore fills it,
  // then calls Adopt, which logs `control`, gives the table a fresh position and `totals`, and
  // makes it visible. `totals_of_backup`: what the image of one adds up to;
  // kCorruption where it lacks its run. Null for images of history.
  virtual Result<std::unique_ptr<engine::TableStore>> CloneStore(
      TableId id, const std::string& image, const Totals* totals_of_backup) = 0;
  // The same from an image that is not made to be read by requests, and may be elsewhere: row by
  // row. `so_far` is told how many rows have been read, now and then; what it returns ends it.
  virtual Result<std::unique_ptr<engine::TableStore>> RetrieveStore(
      TableId id, const std::string& image,
      const std::function<Result<void>(uint64_t rows)>& so_far) = 0;
  virtual Result<TableHandle> Adopt(TableId id, std::unique_ptr<engine::TableStore> store,
                                    Totals totals, const std::string& control) = 0;
  // Forgets the table in log order and removes its files. Unknown ids are fine.
  virtual Result<void> DropTable(TableId id, const std::string& control) = 0;
  // Flushes and closes the table's store within seconds, once nobody uses it; the next touch opens
  // it again. Quick. Unknown ids are fine.
  virtual void CloseSoon(TableId id) = 0;
  // A table that could not be opened is tried again at its next touch, without the usual pause:
  // what was in the way is gone. Quick.
  virtual void TryAgain(TableId id) = 0;
  // Removes what a crashed CloneStore or RetrieveStore left behind. Unknown ids are fine.
  virtual Result<void> DiscardStore(TableId id) = 0;

  // --- Control acts in log order. Blocking.
  // Links the table's files into `directory` at one instant of the log: writers wait a few ms at
  // most.
  virtual Result<PinResult> Pin(TableId id, const std::string& directory,
                                const std::string& control) = 0;
  // A table's rows in a range, and what it adds up to, at one instant of the log: exactly the
  // changes logged before the act are in both. `rows` must go before `store`.
  struct Instant {
    Timestamp commit_time;
    Totals totals;
    StorePtr store;
    std::unique_ptr<engine::RowIterator> rows;
  };
  virtual Result<Instant> Look(TableId id, const engine::ScanOptions& range,
                               const std::string& control) = 0;
  // Removes the rows of a range that nobody writes or reads any more, for good: when it returns
  // they stay away, whatever crash comes.
  virtual Result<void> EraseRows(TableId id, BytesView begin, BytesView end) = 0;
  // Logs `control` for a table; returns its commit time.
  virtual Result<Timestamp> LogControl(TableId id, const std::string& control) = 0;

  // --- Rows, from coroutines on I/O threads.
  // The table's store, opened through the pool if need be. Errors: those of Table::OpenStore.
  virtual Task<StorePtr> Store(TableHandle table) = 0;
  // Applied state of a row: from the block cache at once, else through the pool.
  virtual Task<std::optional<Bytes>> Get(TableHandle table, Bytes key) = 0;
  // One write; resumes when it is durable and applied. Durable: yes. Returns its commit time (of a
  // write that changed nothing: some time not before what it saw).
  virtual Task<Timestamp> Write(WriteRequest request, Origin origin) = 0;
  // Independent writes queued together and awaited once; each has its own result.
  virtual Task<std::vector<Result<Timestamp>>> WriteAll(std::vector<WriteRequest> requests,
                                                        Origin origin) = 0;
  // One write of several rows, of any tables of the shard, no row twice: one record of the log, all
  // of it or nothing, after a crash and at every instant of history too. Each row is evaluated, in
  // the order of `requests`, when all are latched. If one is refused nothing is written, and the
  // answer is kTransactionCanceled; why is what `evaluate` knows. Durable: yes, as Write.
  virtual Task<Timestamp> WriteTogether(std::vector<WriteRequest> requests, Origin origin) = 0;
  // Rows as of one moment, no row twice: no write of several rows is seen in part, and everything
  // acknowledged before the call is seen. Errors: those of Get; a fenced table's.
  virtual Task<std::vector<std::optional<Bytes>>> GetTogether(std::vector<RowRef> rows) = 0;

  // Why no write is taken now: kUnavailable once the log has refused one (a failed write or sync
  // lasts until a restart, a full disk until one is taken again, or for some seconds), kNoSpace
  // below the disk reserve.
  virtual Result<void> Writable() const = 0;
  virtual ShardStats Stats() const = 0;

  // --- History.
  virtual log::CommitLog& log() = 0;  // for readers
  // A commit time for an instant at which nothing is written: now, not before any commit that a
  // reader can see.
  virtual Timestamp Now() const = 0;
  // What of the log is to be shown: all frames up to and with `newest` are applied, or owed to
  // tables that do not show themselves without. Each change with a commit time up to `time` is in
  // them, and no other will be stamped so.
  struct Settled {
    log::Position newest;  // zero: nothing is in the log
    Timestamp time;
  };
  virtual Settled SettledNow() = 0;
  // When it returns, every commit at or before `time` (not after Now()) is durable and readable in
  // the log, and none will be made any more. Blocking: for the group being logged, at most.
  virtual void Settle(Timestamp time) = 0;

  // Forbids dropping segments while somebody works out what it needs.
  class Hold {
   public:
    virtual ~Hold() = default;
  };
  virtual std::unique_ptr<Hold> HoldLog() = 0;

  virtual std::string TablesDirectory() const = 0;
  virtual std::string ImagesDirectory() const = 0;  // same file system as the tables
  virtual std::string ColdDirectory() const = 0;    // of images in cold storage; may be another one
};

}  // namespace tidemark::shard
