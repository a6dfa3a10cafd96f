// A shard's start, upkeep and end.
#include "shard/shard.h"

#include "base/files.h"
#include "base/log.h"
#include "shard/local_shard.h"

namespace tidemark::shard {
namespace {

constexpr std::chrono::seconds kMaintenanceInterval{1};

std::string ReplayFile(const ShardOptions& options) { return options.directory + "/REPLAY"; }

// Just after the newest frame. WHY not log.end(): every opening begins a segment of its own, and
// that lies behind whatever the segments before it have lost.
// Zero if there is no frame.
log::Position EndOfFrames(const log::CommitLog& log) {
  const auto segments = log.Segments();
  for (auto segment = segments.rbegin(); segment != segments.rend(); ++segment) {
    if (segment->last_commit != Timestamp{})
      return {log.log_id(), segment->segment, static_cast<uint32_t>(segment->bytes)};
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Shard>> Shard::Open(ShardOptions options,
                                           std::unique_ptr<log::CommitLog> log,
                                           engine::Engine& engine, Clock& clock,
                                           runtime::BlockingPool& pool) {
  // What is being restored becomes a table only when adopted; before that it is scrap.
  TM_TRYV(RemoveTree(options.directory + "/restoring"));
  // Durable before the log takes a write: replay leaves out tables whose directory is not there.
  for (const char* name : {"/restoring", "/images", "/tables", "/owed"}) {
    TM_TRYV(MakeDirectories(options.directory + name));
  }
  const std::string name = options.name;
  auto shard =
      std::make_unique<LocalShard>(std::move(options), std::move(log), engine, clock, pool);
  auto started = shard->Start();
  if (!started) return Fail(WithContext(started.error(), "starting shard {}", name));
  return shard;
}

LocalShard::LocalShard(ShardOptions options, std::unique_ptr<log::CommitLog> log,
                       engine::Engine& engine, Clock& clock, runtime::BlockingPool& pool)
    : options_(std::move(options)),
      log_(std::move(log)),
      engine_(engine),
      clock_(clock),
      pool_(pool),
      owed_(options_.directory + "/owed", options_.keys),
      replay_start_(LoadReplayStart(ReplayFile(options_), *log_)),
      frames_end_(EndOfFrames(*log_)),
      opener_({.tables_directory = options_.directory + "/tables",
               .log_id = log_->log_id(),
               .log_end = frames_end_ == log::Position{} ? log_->end() : frames_end_,
               .all_flushed_before = replay_start_,
               .damage = log_->Damage(),
               .owed = &owed_},
              engine, clock),
      reserve_({.directory = options_.directory,
                .reserve_bytes = options_.disk_reserve_bytes,
                .divisor = options_.disk_reserve_divisor,
                .ask = options_.ask_space}),
      admission_({.waiting_max = options_.waiting_writes_max,
                  .log_bytes_max = options_.log_bytes_max,
                  .has_history = options_.has_history},
                 reserve_),
      queue_(*log_, clock, latches_, admission_,
             {.group_bytes = options_.group_bytes,
              .parking = {.bytes_max = options_.parked_bytes_max, .patience = options_.parked_max},
              .reserve = &reserve_}),
      fenced_({.tables_directory = options_.directory + "/tables"}, owed_, queue_, *log_, pool,
              clock),
      window_({.replay_file = ReplayFile(options_),
               .window_bytes = options_.log_window_bytes,
               .replay_start = replay_start_,
               .history_floor = options_.history_floor,
               .stream_floor = options_.stream_floor},
              *log_, queue_),
      scheduler_(options_.dirty_bytes_max),
      closer_({.idle = options_.idle_close, .open_max = options_.open_tables_max}) {}

Result<void> LocalShard::Start() {
  TM_TRY(auto ids, FindTables(TablesDirectory(), options_.known));
  ids.insert(ids.end(), options_.active_tables.begin(), options_.active_tables.end());
  for (const TableId id : ids) {
    auto& table = tables_[id];
    if (!table) table = std::make_shared<OpenTable>(id, opener_, pool_);
  }
  TM_TRY(const auto runs, owed_.Find());
  for (const auto& [id, run] : runs) {
    if (const auto at = tables_.find(id); at != tables_.end()) {
      at->second->SetOwed(run);
    } else {
      TM_TRYV(owed_.Remove(id));
    }
  }
  const Micros begun = clock_.Monotonic();
  TM_TRY(tail_, ReadTail(*log_, replay_start_, tables_, options_.tail_memory_max));
  std::vector<OpenTablePtr> owed;
  for (const auto& [id, table] : tables_) {
    if (table->BacklogBytes() > 0 || table->owed()) owed.push_back(table);
  }
  if (tail_.changes > 0) {
    LogInfo("shard {}: {} changes of {} tables read from {} MiB of the commit log in {} ms",
            options_.name, tail_.changes, owed.size(), tail_.bytes >> 20,
            (clock_.Monotonic() - begun).count() / 1000);
  }
  if (options_.pay_backlogs) backlog_worker_ = std::make_unique<BacklogWorker>(std::move(owed));
  reserve_.Look();
  maintenance_ = std::thread([this] { MaintenanceLoop(); });
  return {};
}

LocalShard::~LocalShard() {
  {
    std::lock_guard lock(maintenance_mutex_);
    stopping_ = true;
  }
  maintenance_wake_.notify_all();
  const bool started = maintenance_.joinable();
  if (started) maintenance_.join();
  fenced_.Wait();
  backlog_worker_.reset();
  queue_.Stop();
  scheduler_.Stop();
  const auto tables = AllTables();
  for (const OpenTablePtr& table : tables) {
    const auto store = table->StoreForUpkeep();
    if (!store) continue;
    if (auto flushed = store->Flush(); !flushed) {
      LogWarn("table {} is not flushed at the end, the next start replays it: {}",
              table->id().ToString(), flushed.error().message);
    }
  }
  // A start that failed may not know all that is owed.
  if (started) window_.Finish(tables);
  for (const OpenTablePtr& table : tables) table->End(/*remove=*/false);
}

void LocalShard::MaintenanceLoop() {
  std::unique_lock lock(maintenance_mutex_);
  while (!maintenance_wake_.wait_for(lock, kMaintenanceInterval, [&] { return stopping_; })) {
    lock.unlock();
    if (options_.maintain) Maintain();
    lock.lock();
  }
}

void LocalShard::Maintain() {
  // Read before the tables are asked: a frame that is logged but not applied makes no table dirty
  // yet.
  const log::Position head = AppliedBefore();
  const auto tables = AllTables();
  FlushScheduler::Look look{.now = clock_.Monotonic(), .window_begin = window_.Begin()};
  look.asked = closer_.Close(tables, look.now);
  look.tables = tables;
  scheduler_.Schedule(look);
  window_.Advance(tables, head);
  fenced_.Tend(tables);
  reserve_.Look();
  const uint64_t of_streams = window_.stream_bytes();
  admission_.LookAtLog(log_->bytes() - std::min(log_->bytes(), of_streams));
  queue_.TendClock();
}

}  // namespace tidemark::shard
