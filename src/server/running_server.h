// The server that runs: every part of it, and the order in which they are made and go. Made by
// Server::Start. Its functions are in server.cc (start and end), server_services.cc (the services)
// and server_front.cc (the front door).
#pragma once
#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "api/accounts/operations.h"
#include "api/audit/operations.h"
#include "api/costs/operations.h"
#include "api/dispatch.h"
#include "api/dynamodb/access.h"
#include "api/dynamodb/operations.h"
#include "api/kms/kms_api.h"
#include "api/peers/peer_api.h"
#include "api/query_api.h"
#include "api/stores/operations.h"
#include "api/vaults/backup_api.h"
#include "audit/audit_log.h"
#include "backup/backup.h"
#include "backup/cold_moves.h"
#include "backup/local_copies.h"
#include "backup/store_jobs.h"
#include "engine/table_store.h"
#include "http/listener.h"
#include "iam/directory.h"
#include "kms/keys.h"
#include "kms/root_key_provider.h"
#include "kms/table_key_provider.h"
#include "metering/meter.h"
#include "metering/month_bill.h"
#include "pitr/backup_reads.h"
#include "pitr/past.h"
#include "pitr/window.h"
#include "restore/item_restore.h"
#include "restore/restore.h"
#include "server/regions.h"
#include "server/server.h"
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
#include "vault/arrivals.h"
#include "vault/notifications.h"
#include "vault/notifier.h"
#include "vault/peer_copies.h"
#include "vault/role_refusals.h"
#include "vault/worker.h"

namespace tidemark::server {

class RunningServer : public Server {
 public:
  RunningServer(const Config& config, DataDirectory data);
  ~RunningServer() override;

  uint16_t port() const override { return listener_->port(); }
  const DataDirectory& data() const override { return data_; }

  Result<void> Start();
  Result<void> Recover(const backup::StoreContents& contents, std::vector<TableRecovery>* plan,
                       const SiteRecovery::Tell& tell) override;

 private:
  Clock& clock() { return config_.test_clock ? static_cast<Clock&>(test_clock_) : real_clock_; }
  Result<void> OpenStorage();

  void MakeServices();
  void MakeStoreServices();
  void MakeRestores();
  table::ControlHooks Hooks();
  void MakeTableServices();
  void MakeAccess();
  void MakeVaults();
  Result<void> OpenNotificationSinks();
  Result<void> MakeMeter();
  restore::KeyHooks KeyHooks();
  Result<table::OpenTable> OpenBackup(const table::Caller& caller);
  // What is kept in memory of a table that is gone.
  void ForgetItems(TableId table);

  Result<void> Listen();
  api::DispatcherOptions Front();
  std::vector<api::Operation> Operations();
  void TellRefusals(const std::vector<vault::RoleRefusal>& refusals);
  void TellStoreFailure(const AccountId& account, const backup::StoreJob& job);
  Task<void> Reset(table::Caller caller);
  void SettleRecords();
  void SweepTokens();

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
  runtime::BlockingPool verifying_{1};  // of restored tables
  runtime::BlockingPool cold_pool_;
  runtime::BlockingPool checking_pool_{1};  // of what is to be copied between vaults
  // Acts on copies from other servers, which read whole files; requests do not wait for them.
  runtime::BlockingPool arriving_pool_{2};
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
  std::optional<pitr::BackupReads> backup_reads_;
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
      [this](const table::Caller& caller) { return OpenBackup(caller); }, pool_};
  std::unique_ptr<metering::Ledger> ledger_;
  std::unique_ptr<metering::PriceEdits> prices_;
  std::optional<metering::Meter> meter_;
  std::optional<metering::MonthBill> month_bill_;
  std::unique_ptr<vault::VaultStore> vault_store_;
  std::optional<vault::BackupJobs> backup_jobs_;
  std::optional<backup::LocalCopies> local_copies_;
  std::optional<peer::Peers> peers_;
  std::optional<vault::CopyJobs> copy_jobs_;
  std::optional<vault::PeerCopies> peer_copies_;  // none without peers
  std::optional<vault::Arrivals> arrivals_;
  std::optional<vault::RestoreJobs> restore_jobs_;
  std::optional<vault::PointUpkeep> point_upkeep_;
  std::optional<backup::ColdMoves> cold_moves_;
  std::optional<vault::ColdStorage> cold_storage_;
  std::optional<vault::PlanSchedule> plan_schedule_;
  std::optional<vault::TestingSchedule> testing_schedule_;
  std::optional<vault::RestoreTests> restore_tests_;
  std::optional<vault::ReportJobs> report_jobs_;
  std::optional<vault::Worker> vault_worker_;
  vault::NotificationSinks notification_sinks_;  // until the notifier has them
  std::optional<vault::NotificationOutbox> notification_outbox_;
  std::optional<vault::Notifier> notifier_;
  std::optional<api::BackupApi> backup_api_;
  std::optional<api::PeerApi> peer_api_;
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
  std::optional<api::costs::CostServices> cost_services_;
  std::unique_ptr<api::Dispatcher> dispatcher_;
  std::unique_ptr<http::Listener> listener_;
  // The same once it is open; it is asked for figures before Open has returned.
  std::atomic<const http::Listener*> open_listener_{nullptr};
  std::optional<Upkeep> upkeep_;
  std::optional<Upkeep> sweeping_;  // items that expired
  std::optional<Upkeep> billing_;   // figures of costs
  std::optional<Upkeep> creating_;  // with --create-delay-ms
};

}  // namespace tidemark::server
