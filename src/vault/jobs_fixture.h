// A server's parts below the API, with a table, a role that may do everything and a vault, for
// tests of jobs: each test is the worker itself, and comes between any two steps.
#pragma once
#include <gtest/gtest.h>

#include <thread>

#include "base/test_directory.h"
#include "catalog/one_region.h"
#include "crypto/clear_keys.h"
#include "engine/rocks/rocks_engine.h"
#include "iam/roles.h"
#include "kms/keys.h"
#include "log/mem/mem_log.h"
#include "pitr/window.h"
#include "runtime/io_threads.h"
#include "vault/backup_jobs.h"
#include "vault/cold_storage.h"
#include "vault/copy_jobs.h"
#include "vault/points.h"
#include "vault/restore_jobs.h"

namespace tidemark::vault {
inline const AccountId kAccount("123456789012");
inline const Region kRegion("us-east-1");
inline const Place kPlace{kAccount, kRegion};
inline const std::string kTableArn = "arn:aws:dynamodb:us-east-1:123456789012:table/Things";
inline const std::string kRoleArn = "arn:aws:iam::123456789012:role/keeper";

class VaultFixture : public testing::Test {
 protected:
  void SetUp() override {
    threads_.Start();
    system_ = OpenShard("_system", 1);
    shard_ = OpenShard(kRegion.value, 2);
    shards_.shard = shard_.get();
    catalog_ = *catalog::Catalog::Open(*system_, threads_.context(0));
    directory_of_users_ = *iam::Directory::Open(*system_, threads_.context(0), keys_);
    store_ = *VaultStore::Open(*system_, threads_.context(0));
    recovery_.emplace(*catalog_, shards_, *engine_, keys_, TheSystemRandom(),
                      pitr::RecoveryOptions{.sort_by_itself = false});
    backups_.emplace(*catalog_, shards_, *engine_, work_, TheSystemRandom());
    reports_ = *restore::RestoreReports::Open(*system_, threads_.context(0));
    restores_.emplace(*catalog_, shards_, *recovery_, *reports_, work_, work_, TheSystemRandom());
    jobs_.emplace(*store_, *catalog_, *backups_, *directory_of_users_, TheSystemRandom());
    restore_jobs_.emplace(*store_, *catalog_, *restores_, *reports_, *directory_of_users_,
                          TheSystemRandom());
    key_store_ = *kms::KeyStore::Open(*system_, threads_.context(0), keys_, TheSystemRandom());
    local_copies_.emplace(*catalog_, shards_, *engine_);
    copy_jobs_.emplace(CopyParts{*store_, *catalog_, *backups_, *local_copies_,
                                 *directory_of_users_, *key_store_, kAccount, TheSystemRandom()});
    upkeep_.emplace(*store_, *catalog_, *backups_, *directory_of_users_);
    cold_moves_.emplace(*catalog_, shards_, *engine_, TheSystemRandom());
    cold_.emplace(*store_, *catalog_, *cold_moves_, cold_pool_);
    AddTable();
    AddRole();
    AddVault(kRegion, "vault");
  }
  void TearDown() override {
    work_.Stop();
    cold_pool_.Stop();
    recovery_->Stop();
    shard_.reset();
    store_.reset();
    key_store_.reset();
    reports_.reset();
    directory_of_users_.reset();
    catalog_.reset();
    system_.reset();
    threads_.Stop();
    threads_.Join();
  }

  std::unique_ptr<shard::Shard> OpenShard(const std::string& name, uint64_t log_id) {
    shard::ShardOptions options{.name = name, .directory = (directory_.path() / name).string()};
    auto shard =
        shard::Shard::Open(std::move(options), log::MakeMemLog(log_id), *engine_, clock_, pool_);
    EXPECT_TRUE(shard) << shard.error().message;
    return std::move(*shard);
  }

  void AddTable() {
    catalog::TableRecord record;
    record.account = kAccount;
    record.region = kRegion;
    record.name = "Things";
    record.id = TableId::Make(TheSystemRandom());
    record.status = catalog::TableStatus::kActive;
    record.keys.partition = {"pk", item::Type::kString};
    record.attributes = {{"pk", item::Type::kString}};
    record.billing = catalog::BillingMode::kPayPerRequest;
    ASSERT_TRUE(catalog_->InsertTable(record));
    ASSERT_TRUE(shard_->CreateTable(record.id, "{}"));
  }

  void AddRole() {
    const iam::Scope scope{*directory_of_users_, kAccount, TheSystemRandom(), clock_.Now()};
    iam::RoleRecord role;
    role.name = "keeper";
    ASSERT_TRUE(iam::CreateRole(
        scope, role,
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",)"
        R"("Principal":{"Service":"backup.amazonaws.com"}}]})"));
    auto all = iam::PolicyText::Parse(
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})");
    ASSERT_TRUE(iam::EditRole(scope, "keeper",
                              [&](iam::RoleRecord& record, const iam::Account&) -> Result<void> {
                                record.inline_policies["all"] = *all;
                                return {};
                              }));
  }

