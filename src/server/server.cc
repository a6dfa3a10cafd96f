#include "server/server.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <limits>

#include "api/accounts/operations.h"
#include "api/audit/operations.h"
#include "api/dispatch.h"
#include "api/dynamodb/access.h"
#include "api/dynamodb/operations.h"
#include "api/kms/kms_api.h"
#include "api/past/operations.h"
#include "api/query_api.h"
#include "api/stores/operations.h"
#include "api/vaults/backup_api.h"
#include "audit/audit_log.h"
#include "audit/verify.h"
#include "backup/backup.h"
#include "backup/store_jobs.h"
#include "base/assert.h"
#include "base/log.h"
#include "console/pages.h"
#include "engine/rocks/rocks_engine.h"
#include "http/cross_origin.h"
#include "http/listener.h"
#include "iam/directory.h"
#include "kms/keys.h"
#include "kms/root_key_provider.h"
#include "kms/table_key_provider.h"
#include "pitr/images.h"
#include "pitr/past.h"
#include "pitr/window.h"
#include "policy/actions.h"
#include "restore/item_restore.h"
#include "restore/restore.h"
#include "server/metrics_page.h"
#include "server/regions.h"
#include "server/upkeep.h"
#include "shard/shard.h"
#include "sse/table_keys.h"
#include "streams/streams.h"
#include "table/batch.h"
#include "table/collection_limit.h"
#include "table/control.h"
#include "table/index_jobs.h"
#include "table/item_ops.h"
#include "table/query.h"
#include "table/resource_policies.h"
#include "table/throttle.h"
#include "table/time_to_live.h"
#include "table/transact.h"
#include "vault/worker.h"

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

class RunningServer : public Server {
 public:
  RunningServer(const Config& config, DataDirectory data)
      : config_(config),
        data_(std::move(data)),
        root_keys_(data_.root_key(), TheSystemRandom()),
        keys_(root_keys_),
        threads_(config.io_threads ? config.io_threads
                                   : std::max(1u, std::thread::hardware_concurrency())),
        pool_(kBlockingThreads),
        system_pool_(kSystemThreads),
        jobs_(kJobThreads),
        figures_pool_(kFiguresThreads) {}

  ~RunningServer() override {
    // From the outside in: nothing may still use a shard when it goes.
    if (listener_) listener_->Stop(kStopDeadline);
    creating_.reset();
    sweeping_.reset();
    upkeep_.reset();
    if (vault_worker_) vault_worker_->Stop();
    if (item_restores_) item_restores_->Stop();
    if (restores_) restores_->Stop();
    if (index_jobs_) index_jobs_->Stop();
    if (backup_store_) backup_store_->Cancel();
    if (store_images_) store_images_->Stop();
    if (store_jobs_) store_jobs_->Stop();
    jobs_.Stop();
    pool_.Stop();
    system_pool_.Stop();
    figures_pool_.Stop();
    listener_.reset();
    threads_.Stop();
    threads_.Join();
    past_.reset();
    if (recovery_) recovery_->Stop();
    regions_.reset();
    audit_log_.reset();
    vault_store_.reset();
    key_store_.reset();
    directory_.reset();
    restore_reports_.reset();
    catalog_.reset();
    system_.reset();
  }

  uint16_t port() const override { return listener_->port(); }
  const DataDirectory& data() const override { return data_; }

  Result<void> Start() {
    threads_.Start();
    TM_TRYV(OpenStorage());
    if (!config_.backup_store.place.empty()) {
      TM_TRY(backup_store_, BackupStore::Open(config_.backup_store, data_.path(), real_clock_));
    }
    MakeServices();
    table_keys_->Resume();
    key_store_->Watch(table_keys_->Watcher());
    TM_TRYV(backups_->Resume());
    TM_TRYV(control_->Resume());
    TM_TRYV(restores_->Resume());
    index_jobs_->Resume();
    item_restores_->Resume();
    if (store_jobs_ && config_.listen) store_jobs_->Resume();
    if (config_.listen) vault_worker_->Start();
    upkeep_.emplace(kUpkeepInterval, [this] {
      recovery_->Maintain();
      past_->Tend();
      backups_->Maintain();
      if (store_jobs_ && config_.listen) store_jobs_->Maintain();
      SweepTokens();
      streams_->Maintain();
      audit_log_->Maintain();
      kms::TendKeys(*key_store_, clock().Now());
      table_keys_->Maintain();
    });
    sweeping_.emplace(kSweepInterval, [this] { time_to_live_->Sweep(); });
    if (config_.create_delay.count() > 0)
      creating_.emplace(kCreateDelayInterval, [this] { control_->ActivateCreated(); });
    if (!config_.listen) return {};
    return Listen();
  }

