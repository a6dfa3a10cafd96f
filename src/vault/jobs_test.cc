// What the worker finds after a crash at each point between two steps, and what it makes of it.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <thread>
#include <tuple>

#include "crypto/data_key.h"
#include "engine/rocks/rocks_engine.h"
#include "iam/roles.h"
#include "log/mem/mem_log.h"
#include "pitr/window.h"
#include "runtime/io_threads.h"
#include "vault/backup_jobs.h"
#include "vault/points.h"
#include "vault/restore_jobs.h"

namespace tidemark::vault {
namespace {

const AccountId kAccount("123456789012");
const Region kRegion("us-east-1");
const Place kPlace{kAccount, kRegion};
const std::string kTableArn = "arn:aws:dynamodb:us-east-1:123456789012:table/Things";
const std::string kRoleArn = "arn:aws:iam::123456789012:role/keeper";

// Keys in clear.
class ClearKeys : public crypto::DataKeyProvider {
 public:
  Result<crypto::DataKey> Generate(BytesView context) override {
    const auto key = crypto::Key256::Make(TheSystemRandom());
    return crypto::DataKey{key, *Wrap(key, context)};
  }
  Result<crypto::Key256> Unwrap(BytesView wrapped, BytesView) override {
    return crypto::Key256::FromBytes(wrapped.substr(0, 32));
  }
  Result<Bytes> Wrap(const crypto::Key256& key, BytesView context) override {
    return Bytes(key.view()) + Bytes(context);
  }
};

class OneRegion : public catalog::Shards {
 public:
  shard::Shard* shard = nullptr;
  shard::Shard* Find(const Region&) const override { return shard; }
  Result<shard::Shard*> Ensure(const Region&) override { return shard; }
  std::vector<shard::Shard*> All() const override { return {shard}; }
};

class VaultJobsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "vault_jobs_XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
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
    restores_.emplace(*catalog_, shards_, *recovery_, *reports_, work_, TheSystemRandom());
    jobs_.emplace(*store_, *catalog_, *backups_, *directory_of_users_, TheSystemRandom());
    restore_jobs_.emplace(*store_, *catalog_, *restores_, *reports_, *directory_of_users_,
                          TheSystemRandom());
    upkeep_.emplace(*store_, *catalog_, *backups_, *directory_of_users_);
    AddTable();
    AddRole();
    VaultRecord vault;
    vault.name = "vault";
    ASSERT_TRUE(CreateVault(scope(), vault));
  }
  void TearDown() override {
    work_.Stop();
    recovery_->Stop();
    shard_.reset();
    store_.reset();
    reports_.reset();
    directory_of_users_.reset();
    catalog_.reset();
    system_.reset();
    threads_.Stop();
    threads_.Join();
    std::filesystem::remove_all(directory_);
  }

