// Copies: what the worker finds after a crash at each point between two steps.
#include "base/files.h"
#include "vault/fault.h"
#include "vault/jobs_fixture.h"

namespace tidemark::vault {
namespace {

const Region kElsewhere("eu-west-1");
const Place kThere{kAccount, kElsewhere};

class CopiesTest : public VaultFixture {
 protected:
  void SetUp() override {
    VaultFixture::SetUp();
    AddVault(kElsewhere, "far");
    point_ = VaultFixture::End(StartBackup())->point_arn;
  }
  Ptr<CopyJobRecord> StartCopy() {
    const auto job =
        copy_jobs_->Start(scope(), {.source_vault = "vault",
                                    .source_arn = point_,
                                    .role_arn = kRoleArn,
                                    .token = {},
                                    .action = {VaultArnOf(kAccount, kElsewhere, "far"), {{}, 7}}});
    EXPECT_TRUE(job) << job.error().message;
    return *job;
  }
  // One step: the first stores kRunning, the second makes the copy and ends the job.
  Ptr<CopyJobRecord> Step(const Ptr<CopyJobRecord>& job) {
    copy_jobs_->Step([&](const Region&) { return shard_->Now(); });
    return store_->Find<CopyJobRecord>(kPlace, job->job_id);
  }
  backup::LocalCopyOrder OrderOf(const CopyJobRecord& job) {
    return {.source_arn = job.source_arn,
            .name = "AWSBackup-" + job.job_id,
            .account = kAccount,
            .region = kElsewhere,
            .id = job.backup,
            .image = job.image,
            .sealed_for = job.sealed_for,
            .sse = {.enabled = true, .type = "KMS", .key_arn = job.key_arn}};
  }
  std::vector<std::string> Images() { return *ListDirectory(shard_->ImagesDirectory()); }

  // One copy, in its vault, complete; the files of it and of its source, no others.
  void ExpectOneCopy(const Ptr<CopyJobRecord>& job) {
    EXPECT_EQ(job->state, CopyJobState::kCompleted) << job->message;
    const auto copies = catalog_->Backups(kAccount, kElsewhere);
    ASSERT_EQ(copies.size(), 1u);
    EXPECT_EQ(copies[0]->Arn(), job->point_arn);
    EXPECT_EQ(copies[0]->TableArn(), kTableArn);
    EXPECT_EQ(Images().size(), 2u);
    const auto point = store_->Find<PointRecord>(kThere, job->point_arn);
    ASSERT_TRUE(point);
    EXPECT_EQ(point->status, PointStatus::kCompleted);
    EXPECT_EQ(point->vault, "far");
    EXPECT_EQ(point->lifecycle.delete_after_days, 7);
    EXPECT_EQ(store_->List<PointRecord>(kThere).size(), 1u);
  }

