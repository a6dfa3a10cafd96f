// The shard on one machine: see shard.h for what it promises. Rows in local_shard.cc, several at
// once in local_shard_together.cc, tables and acts in local_shard_tables.cc, start, end and upkeep
// in shard.cc.
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

#include "shard/admission.h"
#include "shard/backlog_worker.h"
#include "shard/commit_queue.h"
#include "shard/fenced_tables.h"
#include "shard/flush_scheduler.h"
#include "shard/log_window.h"
#include "shard/owed_run.h"
#include "shard/recovery.h"
#include "shard/space.h"
#include "shard/table_closer.h"

namespace tidemark::shard {

class LocalShard : public Shard {
 public:
  // Of a directory that is made; tables are not yet known.
  LocalShard(ShardOptions options, std::unique_ptr<log::CommitLog> log, engine::Engine& engine,
             Clock& clock, runtime::BlockingPool& pool);
  ~LocalShard() override;
  // Finds the tables and reads the log's tail. Before anything else, once.
  Result<void> Start();

  const std::string& name() const override { return options_.name; }

  TableHandle Find(TableId id) const override { return FindTable(id); }
  std::vector<TableId> TableIds() const override;
  Result<TableHandle> CreateTable(TableId id, const std::string& control) override;
  Result<std::unique_ptr<engine::TableStore>> CloneStore(TableId id, const std::string& image,
                                                         const Totals* totals_of_backup) override;
  Result<std::unique_ptr<engine::TableStore>> RetrieveStore(
      TableId id, const std::string& image,
      const std::function<Result<void>(uint64_t rows)>& so_far) override;
  Result<TableHandle> Adopt(TableId id, std::unique_ptr<engine::TableStore> store, Totals totals,
                            const std::string& control) override;
  Result<void> DropTable(TableId id, const std::string& control) override;
  void CloseSoon(TableId id) override;
  void TryAgain(TableId id) override;
  Result<void> DiscardStore(TableId id) override;

  Result<PinResult> Pin(TableId id, const std::string& directory,
                        const std::string& control) override;
  Result<Instant> Look(TableId id, const engine::ScanOptions& range,
                       const std::string& control) override;
  Result<void> EraseRows(TableId id, BytesView begin, BytesView end) override;
  Result<Timestamp> LogControl(TableId id, const std::string& control) override;

  Task<StorePtr> Store(TableHandle table) override;
  Task<std::optional<Bytes>> Get(TableHandle table, Bytes key) override;
  Task<Timestamp> Write(WriteRequest request, Origin origin) override;
  Task<std::vector<Result<Timestamp>>> WriteAll(std::vector<WriteRequest> requests,
                                                Origin origin) override;
  Task<Timestamp> WriteTogether(std::vector<WriteRequest> requests, Origin origin) override;
  Task<std::vector<std::optional<Bytes>>> GetTogether(std::vector<RowRef> rows) override;

  Result<void> Writable() const override {
    TM_TRYV(reserve_.Check());
    return queue_.Writable();
  }
  ShardStats Stats() const override;

  log::CommitLog& log() override { return *log_; }
  Timestamp Now() const override { return queue_.Now(); }
  Settled SettledNow() override {
    const auto settled = queue_.SettledNow();
    return {std::max(settled.newest, frames_end_), settled.time};
  }
  void Settle(Timestamp time) override { queue_.Settle(time); }

  std::unique_ptr<Hold> HoldLog() override { return window_.Hold(); }

  std::string TablesDirectory() const override { return options_.directory + "/tables"; }
  std::string ImagesDirectory() const override { return options_.directory + "/images"; }
  std::string ColdDirectory() const override { return options_.directory + "/cold"; }

  // What the maintenance thread does every second: flushes and closings that are due, REPLAY,
  // truncation. One thread at a time.
  void Maintain();
  FlushScheduler& scheduler() { return scheduler_; }
  const FencedTables& fenced() const { return fenced_; }

 private:
  OpenTablePtr FindTable(TableId id) const;
  std::vector<OpenTablePtr> AllTables() const;
  std::string RestoringPath(TableId id) const;
  OpenTablePtr AddTable(TableId id, std::unique_ptr<engine::TableStore> store,
                        const Totals& totals);
  // The record that a new table begins with; without it the table goes again.
  Result<TableHandle> LogNew(TableId id, OpenTablePtr table, const std::string& control);

  Task<TableUse> Use(OpenTablePtr table);
  // Latch, read, evaluate, queue; the result arrives in `gather`.
  asio::awaitable<void> Submit(WriteRequest request, const Origin& origin,
                               std::shared_ptr<Gather> gather, size_t slot);
  // A row of a write or read of several, from before its latch until all latches are let go.
  struct Joined;
  using JoinedRows = std::vector<Joined>;
  Task<void> OpenAll(JoinedRows* rows);
  Task<void> LatchAll(JoinedRows* rows);
  void UnlatchAll(const JoinedRows& rows);
  // What the stores hold of the rows without a pending image.
  Task<void> ReadStored(JoinedRows* rows);
  // Waits until every pending image is applied; there are none then.
  Task<void> Settle(JoinedRows* rows, CommitQueue::Epoch epoch);
  // Evaluates latched rows and queues what comes of it.
  void QueueTogether(std::vector<WriteRequest> requests, JoinedRows* rows, QueuedChange queued);

  // Queues a control record of `table` with an act and waits. Blocking.
  Result<Timestamp> Control(std::optional<TableUse> table, TableId id, const std::string& control,
                            std::function<Result<void>(const Applied&)> act);

  // Every frame before it is applied, or owed to tables that say so.
  log::Position AppliedBefore() const { return std::max(queue_.AppliedPosition(), tail_.last); }
  void MaintenanceLoop();
  void AddWriteStats(ShardStats* stats) const;

  const ShardOptions options_;
  const std::unique_ptr<log::CommitLog> log_;
  engine::Engine& engine_;
  Clock& clock_;
  runtime::BlockingPool& pool_;
  const OwedRuns owed_;
  const log::Position replay_start_;
  const log::Position frames_end_;  // at start: behind the newest frame; zero: there was none
  const StoreOpener opener_;
  Tail tail_;

  mutable std::shared_mutex tables_mutex_;
  Tables tables_;

  DiskReserve reserve_;
  Admission admission_;
  RowLatches latches_;
  std::atomic<uint64_t> next_sequence_{1};
  CommitQueue queue_;
  FencedTables fenced_;
  LogWindow window_;
  FlushScheduler scheduler_;
  TableCloser closer_;

  std::mutex maintenance_mutex_;
  std::condition_variable maintenance_wake_;
  bool stopping_ = false;
  std::thread maintenance_;  // joinable: the start has worked
  std::unique_ptr<BacklogWorker> backlog_worker_;
};

}  // namespace tidemark::shard
