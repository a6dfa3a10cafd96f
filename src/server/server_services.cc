// The services of a running server, made from the inside out.
#include <algorithm>
#include <limits>

#include "pitr/images.h"
#include "server/done_costs.h"
#include "server/running_server.h"
#include "vault/role.h"

namespace tidemark::server {
namespace {

// How often it is looked what is due in vaults: where a test moves time, it waits for that.
constexpr std::chrono::milliseconds kTendInterval{1000}, kTestTendInterval{50};

}  // namespace

void RunningServer::MakeServices() {
  backups_.emplace(*catalog_, *regions_, *engine_, jobs_, TheSystemRandom());
  MakeStoreServices();
  table_keys_.emplace(*catalog_, *regions_, *engine_, *recovery_, *key_store_, keys_, clock());
  MakeRestores();
  MakeTableServices();
  MakeAccess();
  MakeVaults();
  audit_services_.emplace(api::audit_log::AuditServices{*audit_log_, pool_});
  account_services_.emplace(api::accounts::AccountServices{*directory_, data_.credentials().account,
                                                           pool_, real_clock_, TheSystemRandom()});
  services_.emplace(api::dynamodb::Services{
      *catalog_, *control_, *items_, *queries_, *batches_, *policies_, *time_to_live_,
      *transactions_, *collections_, *recovery_, *past_, *backups_, *restores_, *restore_reports_,
      *item_restores_, *streams_, pool_});
}

void RunningServer::MakeStoreServices() {
  if (backup_store_) {
    store_copies_.emplace(backup_store_->store(), root_keys_, real_clock_);
    store_images_.emplace(*catalog_, *regions_, *store_copies_, *engine_, TheSystemRandom());
    store_removal_.emplace(backup_store_->store(), root_keys_, real_clock_);
    store_verdicts_.emplace(backup_store_->store(), root_keys_, *store_copies_, real_clock_);
    stored_keys_.emplace(backup_store_->store(), root_keys_, *key_store_);
    store_jobs_.emplace(*catalog_, *regions_,
                        backup::StoreParts{*engine_, *store_copies_, *store_images_,
                                           *store_removal_, *stored_keys_, *store_verdicts_},
                        TheSystemRandom(), config_.backup_store.copy_all,
                        [this](const AccountId& account, const backup::StoreJob& job) {
                          TellStoreFailure(account, job);
                        });
  }
  store_services_.emplace(api::stores::StoreServices{store_jobs_ ? &*store_jobs_ : nullptr, pool_});
}

void RunningServer::MakeRestores() {
  restore::BringImage bring_image;
  if (store_images_) {
    bring_image = [this](const catalog::BackupRecord& backup) {
      return store_images_->Bring(backup);
    };
  }
  restores_.emplace(*catalog_, *regions_, *recovery_, *restore_reports_, jobs_, verifying_,
                    TheSystemRandom(), KeyHooks(), std::move(bring_image));
}

table::ControlHooks RunningServer::Hooks() {
  table::ControlHooks hooks;
  hooks.before_drop = [this](const catalog::TableRecord& table) {
    return backups_->BeforeDrop(table);
  };
  hooks.drop_failed = [this](const catalog::TableRecord& table) { backups_->UndoSystem(table.id); };
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
  return hooks;
}

void RunningServer::MakeTableServices() {
  control_.emplace(*catalog_, *regions_, pool_, clock(), TheSystemRandom(), Hooks(),
                   config_.create_delay);
  if (config_.throttle) throttle_.emplace(clock());
  table::Throttle* const throttle = throttle_ ? &*throttle_ : nullptr;
  limit_.emplace(pool_, config_.collection_bytes_max);
  items_.emplace(*catalog_, *regions_, *limit_, throttle, &past_reads_);
  queries_.emplace(*catalog_, *regions_, pool_, throttle, &past_reads_);
  batches_.emplace(*catalog_, *regions_, pool_, *limit_, throttle, &past_reads_);
  time_to_live_.emplace(*catalog_, *regions_, pool_, *limit_, clock(), threads_.context(0));
  index_jobs_.emplace(*catalog_, *regions_, threads_.context(0));
  item_restores_.emplace(*catalog_, *regions_, *past_, *backup_reads_, *limit_, threads_.context(0),
                         TheSystemRandom());
  tokens_.emplace(*regions_, pool_);
  transactions_.emplace(*catalog_, *regions_, *tokens_, *limit_, throttle);
  policies_.emplace(*catalog_, pool_, TheSystemRandom());
  collections_.emplace(*catalog_, *regions_, pool_);
}

void RunningServer::MakeAccess() {
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
      api::KmsServices{*authenticator_, *key_store_, pool_, &*auditor_, clock(), real_clock_,
                       [this](const Region& region) { return regions_->CheckHere(region); }});
}