  Result<void> Recover(const backup::StoreContents& contents, std::vector<TableRecovery>* plan,
                       const SiteRecovery::Tell& tell) override {
    TM_ASSERT(store_images_);
    TM_TRY(const auto faults, stored_keys_->Bring());
    for (const std::string& fault : faults) LogWarn("not recovered: {}", fault);
    return SiteRecovery(*catalog_, *restores_, *restore_reports_, *store_images_)
        .Run(contents, plan, tell);
  }

 private:
  Clock& clock() { return config_.test_clock ? static_cast<Clock&>(test_clock_) : real_clock_; }

  Result<void> OpenStorage() {
    engine::EngineOptions options;
    options.block_cache_bytes = config_.block_cache_bytes;
    options.descriptor_budget = config_.descriptors;
    TM_TRY(engine_, engine::MakeRocksEngine(options, keys_, TheSystemRandom()));
    regions_ = std::make_unique<Regions>(data_.path() + "/shards", *engine_, keys_, clock(), pool_,
                                         TheSystemRandom());
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
    keys_.Attach(*key_store_, [this](TableId id) -> std::optional<kms::KeyId> {
      const auto table = catalog_->FindTable(id);
      return table ? sse::TableKeys::KeyOf(table->sse) : std::nullopt;
    });
    catalog_->SetStamp(catalog::StampInLog(*regions_));
    recovery_.emplace(*catalog_, *regions_, *engine_, keys_, TheSystemRandom());
    past_.emplace(*catalog_, *regions_, *engine_, *recovery_, TheSystemRandom());
    streams_.emplace(*catalog_, *regions_, pool_);
    return regions_->OpenAll(
        {.history = [this](const Region& region) { return recovery_->Floor(region); },
         .streams = [this](const Region& region) { return streams_->Floor(region); }},
        *catalog_);
  }

  restore::KeyHooks KeyHooks() {
    return {.check_usable =
                [this](const catalog::SseSettings& sse) { return table_keys_->CheckUsable(sse); },
            .resolve =
                [this](const AccountId& account, const Region& region, catalog::SseSettings* sse) {
                  return table_keys_->Resolve(account, region, sse);
                }};
  }