  std::string point_;
};

TEST_F(CopiesTest, IsMadeOnce) {
  const auto job = StartCopy();
  EXPECT_EQ(job->state, CopyJobState::kCreated);
  const auto running = Step(job);
  ASSERT_EQ(running->state, CopyJobState::kRunning);
  EXPECT_EQ(store_->Find<PointRecord>(kThere, running->point_arn)->status, PointStatus::kCreating);
  EXPECT_EQ(KeyOfCopy(*store_, running->sealed_for), running->key_arn);
  ExpectOneCopy(Step(job));
  EXPECT_EQ(KeyOfCopy(*store_, running->sealed_for), std::nullopt);
}

TEST_F(CopiesTest, FilesThatWereLinkedBeforeTheCrashAreLinkedAnew) {
  const auto job = StartCopy();
  const auto running = Step(job);
  const std::string half = shard_->ImagesDirectory() + "/" + running->image.ToString();
  ASSERT_TRUE(MakeDirectories(half));
  ASSERT_TRUE(ReplaceFile(half + "/half", "of a copy"));
  ExpectOneCopy(Step(job));
  EXPECT_FALSE(Exists(half + "/half"));
}

TEST_F(CopiesTest, CopyMadeBeforeTheCrashIsTheOneThatCounts) {
  const auto job = StartCopy();
  const auto made = local_copies_->Make(OrderOf(*Step(job)));
  ASSERT_TRUE(made) << made.error().message;
  ExpectOneCopy(Step(job));
}

TEST_F(CopiesTest, OutlivesItsSource) {
  const auto job = End(StartCopy());
  ASSERT_TRUE(DeletePoint(scope(), *catalog_, "vault", point_));
  upkeep_->RemoveDeleting();
  EXPECT_EQ(CountBackups(), 0u);
  restore::FromBackup request;
  request.account = kAccount;
  request.region = kElsewhere;
  request.backup_arn = job->point_arn;
  request.target = "Back";
  ASSERT_TRUE(restores_->Start(request));
  while (catalog_->FindTable(kAccount, kElsewhere, "Back")->status != catalog::TableStatus::kActive)
    std::this_thread::yield();
}

TEST_F(CopiesTest, SourceIsKeptWhileItIsCopied) {
  const auto job = StartCopy();
  const auto refused = DeletePoint(scope(), *catalog_, "vault", point_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(FaultOf(refused.error())->fault, Fault::kInvalidResourceState);
  ExpectOneCopy(End(job));
  EXPECT_TRUE(DeletePoint(scope(), *catalog_, "vault", point_));
}

TEST_F(CopiesTest, DamagedBackupFailsTheJobAndLeavesNothing) {
  const auto images = Images();
  ASSERT_EQ(images.size(), 1u);
  const std::string image = shard_->ImagesDirectory() + "/" + images[0];
  std::string damaged;
  const auto names = *ListDirectory(image);
  for (const std::string& name : names) {
    if (!name.starts_with("MANIFEST")) continue;
    Bytes content = *ReadFile(image + "/" + name);
    content[content.size() - 1] = static_cast<char>(content.back() ^ 1);
    ASSERT_TRUE(ReplaceFile(image + "/" + name, content));
    damaged = name;
  }
  ASSERT_NE(damaged, "");
  const auto ended = End(StartCopy());
  EXPECT_EQ(ended->state, CopyJobState::kFailed);
  EXPECT_NE(ended->message.find(damaged), std::string::npos) << ended->message;
  EXPECT_EQ(ended->message.find(shard_->ImagesDirectory()), std::string::npos) << ended->message;
  EXPECT_EQ(store_->List<PointRecord>(kThere).size(), 0u);
  EXPECT_EQ(catalog_->Backups(kAccount, kElsewhere).size(), 0u);
  EXPECT_EQ(Images(), images);
}

TEST_F(CopiesTest, BackupThatIsGoneFailsTheJobAndLeavesNothing) {
  for (const bool early : {true, false}) {
    const auto job = StartCopy();
    if (!early) Step(job);
    ASSERT_TRUE(catalog_->EraseBackup(point_));
    const auto ended = End(job);
    EXPECT_EQ(ended->state, CopyJobState::kFailed);
    EXPECT_EQ(ended->point_arn, "");
    EXPECT_EQ(store_->List<PointRecord>(kThere).size(), 0u);
    EXPECT_EQ(catalog_->Backups(kAccount, kElsewhere).size(), 0u);
    EXPECT_LE(Images().size(), early ? 1u : 2u);
    point_ = VaultFixture::End(StartBackup())->point_arn;
  }
}

// Backups that are for an air-gapped vault.
class AirGapTest : public VaultFixture {
 protected:
  void SetUp() override {
    VaultFixture::SetUp();
    const auto key = kms::MakeKeptKey(*key_store_, kRegion, clock_.Now());
    ASSERT_TRUE(key) << key.error().message;
    VaultRecord gap;
    gap.name = "gap";
    gap.air_gapped = true;
    gap.key_arn = (*key)->Arn();
    gap.lock = *MakeAirGappedLock(7, 30, shard_->Now());
    ASSERT_TRUE(CreateVault(scope(), gap));
  }
  Result<Ptr<BackupJobRecord>> StartFor(const std::string& vault, const std::string& air_gapped) {
    return jobs_->Start(scope(), {.vault = vault,
                                  .table_arn = kTableArn,
                                  .role_arn = kRoleArn,
                                  .token = {},
                                  .start_minutes = {},
                                  .complete_minutes = {},
                                  .lifecycle = {{}, 7},
                                  .tags = {},
                                  .air_gapped_arn = air_gapped});
  }
  void Expire() {
    upkeep_->Expire([&](const Region&) { return shard_->Now(); });
    upkeep_->RemoveDeleting();
  }
  void StepCopies() {
    copy_jobs_->Step([&](const Region&) { return shard_->Now(); });
  }
  Ptr<PointRecord> Find(const std::string& arn) { return store_->Find<PointRecord>(kPlace, arn); }
};

// After each step as after a crash behind it.
TEST_F(AirGapTest, BackupStaysUntilItsCopyIsWhole) {
  const auto made = StartFor("vault", VaultArnOf(kAccount, kRegion, "gap"));
  ASSERT_TRUE(made) << made.error().message;
  const std::string point = VaultFixture::End(*made)->point_arn;
  Expire();
  const auto created = store_->Open<CopyJobRecord>();
  ASSERT_EQ(created.size(), 1u);
  EXPECT_EQ(created[0]->lifecycle.delete_after_days, 7);
  ASSERT_TRUE(Find(point));
  StepCopies();
  Expire();
  const auto running = store_->Open<CopyJobRecord>()[0];
  ASSERT_EQ(running->state, CopyJobState::kRunning);
  EXPECT_EQ(KeyOfCopy(*store_, running->sealed_for),
            store_->Find<VaultRecord>(kPlace, "gap")->key_arn);
  ASSERT_TRUE(Find(point));
  StepCopies();
  const auto copied = store_->Find<CopyJobRecord>(kPlace, created[0]->job_id);
  ASSERT_EQ(copied->state, CopyJobState::kCompleted) << copied->message;
  EXPECT_TRUE(Find(point)->is_in);
  Expire();
  EXPECT_FALSE(Find(point));
  ASSERT_TRUE(Find(copied->point_arn));
  EXPECT_EQ(Find(copied->point_arn)->key_arn, "");
  EXPECT_FALSE(catalog_->FindBackup(copied->point_arn)->source.sse.enabled);
  EXPECT_TRUE(KeptKeyOf(*store_, copied->point_arn));
  EXPECT_FALSE(DeletePoint(scope(), *catalog_, "gap", copied->point_arn));
}

TEST_F(AirGapTest, CopyThatFailsLeavesTheBackup) {
  const auto made = StartFor("vault", VaultArnOf(kAccount, kRegion, "gap"));
  ASSERT_TRUE(made) << made.error().message;
  const std::string point = VaultFixture::End(*made)->point_arn;
  ASSERT_TRUE(DeleteVault(scope(), "gap"));
  const auto job = VaultFixture::End(store_->Open<CopyJobRecord>()[0]);
  EXPECT_EQ(job->state, CopyJobState::kFailed);
  Expire();
  ASSERT_TRUE(Find(point));
  EXPECT_EQ(Find(point)->status, PointStatus::kCompleted);
}

// Of two that come at once, each has made a key.
TEST_F(AirGapTest, TheSameRequestWithAnotherKeyOfNoAccountIsARepetition) {
  VaultRecord first;
  first.name = "twice";
  first.creator_request_id = "once";
  first.air_gapped = true;
  first.lock = *MakeAirGappedLock(7, 30, shard_->Now());
  VaultRecord second = first, own = first;
  first.key_arn = (*kms::MakeKeptKey(*key_store_, kRegion, clock_.Now()))->Arn();
  second.key_arn = (*kms::MakeKeptKey(*key_store_, kRegion, clock_.Now()))->Arn();
  own.key_arn = store_->Find<VaultRecord>(kPlace, "vault")->key_arn;
  ASSERT_TRUE(CreateVault(scope(), first));
  const auto repeated = CreateVault(scope(), second);
  ASSERT_TRUE(repeated) << repeated.error().message;
  EXPECT_EQ((*repeated)->key_arn, first.key_arn);
  const auto other = CreateVault(scope(), own);
  ASSERT_FALSE(other);
  EXPECT_EQ(FaultOf(other.error())->fault, Fault::kAlreadyExists);
}

TEST_F(AirGapTest, BackupsAreNotMadeInIt) {
  EXPECT_EQ(FaultOf(StartFor("gap", "").error())->fault, Fault::kInvalidRequest);
  for (const std::string& wrong : {VaultArnOf(kAccount, kRegion, "vault"), std::string("x")})
    EXPECT_EQ(FaultOf(StartFor("vault", wrong).error())->fault, Fault::kInvalidParameter);
}

}  // namespace
}  // namespace tidemark::vault
