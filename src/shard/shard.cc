#include "shard/shard.h"

#include <filesystem>

#include "base/files.h"
#include "base/log.h"
#include "shard/local_shard.h"

namespace tidemark::shard {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kMaintenanceInterval{1};

class LogHold : public Shard::Hold {
 public:
  LogHold(std::mutex& mutex, int& holds) : mutex_(mutex), holds_(holds) {
    std::lock_guard lock(mutex_);
    ++holds_;
  }
  ~LogHold() override {
    std::lock_guard lock(mutex_);
    --holds_;
  }

 private:
  std::mutex& mutex_;
  int& holds_;
};

}  // namespace

Result<std::unique_ptr<Shard>> Shard::Open(ShardOptions options,
                                           std::unique_ptr<log::CommitLog> log,
                                           engine::Engine& engine, Clock& clock,
                                           runtime::BlockingPool& pool) {
  std::error_code error;
  fs::create_directories(options.directory, error);
  // What is being restored becomes a table only when adopted; before that it is scrap.
  fs::remove_all(options.directory + "/restoring", error);
  fs::create_directories(options.directory + "/restoring", error);
  fs::create_directories(options.directory + "/images", error);
  fs::create_directories(options.directory + "/tables", error);
  if (error) return Fail(FromErrno(error.value(), "making " + options.directory));
  // Before the log takes a write: replay skips tables whose directory is not there.
  TM_TRYV(SyncDirectory(options.directory));
  TM_TRY(auto tables, OpenAllTables(options.directory + "/tables", engine));
  const log::Position from = LoadReplayStart(options.directory + "/REPLAY", *log);
  auto replayed = Replay(*log, from, tables);
  if (!replayed) return Fail(WithContext(replayed.error(), "starting shard {}", options.name));
  return std::make_unique<LocalShard>(std::move(options), std::move(log), std::move(tables), engine,
                                      clock, pool);
}

LocalShard::LocalShard(ShardOptions options, std::unique_ptr<log::CommitLog> log, OpenTables tables,
                       engine::Engine& engine, Clock& clock, runtime::BlockingPool& pool)
    : options_(std::move(options)),
      log_(std::move(log)),
      engine_(engine),
      pool_(pool),
      tables_(std::move(tables)),
      queue_(*log_, clock, latches_, options_.group_bytes),
      maintenance_([this] { MaintenanceLoop(); }) {}

LocalShard::~LocalShard() {
  {
    std::lock_guard lock(maintenance_mutex_);
    stopping_ = true;
  }
  maintenance_wake_.notify_all();
  maintenance_.join();
  queue_.Stop();
  log::Position needed = log_->end();
  for (const OpenTablePtr& table : AllOpen()) {
    if (auto flushed = table->mutable_store().Flush(); !flushed) {
      LogWarn("table {} is not flushed at the end, the next start replays it: {}",
              table->id().ToString(), flushed.error().message);
    }
    if (const auto oldest = table->OldestNeeded()) needed = std::min(needed, *oldest);
  }
  (void)StoreReplayStart(options_.directory + "/REPLAY", needed);
}

std::string LocalShard::TablePath(TableId id) const {
  return TablesDirectory() + "/" + id.ToString();
}
std::string LocalShard::RestoringPath(TableId id) const {
  return options_.directory + "/restoring/" + id.ToString();
}

OpenTablePtr LocalShard::FindOpen(TableId id) const {
  std::shared_lock lock(tables_mutex_);
  const auto at = tables_.find(id);
  return at == tables_.end() ? nullptr : at->second;
}

std::vector<OpenTablePtr> LocalShard::AllOpen() const {
  std::shared_lock lock(tables_mutex_);
  std::vector<OpenTablePtr> all;
  for (const auto& [id, table] : tables_) all.push_back(table);
  return all;
}

std::vector<TableId> LocalShard::TableIds() const {
  std::shared_lock lock(tables_mutex_);
  std::vector<TableId> ids;
  for (const auto& [id, table] : tables_) ids.push_back(id);
  return ids;
}

Result<TableHandle> LocalShard::CreateTable(TableId id, const std::string& control) {
  if (auto table = FindOpen(id)) return table;
  TM_TRY(auto store, engine_.Create(TablePath(id), id));
  auto table = MakeOpen(id, std::move(store), Totals{});
  {
    std::unique_lock lock(tables_mutex_);
    tables_[id] = table;
  }
  TM_TRYV(LogControl(id, control));
  return table;
}

Result<std::unique_ptr<engine::TableStore>> LocalShard::CloneStore(TableId id,
                                                                   const std::string& image) {
  TM_TRYV(DiscardStore(id));
  return engine_.Clone(image, RestoringPath(id), id);
}

