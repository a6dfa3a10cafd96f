// Cold storage: what the worker finds after a crash at each point between two steps.
#include <gmock/gmock.h>

#include "base/files.h"
#include "item/item_codec.h"
#include "item/item_size.h"
#include "item/row_key.h"
#include "pitr/images.h"
#include "vault/fault.h"
#include "vault/jobs_fixture.h"
#include "vault/settings.h"

namespace tidemark::vault {
namespace {

constexpr int kItems = 500;

class ColdTest : public VaultFixture {
 protected:
  void SetUp() override {
    VaultFixture::SetUp();
    for (int i = 0; i < kItems; ++i) Put(i);
    arn_ = VaultFixture::End(StartBackup())->point_arn;
    SetLife({.cold_after_days = 1, .delete_after_days = 91});
    Put(kItems);  // after it
  }
  void TearDown() override {
    cold_moves_->Stop();
    VaultFixture::TearDown();
  }

  void Put(int number) {
    item::Item item;
    item.Set("pk", item::AttributeValue(fmt::format("k{:05}", number)));
    item.Set("v", item::AttributeValue(std::string(200, 'v')));
    const Bytes key = item::RowKey(item::kPrimaryIndex, *item.Find("pk"), nullptr);
    const auto table = catalog_->FindTable(kAccount, kRegion, "Things");
    auto evaluate = [item](const std::optional<Bytes>&) -> Result<shard::Mutation> {
      shard::Mutation mutation;
      mutation.kind = shard::Mutation::Kind::kPut;
      mutation.value = item::EncodeItem(item);
      mutation.new_size = item::ItemSize(item);
      return mutation;
    };
    const auto done = runtime::RunBlocking(
        threads_.context(0), shard_->Write({shard_->Find(table->id), key, evaluate}, {"AK", "r"}));
    ASSERT_TRUE(done) << done.error().message;
  }
  void SetLife(const Lifecycle& life) {
    const auto set = UpdateLifecycle(scope(), "vault", arn_, life);
    ASSERT_TRUE(set) << set.error().message;
  }

  ColdStorage::Now Later(int days) {
    return [this, days](const Region&) { return shard_->Now() + std::chrono::days(days); };
  }
  // What the worker does, until it has nothing to do.
  void Work(int days = 2) {
    cold_->Begin(Later(days));
    while (cold_->IsBusy()) {
      cold_->Step(Later(days));
      std::this_thread::yield();
    }
  }
  Ptr<PointRecord> Point() { return store_->Find<PointRecord>(kPlace, arn_); }
  catalog::ImageRecord Image() { return catalog_->FindBackup(arn_)->image; }
  bool HasWarmFiles() { return Exists(pitr::WarmPath(*shard_, Image())); }
  std::vector<std::string> ColdFiles() {
    return Exists(shard_->ColdDirectory()) ? *ListDirectory(shard_->ColdDirectory())
                                           : std::vector<std::string>();
  }
  uint64_t BytesOf(const std::string& directory) {
    uint64_t bytes = 0;
    const auto names = ListDirectory(directory);
    for (const std::string& name : *names) bytes += *FileSize(directory + "/" + name);
    return bytes;
  }

  void ExpectMoved() {
    EXPECT_TRUE(Point()->IsCold());
    EXPECT_EQ(Point()->message, "");
    EXPECT_EQ(Point()->moved, Image().cold_since);
    EXPECT_FALSE(HasWarmFiles());
    EXPECT_EQ(ColdFiles(), std::vector<std::string>{Image().directory});
    ExpectRestores();
  }
  void ExpectRestores() {
    const auto job = VaultFixture::End(StartRestore(arn_));
    ASSERT_EQ(job->status, RestoreJobStatus::kCompleted) << job->message;
    const auto report = reports_->Find(job->table);
    EXPECT_EQ(report->items, static_cast<uint64_t>(kItems));
    EXPECT_EQ(report->verification, restore::Verification::kPassed);
    EXPECT_TRUE(report->from_cold);
    EXPECT_EQ(ColdFiles().size(), 1u);  // what the restore linked is gone
    ASSERT_TRUE(shard_->DropTable(job->table, "{}"));
    ASSERT_TRUE(catalog_->EraseTable(job->table));
  }