void RunningServer::MakeVaults() {
  const auto now = [this](const Region& region) {
    const shard::Shard* shard = regions_->Find(region);
    return shard ? shard->Now() : clock().Now();
  };
  backup_jobs_.emplace(*vault_store_, *catalog_, *backups_, *directory_, TheSystemRandom());
  local_copies_.emplace(*catalog_, *regions_, *engine_);
  peers_.emplace(config_.peers, real_clock_);
  copy_jobs_.emplace(vault::CopyParts{*vault_store_, *catalog_, *backups_, *local_copies_,
                                      *directory_, *key_store_, data_.credentials().account,
                                      TheSystemRandom(), &*peers_, &checking_pool_});
  if (!peers_->empty()) {
    peer_copies_.emplace(vault::PeerCopyParts{*vault_store_, *catalog_, *regions_, *engine_,
                                              *copy_jobs_, *peers_, TheSystemRandom(), now});
  }
  arrivals_.emplace(vault::ArrivalParts{*vault_store_, *catalog_, *regions_, *engine_, *key_store_,
                                        TheSystemRandom()});
  restore_jobs_.emplace(*vault_store_, *catalog_, *restores_, *restore_reports_, *directory_,
                        TheSystemRandom());
  point_upkeep_.emplace(*vault_store_, *catalog_, *backups_, *directory_);
  cold_moves_.emplace(*catalog_, *regions_, *engine_, TheSystemRandom());
  cold_storage_.emplace(*vault_store_, *catalog_, *cold_moves_, cold_pool_);
  plan_schedule_.emplace(*vault_store_, *catalog_, TheSystemRandom());
  testing_schedule_.emplace(*vault_store_, *catalog_, TheSystemRandom());
  restore_tests_.emplace(*vault_store_, *catalog_, *restore_reports_,
                         [this](TableId table) { return control_->DeleteById(table); });
  report_jobs_.emplace(vault::ControlFacts{*vault_store_, *catalog_, *key_store_, *directory_},
                       config_.report_directory, TheSystemRandom());
  vault_worker_.emplace(*vault_store_, *backup_jobs_, *copy_jobs_, *restore_jobs_, *point_upkeep_,
                        *cold_storage_, *plan_schedule_, *testing_schedule_, *restore_tests_,
                        *report_jobs_, now, config_.test_clock ? kTestTendInterval : kTendInterval);
  vault_worker_->Tend(*arrivals_);
  std::vector<std::string> sinks;
  for (const auto& sink : notification_sinks_) sinks.emplace_back(sink->name());
  notification_outbox_.emplace(std::move(sinks), now, TheSystemRandom());
  vault_store_->SetFollow([this](const vault::VaultStore& store, vault::Changes* changes) {
    auto refusals = vault::RefusalsIn(store, *changes);
    notification_outbox_->Add(store, changes);
    return [this, refusals = std::move(refusals)] { TellRefusals(refusals); };
  });
  notifier_.emplace(*vault_store_, std::move(notification_sinks_), now);
  backup_api_.emplace(api::VaultServices{*authenticator_, *vault_store_, *backup_jobs_, *copy_jobs_,
                                         *restore_jobs_, *vault_worker_, *catalog_, *directory_,
                                         data_.credentials().account, *key_store_, *kms_api_, pool_,
                                         &*auditor_, now, real_clock_});
  peer_api_.emplace(api::PeerServices{*authenticator_, *credentials_, *vault_store_, *arrivals_,
                                      arriving_pool_, &*auditor_, now, real_clock_});
}