  std::unique_ptr<shard::Shard> OpenShard(const std::string& name, uint64_t log_id) {
    shard::ShardOptions options{.name = name, .directory = directory_ + "/" + name};
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

  std::string directory_;
  ManualClock clock_{Timestamp(std::chrono::seconds(1'700'000'000))};
  ClearKeys keys_;
  runtime::IoThreads threads_{1};
  runtime::BlockingPool pool_{2}, work_{1};
  std::unique_ptr<engine::Engine> engine_ = *engine::MakeRocksEngine({}, keys_, TheSystemRandom());
  std::unique_ptr<shard::Shard> system_, shard_;
  OneRegion shards_;
  std::unique_ptr<catalog::Catalog> catalog_;
  std::unique_ptr<iam::Directory> directory_of_users_;
  std::unique_ptr<VaultStore> store_;
  std::optional<pitr::Recovery> recovery_;
  std::optional<backup::Backups> backups_;
  std::unique_ptr<restore::RestoreReports> reports_;
  std::optional<restore::Restores> restores_;
  std::optional<BackupJobs> jobs_;
  std::optional<RestoreJobs> restore_jobs_;
  std::optional<PointUpkeep> upkeep_;
};

TEST_F(VaultJobsTest, BackupIsMadeAndKept) {
  const auto job = End(StartBackup());
  EXPECT_EQ(job->state, BackupJobState::kCompleted);
  const auto point = store_->Find<PointRecord>(kPlace, job->point_arn);
  ASSERT_TRUE(point);
  EXPECT_EQ(point->status, PointStatus::kCompleted);
  EXPECT_EQ(CountBackups(), 1u);
}

TEST_F(VaultJobsTest, BackupMadeBeforeTheCrashIsTheOneThatCounts) {
  const auto job = StartBackup();
  const auto made = MakeBackupOf(job);
  EXPECT_EQ(End(job)->point_arn, made->Arn());
  EXPECT_EQ(CountBackups(), 1u);
}

TEST_F(VaultJobsTest, StoppedJobRemovesTheBackupItMade) {
  const auto job = StartBackup();
  MakeBackupOf(job);
  ASSERT_TRUE(jobs_->Stop(scope(), job->job_id));
  const auto ended = End(job);
  EXPECT_EQ(ended->state, BackupJobState::kAborted);
  EXPECT_EQ(ended->point_arn, "");
  EXPECT_EQ(CountBackups(), 0u);
  EXPECT_EQ(CountPoints(scope(), "vault"), 0u);
}

TEST_F(VaultJobsTest, BackupIsRemovedIfItsVaultIsGone) {
  const auto job = StartBackup();
  MakeBackupOf(job);
  ASSERT_TRUE(DeleteVault(scope(), "vault"));
  const auto ended = End(job);
  EXPECT_EQ(ended->state, BackupJobState::kAborted);
  EXPECT_EQ(ended->message, "Backup vault vault does not exist");
  EXPECT_EQ(CountBackups(), 0u);
}

TEST_F(VaultJobsTest, BackupThatIsGoneFailsTheJob) {
  const auto job = StartBackup();
  jobs_->Step([&](const Region&) { return shard_->Now(); });
  const auto running = store_->Find<BackupJobRecord>(kPlace, job->job_id);
  ASSERT_EQ(running->state, BackupJobState::kRunning);
  ASSERT_TRUE(catalog_->EraseBackup(running->point_arn));
  EXPECT_EQ(End(job)->state, BackupJobState::kFailed);
  EXPECT_EQ(CountPoints(scope(), "vault"), 0u);
}

TEST_F(VaultJobsTest, JobThatIsTooLateIsAborted) {
  const auto job = StartBackup();
  jobs_->Step([&](const Region&) { return shard_->Now(); });
  // Still being made, for all that is known.
  const auto arn = store_->Find<BackupJobRecord>(kPlace, job->job_id)->point_arn;
  while (catalog_->FindBackup(arn)->status != catalog::BackupStatus::kAvailable)
    std::this_thread::yield();
  ASSERT_TRUE(catalog_->EditBackup(arn, [](catalog::BackupRecord& record) {
    record.status = catalog::BackupStatus::kCreating;
  }));
  jobs_->Step([&](const Region&) { return job->complete_by + Micros(1); });
  EXPECT_EQ(store_->Find<BackupJobRecord>(kPlace, job->job_id)->state, BackupJobState::kAborting);
  ASSERT_TRUE(catalog_->EditBackup(arn, [](catalog::BackupRecord& record) {
    record.status = catalog::BackupStatus::kAvailable;
  }));
  const auto ended = End(job);
  EXPECT_EQ(ended->state, BackupJobState::kAborted);
  EXPECT_EQ(ended->message, "Backup job expired before completion.");
  EXPECT_EQ(CountBackups(), 0u);
}

TEST_F(VaultJobsTest, TableBegunBeforeTheCrashIsTheOneThatCounts) {
  const std::string point = End(StartBackup())->point_arn;
  const auto job = StartRestore(point);
  const TableId id = TableId::Make(TheSystemRandom());
  Change<RestoreJobRecord>(job, [&](RestoreJobRecord& record) { record.table = id; });
  restore::FromBackup request;
  request.account = kAccount;
  request.region = kRegion;
  request.backup_arn = point;
  request.target = "Back";
  request.id = id;
  ASSERT_TRUE(restores_->Start(request));
  const auto ended = End(job);
  EXPECT_EQ(ended->status, RestoreJobStatus::kCompleted) << ended->message;
  EXPECT_EQ(ended->table, id);
  EXPECT_EQ(CountTables(), 2u);
}

TEST_F(VaultJobsTest, TableThatWasNotBegunIsBegunUnderAnotherId) {
  const std::string point = End(StartBackup())->point_arn;
  const auto job = StartRestore(point);
  const TableId id = TableId::Make(TheSystemRandom());
  Change<RestoreJobRecord>(job, [&](RestoreJobRecord& record) { record.table = id; });
  const auto ended = End(job);
  EXPECT_EQ(ended->status, RestoreJobStatus::kCompleted) << ended->message;
  EXPECT_NE(ended->table, id);
  EXPECT_EQ(CountTables(), 2u);
  EXPECT_NE(store_->Find<PointRecord>(kPlace, point)->restored, Timestamp{});
}

TEST_F(VaultJobsTest, RestoreFailsIfItsTableIsRemoved) {
  const std::string point = End(StartBackup())->point_arn;
  const auto job = StartRestore(point);
  Change<RestoreJobRecord>(
      job, [](RestoreJobRecord& record) { record.status = RestoreJobStatus::kRunning; });
  EXPECT_EQ(End(job)->status, RestoreJobStatus::kFailed);
  EXPECT_EQ(CountTables(), 1u);
}

TEST_F(VaultJobsTest, RestoreEndsAsItsReportSays) {
  const std::string point = End(StartBackup())->point_arn;
  for (const auto& [told, ended, message] :
       {std::tuple(restore::RestoreStatus::kCompleted, RestoreJobStatus::kCompleted, ""),
        std::tuple(restore::RestoreStatus::kCancelled, RestoreJobStatus::kAborted,
                   "The restore was cancelled."),
        std::tuple(restore::RestoreStatus::kFailed, RestoreJobStatus::kFailed, "no room")}) {
    const auto job = StartRestore(point);
    restore::RestoreReport report;
    report.id = TableId::Make(TheSystemRandom());
    report.account = kAccount;
    report.region = kRegion;
    report.status = told;
    report.failure = "no room";
    ASSERT_TRUE(reports_->Put(report));
    Change<RestoreJobRecord>(job, [&](RestoreJobRecord& record) { record.table = report.id; });
    const auto now = End(job);
    EXPECT_EQ(now->status, ended);
    EXPECT_EQ(now->message, message);
  }
  EXPECT_EQ(CountTables(), 1u);
}

TEST_F(VaultJobsTest, PointThatIsToGoIsRemovedWhetherItsBackupIsThereOrNot) {
  for (const bool there : {true, false}) {
    const std::string point = End(StartBackup())->point_arn;
    ASSERT_TRUE(DeletePoint(scope(), *catalog_, "vault", point));
    if (!there) {
      ASSERT_TRUE(catalog_->EraseBackup(point));
    }
    upkeep_->RemoveDeleting();
    EXPECT_EQ(CountBackups(), 0u);
    EXPECT_EQ(CountPoints(scope(), "vault"), 0u);
  }
}

TEST_F(VaultJobsTest, EverythingIsThereWhenTheStoreIsReadAgain) {
  const auto open = StartBackup();
  const auto again = *VaultStore::Open(*system_, threads_.context(0));
  EXPECT_EQ(*again->Find<VaultRecord>(kPlace, "vault"),
            *store_->Find<VaultRecord>(kPlace, "vault"));
  ASSERT_EQ(again->Open<BackupJobRecord>().size(), 1u);
  EXPECT_EQ(*again->Open<BackupJobRecord>()[0], *open);
}

}  // namespace
}  // namespace tidemark::vault