  void AddVault(const Region& region, const std::string& name) {
    const auto key =
        kms::EnsureServiceKey({*key_store_, kAccount, region, clock_.Now()}, kms::kBackupKey);
    ASSERT_TRUE(key) << key.error().message;
    VaultRecord vault;
    vault.name = name;
    vault.key_arn = (*key)->Arn();
    ASSERT_TRUE(CreateVault({*store_, {kAccount, region}, shard_->Now()}, vault));
  }

  VaultScope scope() { return {*store_, kPlace, shard_->Now()}; }

  Ptr<BackupJobRecord> StartBackup() {
    const auto job = jobs_->Start(scope(), {.vault = "vault",
                                            .table_arn = kTableArn,
                                            .role_arn = kRoleArn,
                                            .token = {},
                                            .start_minutes = {},
                                            .complete_minutes = {},
                                            .lifecycle = {},
                                            .tags = {}});
    EXPECT_TRUE(job) << job.error().message;
    return *job;
  }

  // Steps until the job has ended.
  Ptr<BackupJobRecord> End(const Ptr<BackupJobRecord>& job) {
    return StepUntilEnd<BackupJobRecord>(
        job->job_id, [&] { jobs_->Step([&](const Region&) { return shard_->Now(); }); });
  }
  Ptr<RestoreJobRecord> End(const Ptr<RestoreJobRecord>& job) {
    return StepUntilEnd<RestoreJobRecord>(
        job->job_id, [&] { restore_jobs_->Step([&](const Region&) { return shard_->Now(); }); });
  }
  Ptr<CopyJobRecord> End(const Ptr<CopyJobRecord>& job) {
    return StepUntilEnd<CopyJobRecord>(
        job->job_id, [&] { copy_jobs_->Step([&](const Region&) { return shard_->Now(); }); });
  }
  template <class Record, class Step>
  Ptr<Record> StepUntilEnd(const std::string& id, Step step) {
    for (;;) {
      step();
      auto now = store_->Find<Record>(kPlace, id);
      if (!now->IsOpen()) return now;
      std::this_thread::yield();
    }
  }

  template <class Record>
  void Change(const Ptr<Record>& old, const std::function<void(Record&)>& edit) {
    Record record = *store_->Find<Record>(kPlace, old->job_id);
    edit(record);
    ASSERT_TRUE(store_->Apply([&]() -> Result<Changes> { return Changes{record}; }));
  }
  catalog::BackupPtr MakeBackupOf(const Ptr<BackupJobRecord>& job) {
    const auto made = backups_->CreateManaged(kAccount, kRegion, "Things", job->BackupName());
    EXPECT_TRUE(made) << made.error().message;
    return *made;
  }
  size_t CountBackups() { return catalog_->Backups(kAccount, kRegion).size(); }
  size_t CountTables() { return catalog_->AllTables().size(); }

  Ptr<RestoreJobRecord> StartRestore(const std::string& point) {
    const auto job = restore_jobs_->Start(scope(), {.point_arn = point,
                                                    .role_arn = kRoleArn,
                                                    .token = {},
                                                    .metadata = {{"targetTableName", "Back"}}});
    EXPECT_TRUE(job) << job.error().message;
    return *job;
  }

  TestDirectory directory_;
  ManualClock clock_{Timestamp(std::chrono::seconds(1'700'000'000))};
  crypto::ClearKeys keys_;
  runtime::IoThreads threads_{1};
  runtime::BlockingPool pool_{2}, work_{1}, cold_pool_{1};
  std::unique_ptr<engine::Engine> engine_ = *engine::MakeRocksEngine({}, keys_, TheSystemRandom());
  std::unique_ptr<shard::Shard> system_, shard_;
  catalog::OneRegion shards_;
  std::unique_ptr<catalog::Catalog> catalog_;
  std::unique_ptr<iam::Directory> directory_of_users_;
  std::unique_ptr<VaultStore> store_;
  std::optional<pitr::Recovery> recovery_;
  std::optional<backup::Backups> backups_;
  std::unique_ptr<restore::RestoreReports> reports_;
  std::optional<restore::Restores> restores_;
  std::optional<BackupJobs> jobs_;
  std::optional<RestoreJobs> restore_jobs_;
  std::unique_ptr<kms::KeyStore> key_store_;
  std::optional<backup::LocalCopies> local_copies_;
  std::optional<CopyJobs> copy_jobs_;
  std::optional<PointUpkeep> upkeep_;
  std::optional<backup::ColdMoves> cold_moves_;
  std::optional<ColdStorage> cold_;
};

}  // namespace tidemark::vault