  void MakeServices() {
    backups_.emplace(*catalog_, *regions_, *engine_, jobs_, TheSystemRandom());
    if (backup_store_) {
      store_copies_.emplace(backup_store_->store(), root_keys_, real_clock_);
      store_images_.emplace(*catalog_, *regions_, *store_copies_, TheSystemRandom());
      store_removal_.emplace(backup_store_->store(), root_keys_, real_clock_);
      store_verdicts_.emplace(backup_store_->store(), root_keys_, *store_copies_, real_clock_);
      stored_keys_.emplace(backup_store_->store(), root_keys_, *key_store_);
      store_jobs_.emplace(*catalog_, *regions_,
                          backup::StoreParts{*store_copies_, *store_images_, *store_removal_,
                                             *stored_keys_, *store_verdicts_},
                          TheSystemRandom(), config_.backup_store.copy_all);
    }
    store_services_.emplace(
        api::stores::StoreServices{store_jobs_ ? &*store_jobs_ : nullptr, pool_});
    table_keys_.emplace(*catalog_, *regions_, *engine_, *recovery_, *key_store_, keys_, clock());
    restore::BringImage bring_image;
    if (store_images_) {
      bring_image = [this](const catalog::BackupRecord& backup) {
        return store_images_->Bring(backup);
      };
    }
    restores_.emplace(*catalog_, *regions_, *recovery_, *restore_reports_, jobs_, TheSystemRandom(),
                      KeyHooks(), std::move(bring_image));
    table::ControlHooks hooks;
    hooks.before_drop = [this](const catalog::TableRecord& table) {
      return backups_->BeforeDrop(table);
    };
    hooks.drop_failed = [this](const catalog::TableRecord& table) {
      backups_->UndoSystem(table.id);
    };
    hooks.after_drop = [this](const catalog::TableRecord& table) {
      recovery_->Forget(table.id);
      ForgetItems(table.id);
    };
    hooks.resolve_key = [this](const table::Caller& caller, catalog::SseSettings* sse) {
      return table_keys_->Resolve(caller.account, caller.region, sse);
    };
    hooks.move_to_key = [this](TableId table) { return table_keys_->Move(table); };
    hooks.indexes_changed = [this](TableId table) { index_jobs_->Queue(table); };
    hooks.after_reset = [this](const catalog::Catalog::Erased& erased) {
      restore_reports_->Forget(erased.account);
      for (const auto& table : erased.tables) ForgetItems(table->id);
      const auto remove = [this](const catalog::ImageRecord& image) {
        if (auto* shard = regions_->Find(image.region))
          pitr::RemoveImageFiles(pitr::ImagePath(*shard, image));
      };
      for (const auto& image : erased.images) remove(*image);
      for (const auto& backup : erased.backups) remove(backup->image);
    };
    control_.emplace(*catalog_, *regions_, pool_, clock(), TheSystemRandom(), std::move(hooks),
                     config_.create_delay);
    if (config_.throttle) throttle_.emplace(clock());
    table::Throttle* const throttle = throttle_ ? &*throttle_ : nullptr;
    limit_.emplace(pool_, config_.collection_bytes_max);
    items_.emplace(*catalog_, *regions_, *limit_, throttle, &past_reads_);
    queries_.emplace(*catalog_, *regions_, pool_, throttle, &past_reads_);
    batches_.emplace(*catalog_, *regions_, pool_, *limit_, throttle, &past_reads_);
    time_to_live_.emplace(*catalog_, *regions_, pool_, *limit_, clock(), threads_.context(0));
    index_jobs_.emplace(*catalog_, *regions_, threads_.context(0));
    item_restores_.emplace(*catalog_, *regions_, *past_, *limit_, threads_.context(0),
                           TheSystemRandom());
    tokens_.emplace(*regions_, pool_);
    transactions_.emplace(*catalog_, *regions_, *tokens_, *limit_, throttle);
    policies_.emplace(*catalog_, pool_, TheSystemRandom());
    collections_.emplace(*catalog_, *regions_, pool_);
    sessions_.emplace(*directory_, TheSystemRandom());
    credentials_.emplace(auth::RootCredentials({data_.credentials()}), *directory_, *sessions_);
    auth::AuthenticatorOptions options;
    options.session_clock = &clock();
    // Tests send wrong signatures by the thousand.
    if (config_.test_hooks) options.failures.burst = std::numeric_limits<uint32_t>::max();
    authenticator_.emplace(*credentials_, real_clock_, options);
    access_.emplace(*catalog_, real_clock_, config_.strict_iam);
    auditor_.emplace(*audit_log_, real_clock_, config_.audit_items);
    query_api_.emplace(api::QueryServices{*authenticator_, *credentials_, *directory_, *sessions_,
                                          pool_, &*auditor_, clock(), real_clock_,
                                          TheSystemRandom()});
    kms_api_.emplace(
        api::KmsServices{*authenticator_, *key_store_, pool_, &*auditor_, clock(), real_clock_});
    MakeVaults();
    audit_services_.emplace(api::audit_log::AuditServices{*audit_log_, pool_});
    account_services_.emplace(api::accounts::AccountServices{
        *directory_, data_.credentials().account, pool_, real_clock_, TheSystemRandom()});
    services_.emplace(api::dynamodb::Services{
        *catalog_, *control_, *items_, *queries_, *batches_, *policies_, *time_to_live_,
        *transactions_, *collections_, *recovery_, *past_, *backups_, *restores_, *restore_reports_,
        *item_restores_, *streams_, pool_});
  }

  void MakeVaults() {
    const auto now = [this](const Region& region) {
      const shard::Shard* shard = regions_->Find(region);
      return shard ? shard->Now() : clock().Now();
    };
    backup_jobs_.emplace(*vault_store_, *catalog_, *backups_, *directory_, TheSystemRandom());
    restore_jobs_.emplace(*vault_store_, *catalog_, *restores_, *restore_reports_, *directory_,
                          TheSystemRandom());
    point_upkeep_.emplace(*vault_store_, *catalog_, *backups_, *directory_);
    plan_schedule_.emplace(*vault_store_, *catalog_, TheSystemRandom());
    vault_worker_.emplace(*vault_store_, *backup_jobs_, *restore_jobs_, *point_upkeep_,
                          *plan_schedule_, now);
    backup_api_.emplace(api::VaultServices{
        *authenticator_, *vault_store_, *backup_jobs_, *restore_jobs_, *vault_worker_, *catalog_,
        *directory_, *key_store_, *kms_api_, pool_, &*auditor_, now, real_clock_});
  }

