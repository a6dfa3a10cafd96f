#include "server/server.h"

#include <algorithm>

#include "audit/verify.h"
#include "backup/older_backups.h"
#include "base/assert.h"
#include "base/log.h"
#include "engine/rocks/rocks_engine.h"
#include "server/running_server.h"

namespace tidemark::server {
namespace {

constexpr size_t kBlockingThreads = 16;
constexpr size_t kSystemThreads = 2;
constexpr size_t kJobThreads = 2;
constexpr size_t kFiguresThreads = 1;
constexpr std::chrono::milliseconds kUpkeepInterval{1000};
constexpr std::chrono::milliseconds kCreateDelayInterval{20};
constexpr std::chrono::milliseconds kSweepInterval{500};
constexpr std::chrono::seconds kStopDeadline{10};

}  // namespace

RunningServer::RunningServer(const Config& config, DataDirectory data)
    : config_(config),
      data_(std::move(data)),
      root_keys_(data_.root_key(), TheSystemRandom()),
      keys_(root_keys_),
      threads_(config.io_threads ? config.io_threads
                                 : std::max(1u, std::thread::hardware_concurrency())),
      pool_(kBlockingThreads),
      system_pool_(kSystemThreads),
      jobs_(kJobThreads),
      cold_pool_(1),
      figures_pool_(kFiguresThreads) {}

RunningServer::~RunningServer() {
  // From the outside in: nothing may still use a shard when it goes.
  if (listener_) listener_->Stop(kStopDeadline);
  creating_.reset();
  billing_.reset();
  sweeping_.reset();
  upkeep_.reset();
  if (vault_worker_) vault_worker_->Stop();
  if (copy_jobs_) copy_jobs_->Stop();
  if (peer_copies_) peer_copies_->Stop();
  if (arrivals_) arrivals_->Stop();
  if (notifier_) notifier_->Stop();
  if (cold_moves_) cold_moves_->Stop();
  if (item_restores_) item_restores_->Stop();
  if (restores_) restores_->Stop();
  if (index_jobs_) index_jobs_->Stop();
  if (backup_store_) backup_store_->Cancel();
  if (store_images_) store_images_->Stop();
  if (store_jobs_) store_jobs_->Stop();
  jobs_.Stop();
  verifying_.Stop();
  cold_pool_.Stop();
  checking_pool_.Stop();
  arriving_pool_.Stop();
  pool_.Stop();
  system_pool_.Stop();
  figures_pool_.Stop();
  listener_.reset();
  threads_.Stop();
  threads_.Join();
  past_.reset();
  backup_reads_.reset();
  if (recovery_) recovery_->Stop();
  regions_.reset();
  audit_log_.reset();
  vault_store_.reset();
  ledger_.reset();
  prices_.reset();
  key_store_.reset();
  directory_.reset();
  restore_reports_.reset();
  catalog_.reset();
  system_.reset();
}

Result<void> RunningServer::Start() {
  threads_.Start();
  TM_TRYV(OpenStorage());
  if (!config_.backup_store.place.empty()) {
    TM_TRY(backup_store_, BackupStore::Open(config_.backup_store, data_.path(), real_clock_));
  }
  TM_TRYV(OpenNotificationSinks());
  MakeServices();
  TM_TRYV(MakeMeter());
  table_keys_->Resume();
  key_store_->Watch(table_keys_->Watcher());
  TM_TRYV(backups_->Resume());
  backup::RemoveStoringLeftovers(*regions_);
  TM_TRYV(control_->Resume());
  TM_TRYV(restores_->Resume());
  index_jobs_->Resume();
  item_restores_->Resume();
  if (store_jobs_ && config_.listen) store_jobs_->Resume();
  if (config_.listen) {
    vault_worker_->Start();
    if (peer_copies_) peer_copies_->Start();
    notifier_->Start();
  }
  upkeep_.emplace(kUpkeepInterval, [this] {
    SettleRecords();
    recovery_->Maintain();
    past_->Tend();
    backup_reads_->Tend();
    backups_->Maintain();
    if (store_jobs_ && config_.listen) store_jobs_->Maintain();
    SweepTokens();
    streams_->Maintain();
    audit_log_->Maintain();
    kms::TendKeys(*key_store_, clock().Now());
    table_keys_->Maintain();
    meter_->Maintain();
  });
  sweeping_.emplace(kSweepInterval, [this] { time_to_live_->Sweep(); });
  if (config_.listen) billing_.emplace(kUpkeepInterval, [this] { month_bill_->Maintain(); });
  if (config_.create_delay.count() > 0)
    creating_.emplace(kCreateDelayInterval, [this] { control_->ActivateCreated(); });
  if (!config_.listen) return {};
  return Listen();
}

Result<void> RunningServer::Recover(const backup::StoreContents& contents,
                                    std::vector<TableRecovery>* plan,
                                    const SiteRecovery::Tell& tell) {
  TM_ASSERT(store_images_);
  TM_TRY(const auto faults, stored_keys_->Bring());
  for (const std::string& fault : faults) LogWarn("not recovered: {}", fault);
  return SiteRecovery(*catalog_, *restores_, *restore_reports_, *store_images_)
      .Run(contents, plan, tell);
}

Result<void> RunningServer::OpenStorage() {
  engine::EngineOptions options;
  options.block_cache_bytes = config_.block_cache_bytes;
  options.descriptor_budget = config_.descriptors;
  TM_TRY(engine_, engine::MakeRocksEngine(options, keys_, TheSystemRandom()));
  regions_ = std::make_unique<Regions>(data_.path() + "/shards", *engine_, keys_, clock(), pool_,
                                       TheSystemRandom());
  regions_->SetElsewhere([this](const Region& region) {
    return std::ranges::find(config_.peers.peers, region.value, &peer::PeerConfig::region) !=
           config_.peers.peers.end();
  });
  regions_->SetSizes([this](log::LocalLogOptions&, shard::ShardOptions& shard) {
    shard.disk_reserve_bytes = config_.disk_reserve_bytes;
    if (shard.name == Regions::kSystem) return;
    shard.log_window_bytes = config_.log_window_bytes;
    shard.log_bytes_max = config_.log_bytes_max;
    shard.dirty_bytes_max = config_.memtable_budget_bytes;
    shard.idle_close = config_.idle_close;
  });
  TM_TRY(system_, regions_->OpenSystem(system_pool_));
  TM_TRY(catalog_, catalog::Catalog::Open(*system_, threads_.context(0)));
  TM_TRY(restore_reports_, restore::RestoreReports::Open(*system_, threads_.context(0)));
  TM_TRY(audit_log_, audit::AuditLog::Open(AuditDirectory(data_.path()),
                                           audit::AuditKey(data_.root_key().key()), real_clock_,
                                           {.retention = config_.audit_retention}));
  TM_TRY(directory_, iam::Directory::Open(*system_, threads_.context(0), keys_));
  TM_TRY(key_store_,
         kms::KeyStore::Open(*system_, threads_.context(0), root_keys_, TheSystemRandom()));
  TM_TRY(vault_store_, vault::VaultStore::Open(*system_, threads_.context(0)));
  TM_TRY(ledger_, metering::Ledger::Open(*system_, threads_.context(0)));
  keys_.Attach(*key_store_, [this](TableId id) -> std::optional<kms::KeyId> {
    if (const auto table = catalog_->FindTable(id)) return sse::TableKeys::KeyOf(table->sse);
    // Of a recovery point that is being moved to cold storage, or opened to be read: its own.
    const auto of_backup = [this](const auto& key) {
      const auto kept = vault::KeptKeyOf(*vault_store_, key.backup_arn);
      return kept ? sse::TableKeys::KeyOf({.enabled = true, .key_arn = *kept})
                  : sse::TableKeys::KeyOf(key.sse);
    };
    if (const auto moved = cold_moves_ ? cold_moves_->KeyOf(id) : std::nullopt)
      return of_backup(*moved);
    if (const auto read = backup_reads_ ? backup_reads_->KeyOf(id) : std::nullopt)
      return of_backup(*read);
    // Of one that is being copied: the key of the vault it goes to.
    auto key = vault::KeyOfCopy(*vault_store_, id);
    if (!key) key = vault::KeyOfArrival(*vault_store_, id);
    return key ? sse::TableKeys::KeyOf({.enabled = true, .key_arn = *key}) : std::nullopt;
  });
  catalog_->SetStamp(catalog::StampInLog(*regions_));
  recovery_.emplace(*catalog_, *regions_, *engine_, keys_, TheSystemRandom());
  past_.emplace(*catalog_, *regions_, *engine_, *recovery_, TheSystemRandom());
  backup_reads_.emplace(
      *catalog_, *regions_, *engine_, TheSystemRandom(),
      [this](const catalog::SseSettings& sse) { return table_keys_->CheckUsable(sse); });
  streams_.emplace(*catalog_, *regions_, pool_);
  return regions_->OpenAll(
      {.history = [this](const Region& region) { return recovery_->Floor(region); },
       .streams = [this](const Region& region) { return streams_->Floor(region); }},
      *catalog_);
}

Result<std::unique_ptr<Server>> Server::Start(const Config& config) {
  TM_TRY(auto credentials, CredentialsFromEnvironment(config.account));
  TM_TRY(auto data, DataDirectory::Open(config.data, config.account, std::move(credentials),
                                        TheSystemRandom()));
  auto server = std::make_unique<RunningServer>(config, std::move(data));
  TM_TRYV(server->Start());
  return server;
}

}  // namespace tidemark::server