Result<void> RunningServer::OpenNotificationSinks() {
  if (!config_.notify_file.empty()) {
    TM_TRY(notification_sinks_.emplace_back(), vault::OpenFileSink(config_.notify_file));
  }
  if (!config_.notify_webhook.empty()) {
    TM_TRY(notification_sinks_.emplace_back(), vault::OpenWebhookSink(config_.notify_webhook));
  }
  return {};
}

// Work in nobody's request, which is in the audit log as well.
void RunningServer::TellRefusals(const std::vector<vault::RoleRefusal>& refusals) {
  for (const vault::RoleRefusal& refusal : refusals) {
    audit_log_->Post({.time = real_clock_.Now(),
                      .account = refusal.account,
                      .principal = refusal.role_arn,
                      .service = "backup",
                      .operation = std::string(refusal.operation),
                      .region = refusal.region.value,
                      .resource = refusal.resource,
                      .source = std::string(vault::kBackupService),
                      .request_id = refusal.job,
                      .status = 403,
                      .error = "AccessDenied"});
  }
}

void RunningServer::TellStoreFailure(const AccountId& account, const backup::StoreJob& job) {
  if (account.value.empty()) return;  // the server's own work
  audit_log_->Post({.time = real_clock_.Now(),
                    .account = account,
                    .principal = "store-job/" + job.id,
                    .service = "dynamodb",
                    .operation = std::string(backup::OperationOf(job.act)),
                    .resource = job.manifest.empty() ? job.backup_arn : job.manifest,
                    .request_id = job.id,
                    .status = 500,
                    .error = "StoreJobFailed"});
}

Result<void> RunningServer::MakeMeter() {
  auto book = metering::PriceBook::BuiltIn();
  const bool own_book = !config_.price_book.empty();
  if (own_book) {
    TM_TRY(book, metering::PriceBook::Load(config_.price_book));
  }
  TM_TRY(prices_,
         metering::PriceEdits::Open(*system_, threads_.context(0), std::move(book), own_book));
  metering::Meter::Others others;
  others.done = [this] { return CostsOf(*restore_reports_, *vault_store_, *catalog_); };
  others.copied = [this](const catalog::BackupRecord& backup) -> std::optional<Timestamp> {
    const vault::Place place{backup.source.account, backup.source.region};
    const auto point = vault_store_->Find<vault::PointRecord>(place, backup.Arn());
    if (!point) return std::nullopt;
    return point->LifeFrom();
  };
  meter_.emplace(*catalog_, *regions_, *ledger_, std::move(others));
  TM_TRYV(meter_->Start());
  catalog_->SetEndings(
      {.backup = [this](const catalog::BackupRecord& backup) { return meter_->BackupEnds(backup); },
       .recovery =
           [this](const catalog::TableRecord& table) { return meter_->RecoveryEnds(table); }});
  const auto now = [this] {  // not before anything that the ledger knows
    Timestamp latest = clock().Now();
    for (const shard::Shard* shard : regions_->All()) latest = std::max(latest, shard->Now());
    return latest;
  };
  cost_services_.emplace(
      api::costs::CostServices{*catalog_,
                               *regions_,
                               *meter_,
                               *ledger_,
                               *prices_,
                               data_.credentials().account,
                               {*catalog_, *vault_store_, *key_store_, backup_store_ != nullptr},
                               pool_,
                               now});
  month_bill_.emplace(
      *ledger_, [this] { return prices_->book(); }, now);
  return {};
}

restore::KeyHooks RunningServer::KeyHooks() {
  return {.check_usable =
              [this](const catalog::SseSettings& sse) { return table_keys_->CheckUsable(sse); },
          .resolve =
              [this](const AccountId& account, const Region& region, catalog::SseSettings* sse) {
                return table_keys_->Resolve(account, region, sse);
              }};
}

Result<table::OpenTable> RunningServer::OpenBackup(const table::Caller& caller) {
  TM_TRY(const auto backup, backup_reads_->Find(caller.account, caller.region, caller.from_backup));
  table::OpenTable table;
  table.record = catalog::TablePtr(backup, &backup->source);
  TM_TRY(table.backup_rows, backup_reads_->Open(*backup));
  return table;
}

void RunningServer::ForgetItems(TableId table) {
  if (throttle_) throttle_->Forget(table);
  limit_->Forget(table);
}

}  // namespace tidemark::server