  // What is kept in memory of a table that is gone.
  void ForgetItems(TableId table) {
    if (throttle_) throttle_->Forget(table);
    limit_->Forget(table);
  }

  void SweepTokens() {
    auto swept = runtime::RunBlocking(threads_.context(0), tokens_->Sweep());
    if (!swept) LogWarn("expired request tokens remain: {}", swept.error().message);
  }

  Result<void> Listen() {
    api::DispatcherOptions options;
    // It listens only once it is ready; it stops being so when a log takes no more writes.
    options.ready = [this]() -> Result<void> {
      TM_TRYV(system_->Writable());
      for (const shard::Shard* shard : regions_->All()) TM_TRYV(shard->Writable());
      return {};
    };
    options.authorize = [this](const auth::Principal& principal, const http::Request& request,
                               std::string_view operation, codec::JsonValue body) {
      return access_->Check(principal, request, operation, body);
    };
    options.auditor = &*auditor_;
    options.query = [this](const http::Request& request, const std::string& request_id) {
      return query_api_->Handle(request, request_id);
    };
    options.authorize_keys = [this](const auth::Principal& principal, const http::Request& request,
                                    std::string_view operation, codec::JsonValue body,
                                    const AccountId& owner) {
      return kms_api_->CheckTableKey(principal, request, operation, body, owner);
    };
    options.is_kms = api::KmsApi::Claims;
    options.kms = [this](const http::Request& request, const std::string& request_id) {
      return kms_api_->Handle(request, request_id);
    };
    options.kms_operations = api::KmsApi::OperationNames();
    options.kms_operation = api::KmsApi::OperationOf;
    options.is_backup = api::BackupApi::Claims;
    options.backup = [this](const http::Request& request, const std::string& request_id) {
      return backup_api_->Handle(request, request_id);
    };
    options.backup_operations = api::BackupApi::OperationNames();
    options.backup_operation = api::BackupApi::OperationOf;
    options.pages = console::Answer;
    if (config_.test_hooks)
      options.reset = [this](table::Caller caller) { return Reset(std::move(caller)); };
    if (config_.test_clock) options.test_clock = &test_clock_;
    options.metrics = [this] {
      auto page = [this]() -> Result<std::string> {
        return MetricsPage({.requests = dispatcher_->figures(),
                            .listener = open_listener_,
                            .engine = *engine_,
                            .system = *system_,
                            .regions = *regions_,
                            .recovery = *recovery_,
                            .past = *past_,
                            .audit = *audit_log_,
                            .backup_store = backup_store_ ? &backup_store_->figures() : nullptr,
                            .keys = *key_store_});
      };
      return runtime::Blocking(figures_pool_, std::move(page));
    };
    auto operations = api::dynamodb::Operations(*services_);
    std::ranges::move(api::past::Operations(*services_), std::back_inserter(operations));
    std::ranges::move(api::accounts::Operations(*account_services_),
                      std::back_inserter(operations));
    std::ranges::move(api::audit_log::Operations(*audit_services_), std::back_inserter(operations));
    std::ranges::move(api::stores::Operations(*store_services_), std::back_inserter(operations));
    // One that nobody could be granted or refused, or that is told to be absent.
    TM_ASSERT(std::ranges::all_of(operations, policy::IsBuilt, &api::Operation::name));
    dispatcher_ = std::make_unique<api::Dispatcher>(std::move(operations), *authenticator_,
                                                    std::move(options));
    http::Handler handler = [this](const http::Request& request) {
      return dispatcher_->Handle(request);
    };
    if (!config_.cors_origin.empty())
      handler = http::AllowOrigin(config_.cors_origin, std::move(handler));
    TM_TRY(listener_, http::Listener::Open(threads_, config_.host, config_.port, {},
                                           std::move(handler), api::Dispatcher::Refuse));
    open_listener_ = listener_.get();
    return {};
  }

  Task<void> Reset(table::Caller caller) {
    TM_CO_TRYV(co_await tokens_->Forget(caller.account));
    auto forget = [&] { return vault_store_->EraseAccount(caller.account); };
    TM_CO_TRYV(co_await runtime::Blocking(pool_, forget));
    co_return co_await control_->Reset(std::move(caller));
  }

