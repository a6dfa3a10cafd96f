// The shard on one machine: see shard.h for what it promises.
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>

#include "shard/commit_queue.h"
#include "shard/recovery.h"

namespace tidemark::shard {

class LocalShard : public Shard {
 public:
  LocalShard(ShardOptions options, std::unique_ptr<log::CommitLog> log, OpenTables tables,
             engine::Engine& engine, Clock& clock, runtime::BlockingPool& pool);
  ~LocalShard() override;

  const std::string& name() const override { return options_.name; }

  TableHandle Find(TableId id) const override { return FindOpen(id); }
  std::vector<TableId> TableIds() const override;
  Result<TableHandle> CreateTable(TableId id, const std::string& control) override;
  Result<std::unique_ptr<engine::TableStore>> CloneStore(TableId id,
                                                         const std::string& image) override;
  Result<TableHandle> Adopt(TableId id, std::unique_ptr<engine::TableStore> store, Totals totals,
                            const std::string& control) override;
  Result<void> DropTable(TableId id, const std::string& control) override;
  Result<void> DiscardStore(TableId id) override;

  Result<PinResult> Pin(TableId id, const std::string& directory,
                        const std::string& control) override;
  Result<Timestamp> LogControl(TableId id, const std::string& control) override;

  Task<std::optional<Bytes>> Get(TableHandle table, Bytes key) override;
  Task<Timestamp> Write(WriteRequest request, Origin origin) override;
  Task<std::vector<Result<Timestamp>>> WriteAll(std::vector<WriteRequest> requests,
                                                Origin origin) override;

  Result<void> Writable() const override { return queue_.Writable(); }

  log::CommitLog& log() override { return *log_; }
  Timestamp LastCommit() const override { return queue_.LastApplied(); }
  Timestamp Now() const override { return queue_.Now(); }

  void SetHistoryFloor(std::function<std::optional<log::Position>()> floor) override;
  std::unique_ptr<Hold> HoldLog() override;

  std::string TablesDirectory() const override { return options_.directory + "/tables"; }
  std::string ImagesDirectory() const override { return options_.directory + "/images"; }

 private:
  OpenTablePtr FindOpen(TableId id) const;
  std::vector<OpenTablePtr> AllOpen() const;
  std::string RestoringPath(TableId id) const;
  std::string TablePath(TableId id) const;

  // Latch, read, evaluate, queue; the result arrives in `gather`.
  asio::awaitable<void> Submit(WriteRequest request, const Origin& origin,
                               std::shared_ptr<Gather> gather, size_t slot);
  // Queues a control record of `table` with an act and waits. Blocking.
  Result<Timestamp> Control(TableId table, const std::string& control,
                            std::function<Result<void>(const Applied&)> act);

  void MaintenanceLoop();
  void KeepLogWithinWindow();
  void Truncate(log::Position needed);  // on the log thread

  OpenTablePtr MakeOpen(TableId id, std::unique_ptr<engine::TableStore> store, Totals totals);

  const ShardOptions options_;
  std::unique_ptr<log::CommitLog> log_;
  engine::Engine& engine_;
  runtime::BlockingPool& pool_;

  mutable std::shared_mutex tables_mutex_;
  OpenTables tables_;

  RowLatches latches_;
  std::atomic<uint64_t> next_sequence_{1};
  CommitQueue queue_;

  std::mutex history_mutex_;
  std::function<std::optional<log::Position>()> history_floor_;
  int holds_ = 0;

  std::mutex maintenance_mutex_;
  std::condition_variable maintenance_wake_;
  bool stopping_ = false;
  log::Position replay_start_;  // as last stored
  std::thread maintenance_;
};

}  // namespace tidemark::shard
