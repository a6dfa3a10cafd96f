// What the worker finds after a crash at each point between two steps, and what it makes of it.
#include <tuple>

#include "vault/jobs_fixture.h"

namespace tidemark::vault {
namespace {

class VaultJobsTest : public VaultFixture {};

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
  EXPECT_TRUE(ended->message.starts_with("Backup vault vault does not exist. Create it"))
      << ended->message;
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

TEST_F(VaultJobsTest, APlansJobWaitsForAnotherOfTheTable) {
  const auto step = [&] { jobs_->Step([&](const Region&) { return shard_->Now(); }); };
  const auto state = [&](const Ptr<BackupJobRecord>& job) {
    return store_->Find<BackupJobRecord>(kPlace, job->job_id)->state;
  };
  const auto first = StartBackup();
  step();
  const auto arn = store_->Find<BackupJobRecord>(kPlace, first->job_id)->point_arn;
  while (catalog_->FindBackup(arn)->status != catalog::BackupStatus::kAvailable)
    std::this_thread::yield();
  const auto set_status = [&](catalog::BackupStatus status) {
    ASSERT_TRUE(
        catalog_->EditBackup(arn, [&](catalog::BackupRecord& record) { record.status = status; }));
  };
  set_status(catalog::BackupStatus::kCreating);
  const auto own = StartBackup();
  const auto of_plan = [&] {
    BackupJobRecord record = *StartBackup();
    record.created_by.emplace();
    EXPECT_TRUE(store_->Apply([&]() -> Result<Changes> { return Changes{record}; }));
    return store_->Find<BackupJobRecord>(kPlace, record.job_id);
  };
  const auto waiting = of_plan();
  const auto stopped = of_plan();
  const auto late = of_plan();
  step();
  EXPECT_EQ(state(first), BackupJobState::kRunning);
  EXPECT_EQ(state(own), BackupJobState::kFailed);
  for (const auto& job : {waiting, stopped, late}) EXPECT_EQ(state(job), BackupJobState::kCreated);
  ASSERT_TRUE(jobs_->Stop(scope(), stopped->job_id));
  EXPECT_EQ(End(stopped)->state, BackupJobState::kAborted);
  EXPECT_EQ(state(waiting), BackupJobState::kCreated);
  set_status(catalog::BackupStatus::kAvailable);
  EXPECT_EQ(End(waiting)->state, BackupJobState::kCompleted);
  EXPECT_EQ(state(first), BackupJobState::kCompleted);
  EXPECT_EQ(End(late)->state, BackupJobState::kCompleted);
  EXPECT_EQ(CountBackups(), 3u);
}

TEST_F(VaultJobsTest, APlansJobThatWaitsForTooLongExpires) {
  StartBackup();
  jobs_->Step([&](const Region&) { return shard_->Now(); });
  BackupJobRecord record = *StartBackup();
  record.created_by.emplace();
  ASSERT_TRUE(store_->Apply([&]() -> Result<Changes> { return Changes{record}; }));
  const auto expired = StepUntilEnd<BackupJobRecord>(record.job_id, [&] {
    jobs_->Step([&](const Region&) { return record.start_by + Micros(1); });
  });
  EXPECT_EQ(expired->state, BackupJobState::kExpired);
  EXPECT_EQ(expired->message, "Backup job expired before completion.");
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