Result<TableHandle> LocalShard::Adopt(TableId id, std::unique_ptr<engine::TableStore> store,
                                      Totals totals, const std::string& control) {
  // The clone's position belongs to another table's history: it starts afresh at the head of this
  // log.
  TM_TRYV(store->SetPosition(queue_.AppliedPosition(), EncodeTotals(totals)));
  store.reset();
  if (::rename(RestoringPath(id).c_str(), TablePath(id).c_str()) != 0) {
    return Fail(FromErrno(errno, "moving the restored table to " + TablePath(id)));
  }
  TM_TRYV(SyncDirectory(TablesDirectory()));
  TM_TRY(auto opened, engine_.Open(TablePath(id), id));
  auto table = MakeOpen(id, std::move(opened), totals);
  {
    std::unique_lock lock(tables_mutex_);
    tables_[id] = table;
  }
  TM_TRYV(LogControl(id, control));
  return table;
}

Result<void> LocalShard::DropTable(TableId id, const std::string& control) {
  auto table = FindOpen(id);
  if (!table) return {};
  auto done = Control(id, control, [&](const Applied&) -> Result<void> {
    table->dropped = true;
    return {};
  });
  if (!done && done.error().kind == ErrorKind::kResourceNotFound) return {};  // by another call
  TM_TRYV(done);
  {
    std::unique_lock lock(tables_mutex_);
    tables_.erase(id);
  }
  table->mutable_store().Abandon();
  // Requests under way may still read it, so the files go with the last handle (open_table.h).
  table->remove_when_closed = TablePath(id) + ".dropped";
  if (::rename(TablePath(id).c_str(), table->remove_when_closed.c_str()) != 0 && errno != ENOENT) {
    return Fail(FromErrno(errno, "moving away the dropped table " + TablePath(id)));
  }
  return {};
}

OpenTablePtr LocalShard::MakeOpen(TableId id, std::unique_ptr<engine::TableStore> store,
                                  Totals totals) {
  // Closing and removing a dropped table blocks, and its last handle may go on an I/O thread. It
  // may also outlive the shard, though not the pool.
  return OpenTablePtr(new OpenTable(id, std::move(store), totals),
                      [&pool = pool_](OpenTable* table) {
                        if (!table->dropped || !pool.Submit([table] { delete table; }))
                          delete table;
                      });
}

Result<void> LocalShard::DiscardStore(TableId id) {
  std::error_code error;
  fs::remove_all(RestoringPath(id), error);
  if (error) return Fail(FromErrno(error.value(), "removing " + RestoringPath(id)));
  return {};
}

void LocalShard::SetHistoryFloor(std::function<std::optional<log::Position>()> floor) {
  std::lock_guard lock(history_mutex_);
  history_floor_ = std::move(floor);
}

std::unique_ptr<Shard::Hold> LocalShard::HoldLog() {
  return std::make_unique<LogHold>(history_mutex_, holds_);
}

void LocalShard::MaintenanceLoop() {
  std::unique_lock lock(maintenance_mutex_);
  while (!maintenance_wake_.wait_for(lock, kMaintenanceInterval, [&] { return stopping_; })) {
    lock.unlock();
    KeepLogWithinWindow();
    lock.lock();
  }
}

// Flushes the tables that hold the log's oldest part when it is longer than the window, then drops
// the segments that neither a table nor history needs.
void LocalShard::KeepLogWithinWindow() {
  // Read before the tables are asked: a frame that is logged but not applied makes no table dirty
  // yet.
  const log::Position applied = queue_.AppliedPosition();
  const auto segments = log_->Segments();
  uint64_t newer_bytes = 0;
  uint32_t window_begin = 0;  // first segment inside the window
  for (auto segment = segments.rbegin(); segment != segments.rend(); ++segment) {
    newer_bytes += segment->bytes;
    if (newer_bytes > options_.log_window_bytes) break;
    window_begin = segment->segment;
  }

  log::Position needed = applied;
  for (const OpenTablePtr& table : AllOpen()) {
    auto oldest = table->OldestNeeded();
    if (!oldest || table->dropped) continue;
    if (oldest->segment < window_begin) {
      if (auto flushed = table->mutable_store().Flush(); !flushed) {
        LogError("table {} cannot be flushed, the commit log has to keep what it misses: {}",
                 table->id().ToString(), flushed.error().message);
      }
      oldest = table->OldestNeeded();
      if (!oldest) continue;
    }
    needed = std::min(needed, *oldest);
  }
  if (needed.segment != replay_start_.segment) {
    if (StoreReplayStart(options_.directory + "/REPLAY", needed)) replay_start_ = needed;
  }

  if (segments.size() < 2 || needed.segment <= segments.front().segment) return;
  queue_.OnLogThread([this, needed] { Truncate(needed); });
}

void LocalShard::Truncate(log::Position needed) {
  std::lock_guard lock(history_mutex_);
  if (holds_ > 0) return;
  if (history_floor_) {
    if (const auto floor = history_floor_()) needed = std::min(needed, *floor);
  }
  if (needed.segment <= log_->begin().segment) return;
  if (auto truncated = log_->Truncate(needed); !truncated) {
    LogError("the commit log cannot drop old segments: {}", truncated.error().message);
  }
}

}  // namespace tidemark::shard
