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
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "engine/table_store.h"
#include "log/commit_log.h"
#include "runtime/blocking.h"
#include "runtime/task.h"
#include "shard/change.h"

namespace tidemark::shard {

// One open table. Shared: a handle held by a running request keeps the store open past a drop.
class Table {
 public:
  virtual ~Table() = default;
  virtual TableId id() const = 0;
  virtual const engine::TableStore& store() const = 0;  // Get and Scan: applied state
  virtual Totals totals() const = 0;                    // of applied state; exact
};
using TableHandle = std::shared_ptr<Table>;

// What `evaluate` decides about a row.
struct Mutation {
  enum class Kind { kNothing, kPut, kDelete } kind = Kind::kNothing;
  Bytes value;            // kPut: the new row value
  uint64_t old_size = 0;  // item sizes by DynamoDB's rules; 0 where there is no item
  uint64_t new_size = 0;
  std::vector<RowImage> index_rows;  // what the write does to index rows
};

// Sees the newest image of the row (maybe not yet durable: the shard delays the answer until it
// is), decides. Runs once, on the caller's I/O thread or right after a disk read; must not block.
// An error ends the write and is what Write returns.
using Evaluate = std::function<Result<Mutation>(const std::optional<Bytes>& old_row)>;

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
};

class Shard {
 public:
  // Opens every table found under directory/tables and replays the log into them. Blocking
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
  // makes it visible.
  virtual Result<std::unique_ptr<engine::TableStore>> CloneStore(TableId id,
                                                                 const std::string& image) = 0;
  virtual Result<TableHandle> Adopt(TableId id, std::unique_ptr<engine::TableStore> store,
                                    Totals totals, const std::string& control) = 0;
  // Forgets the table in log order and removes its files. Unknown ids are fine.
  virtual Result<void> DropTable(TableId id, const std::string& control) = 0;
  // Removes what a crashed CloneStore left behind. Unknown ids are fine.
  virtual Result<void> DiscardStore(TableId id) = 0;

  // --- Control acts in log order. Blocking.
  // Links the table's files into `directory` at one instant of the log: writers wait a few ms at
  // most.
  virtual Result<PinResult> Pin(TableId id, const std::string& directory,
                                const std::string& control) = 0;
  // Logs `control` for a table; returns its commit time.
  virtual Result<Timestamp> LogControl(TableId id, const std::string& control) = 0;

  // --- Rows, from coroutines on I/O threads.
  // Applied state of a row: from the block cache at once, else through the pool.
  virtual Task<std::optional<Bytes>> Get(TableHandle table, Bytes key) = 0;
  // One write; resumes when it is durable and applied. Durable: yes. Returns its commit time (of a
  // write that changed nothing: some time not before what it saw).
  virtual Task<Timestamp> Write(WriteRequest request, Origin origin) = 0;
  // Independent writes queued together and awaited once; each has its own result.
  virtual Task<std::vector<Result<Timestamp>>> WriteAll(std::vector<WriteRequest> requests,
                                                        Origin origin) = 0;

  // kUnavailable, with the cause, once the log has refused a write: no write will work until a
  // restart.
  virtual Result<void> Writable() const = 0;

  // --- History.
  virtual log::CommitLog& log() = 0;         // for readers
  virtual Timestamp LastCommit() const = 0;  // newest durable *and applied* commit time
  // A commit time for an instant at which nothing is written: now, not before LastCommit().
  virtual Timestamp Now() const = 0;

  // The oldest position history needs (nullopt: none), asked before segments are dropped; and a
  // hold that forbids dropping while somebody works out what it needs.
  virtual void SetHistoryFloor(std::function<std::optional<log::Position>()> floor) = 0;
  class Hold {
   public:
    virtual ~Hold() = default;
  };
  virtual std::unique_ptr<Hold> HoldLog() = 0;

  virtual std::string TablesDirectory() const = 0;
  virtual std::string ImagesDirectory() const = 0;  // same file system as the tables
};

}  // namespace tidemark::shard