  const Config config_;
  const DataDirectory data_;
  SystemClock real_clock_;
  SteppedClock test_clock_;
  kms::RootKeyProvider root_keys_;
  kms::TableKeyProvider keys_;
  runtime::IoThreads threads_;
  std::unique_ptr<engine::Engine> engine_;
  runtime::BlockingPool pool_;  // before the engine goes: it closes dropped tables
  runtime::BlockingPool system_pool_;
  runtime::BlockingPool jobs_;
  runtime::BlockingPool figures_pool_;  // its own: the figures are wanted when the others are stuck
  std::unique_ptr<Regions> regions_;
  std::unique_ptr<shard::Shard> system_;
  std::unique_ptr<catalog::Catalog> catalog_;
  std::unique_ptr<iam::Directory> directory_;
  std::optional<iam::Sessions> sessions_;
  std::unique_ptr<kms::KeyStore> key_store_;
  std::optional<auth::AllCredentials> credentials_;
  std::optional<auth::Authenticator> authenticator_;
  std::optional<api::dynamodb::Access> access_;
  std::unique_ptr<audit::AuditLog> audit_log_;
  std::optional<api::Auditor> auditor_;
  std::optional<api::QueryApi> query_api_;
  std::optional<api::KmsApi> kms_api_;
  std::optional<pitr::Recovery> recovery_;
  std::optional<pitr::Past> past_;
  std::optional<streams::Streams> streams_;
  std::optional<sse::TableKeys> table_keys_;
  std::optional<backup::Backups> backups_;
  std::unique_ptr<BackupStore> backup_store_;  // null: none
  std::optional<backup::StoreCopies> store_copies_;
  std::optional<backup::StoreImages> store_images_;
  std::optional<backup::StoreRemoval> store_removal_;
  std::optional<backup::StoredKeys> stored_keys_;
  std::optional<backup::StoreVerdicts> store_verdicts_;
  std::optional<backup::StoreJobs> store_jobs_;
  std::unique_ptr<restore::RestoreReports> restore_reports_;
  std::optional<restore::Restores> restores_;
  const table::PastReads past_reads_{
      [this](const catalog::TableRecord& table, Timestamp time) { return past_->At(table, time); },
      [this](const catalog::TableRecord& table, Timestamp time) {
        return recovery_->TableAt(table, time);
      },
      pool_};
  std::unique_ptr<vault::VaultStore> vault_store_;
  std::optional<vault::BackupJobs> backup_jobs_;
  std::optional<vault::RestoreJobs> restore_jobs_;
  std::optional<vault::PointUpkeep> point_upkeep_;
  std::optional<vault::PlanSchedule> plan_schedule_;
  std::optional<vault::Worker> vault_worker_;
  std::optional<api::BackupApi> backup_api_;
  std::optional<table::Control> control_;
  std::optional<table::IndexJobs> index_jobs_;
  std::optional<table::Throttle> throttle_;
  std::optional<table::CollectionLimit> limit_;
  std::optional<restore::ItemRestores> item_restores_;
  std::optional<table::ItemOps> items_;
  std::optional<table::ItemCollections> collections_;
  std::optional<table::ResourcePolicies> policies_;
  std::optional<table::Queries> queries_;
  std::optional<table::Batches> batches_;
  std::optional<table::TimeToLive> time_to_live_;
  std::optional<table::RequestTokens> tokens_;
  std::optional<table::Transactions> transactions_;
  std::optional<api::dynamodb::Services> services_;
  std::optional<api::accounts::AccountServices> account_services_;
  std::optional<api::audit_log::AuditServices> audit_services_;
  std::optional<api::stores::StoreServices> store_services_;
  std::unique_ptr<api::Dispatcher> dispatcher_;
  std::unique_ptr<http::Listener> listener_;
  // The same once it is open; it is asked for figures before Open has returned.
  std::atomic<const http::Listener*> open_listener_{nullptr};
  std::optional<Upkeep> upkeep_;
  std::optional<Upkeep> sweeping_;  // items that expired
  std::optional<Upkeep> creating_;  // with --create-delay-ms
};

}  // namespace

Result<std::unique_ptr<Server>> Server::Start(const Config& config) {
  TM_TRY(auto credentials, CredentialsFromEnvironment(config.account));
  TM_TRY(auto data, DataDirectory::Open(config.data, config.account, std::move(credentials),
                                        TheSystemRandom()));
  auto server = std::make_unique<RunningServer>(config, std::move(data));
  TM_TRYV(server->Start());
  return server;
}

}  // namespace tidemark::server