  std::string arn_;
};

TEST_F(ColdTest, MovesWhenItIsDueAndIsSmallerThere) {
  Work(0);
  EXPECT_FALSE(Point()->IsCold());
  const uint64_t warm = BytesOf(pitr::WarmPath(*shard_, Image()));
  Work();
  ExpectMoved();
  EXPECT_LT(BytesOf(pitr::ColdPath(*shard_, Image())), warm);
  EXPECT_EQ(BytesOf(pitr::ColdPath(*shard_, Image())), Image().file_bytes);
}

TEST_F(ColdTest, FilesThatWereHalfWrittenBeforeTheCrashAreWrittenAnew) {
  const std::string half = pitr::ColdPath(*shard_, Image());
  for (const std::string& name : {half, half + ".filling"}) {
    ASSERT_TRUE(MakeDirectories(name));
    ASSERT_TRUE(ReplaceFile(name + "/half", "of a move"));
  }
  Work();
  ExpectMoved();
  EXPECT_FALSE(Exists(half + "/half"));
}

TEST_F(ColdTest, FilesWithoutARecordGoAtTheNextStart) {
  ASSERT_TRUE(cold_moves_->Write(arn_));
  pitr::RemoveOrphans(*catalog_, *shard_);
  EXPECT_EQ(ColdFiles().size(), 0u);
  EXPECT_TRUE(HasWarmFiles());
  Work();
  ExpectMoved();
}

TEST_F(ColdTest, FilesWithoutARecordAreWrittenAnew) {
  ASSERT_TRUE(cold_moves_->Write(arn_));
  Work();
  ExpectMoved();
}

// With the record alone, as if the crash came before the warm files went.
TEST_F(ColdTest, MovedBackupIsTheOneThatCountsAndItsWarmFilesGoAtTheNextStart) {
  const auto written = cold_moves_->Write(arn_);
  ASSERT_TRUE(written) << written.error().message;
  const Timestamp now = shard_->Now();
  ASSERT_TRUE(catalog_->EditBackup(arn_, [&](catalog::BackupRecord& record) {
    record.image.table = written->sealed_for;
    record.image.file_bytes = written->bytes;
    record.image.cold_since = now;
  }));
  EXPECT_FALSE(Point()->IsCold());
  ExpectRestores();
  pitr::RemoveOrphans(*catalog_, *shard_);
  Work();
  EXPECT_EQ(Point()->moved, now);
  ExpectMoved();
}

TEST_F(ColdTest, WarmFilesStayWhileARestoreReadsThem) {
  catalog::TableRecord target = *catalog_->FindTable(kAccount, kRegion, "Things");
  target.name = "Reader";
  target.id = TableId::Make(TheSystemRandom());
  target.status = catalog::TableStatus::kCreating;
  target.restore = catalog::RestoreSummary{
      .in_progress = true, .image_directory = Image().directory, .source_region = kRegion};
  ASSERT_TRUE(catalog_->InsertTable(target));
  Work();
  EXPECT_TRUE(Point()->IsCold());
  EXPECT_TRUE(HasWarmFiles());
  ASSERT_TRUE(catalog_->EraseTable(target.id));
  Work();
  ExpectMoved();
}

TEST_F(ColdTest, StaysWarmWhileItIsCopiedAndCannotBeCopiedAfterwards) {
  AddVault(Region("eu-west-1"), "far");
  const auto copy = [&] {
    return copy_jobs_->Start(
        scope(), {.source_vault = "vault",
                  .source_arn = arn_,
                  .role_arn = kRoleArn,
                  .token = {},
                  .action = {VaultArnOf(kAccount, Region("eu-west-1"), "far"), {{}, 7}}});
  };
  const auto job = copy();
  ASSERT_TRUE(job) << job.error().message;
  Work();
  EXPECT_FALSE(Point()->IsCold());
  EXPECT_EQ(VaultFixture::End(*job)->state, CopyJobState::kCompleted);
  Work();
  EXPECT_TRUE(Point()->IsCold());
  const auto refused = copy();
  ASSERT_FALSE(refused);
  EXPECT_EQ(FaultOf(refused.error())->fault, Fault::kInvalidRequest);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("is in cold storage"));
}

TEST_F(ColdTest, CopyThatWasAskedForMeanwhileComesFirst) {
  AddVault(Region("eu-west-1"), "far");
  cold_->Begin(Later(2));
  ASSERT_TRUE(cold_->IsBusy());
  const auto job = copy_jobs_->Start(
      scope(), {.source_vault = "vault",
                .source_arn = arn_,
                .role_arn = kRoleArn,
                .token = {},
                .action = {VaultArnOf(kAccount, Region("eu-west-1"), "far"), {}}});
  ASSERT_TRUE(job);
  while (cold_->IsBusy()) cold_->Step(Later(2));
  EXPECT_FALSE(Point()->IsCold());
  EXPECT_EQ(ColdFiles().size(), 0u);
  EXPECT_EQ(VaultFixture::End(*job)->state, CopyJobState::kCompleted);
  Work();
  ExpectMoved();
}

TEST_F(ColdTest, DeletedMeanwhileItLeavesNothing) {
  cold_->Begin(Later(2));
  ASSERT_TRUE(DeletePoint(scope(), *catalog_, "vault", arn_));
  upkeep_->RemoveDeleting();
  while (cold_->IsBusy()) cold_->Step(Later(2));
  EXPECT_EQ(CountBackups(), 0u);
  EXPECT_EQ(ColdFiles().size(), 0u);
}

TEST_F(ColdTest, DeletedInColdStorageItLeavesNothing) {
  Work();
  ASSERT_TRUE(DeletePoint(scope(), *catalog_, "vault", arn_));
  upkeep_->RemoveDeleting();
  work_.Stop();  // which removes the files
  EXPECT_EQ(CountBackups(), 0u);
  EXPECT_EQ(ColdFiles().size(), 0u);
}

TEST_F(ColdTest, WhatDoesNotAddUpStaysWarmAndSaysSo) {
  ASSERT_TRUE(catalog_->EditBackup(
      arn_, [](catalog::BackupRecord& record) { record.image.totals.items += 1; }));
  Work();
  EXPECT_FALSE(Point()->IsCold());
  EXPECT_THAT(Point()->message, testing::HasSubstr("It is not in cold storage yet"));
  EXPECT_TRUE(HasWarmFiles());
  EXPECT_EQ(ColdFiles().size(), 0u);
}

TEST_F(ColdTest, NothingMovesWhereAwsBackupDoesNotManageTables) {
  RegionSettingsRecord settings = FindRegionSettings(*store_, kPlace);
  settings.managed = false;
  ASSERT_TRUE(store_->Apply([&]() -> Result<Changes> { return Changes{settings}; }));
  Work();
  EXPECT_FALSE(Point()->IsCold());
  settings.managed = true;
  ASSERT_TRUE(store_->Apply([&]() -> Result<Changes> { return Changes{settings}; }));
  Work();
  ExpectMoved();
}

TEST_F(ColdTest, WhatIsInColdStorageStaysThere) {
  Work();
  for (const auto& cold : {std::optional<int64_t>(), std::optional<int64_t>(5)}) {
    const auto refused = UpdateLifecycle(scope(), "vault", arn_, {cold, 200});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message,
                testing::HasSubstr("MoveToColdStorageAfterDays cannot be"));
  }
  EXPECT_TRUE(UpdateLifecycle(scope(), "vault", arn_, {1, 200}));
  EXPECT_TRUE(Point()->IsCold());
}

}  // namespace
}  // namespace tidemark::vault
