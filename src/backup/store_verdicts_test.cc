#include "backup/store_verdicts.h"

#include <gmock/gmock.h>

#include "backup/store_fixture.h"

namespace tidemark::backup {
namespace {

using testing::HasSubstr;

class StoreVerdictsTest : public StoreFixture {
 protected:
  // A backup of its own, and a file that only it has.
  std::string CopyNumber(int number) {
    backup_.id = BackupId(fmt::format("0148960279714{}-00000000", number));
    Write("2.sst", fmt::format("of {} alone", number));
    return *Copy();
  }
  Result<std::vector<Error>> Share() {
    CopyProgress progress;
    return verdicts_.VerifyShare(progress);
  }

  StoreVerdicts verdicts_{store_, keys_, copies_, clock_};
};

TEST_F(StoreVerdictsTest, NotesWhatAVerificationFound) {
  const std::string manifest = CopyNumber(1);
  EXPECT_FALSE(verdicts_.Find(manifest)->has_value());
  CopyProgress progress;
  ASSERT_TRUE(verdicts_.Verify(manifest, progress));
  EXPECT_EQ((*verdicts_.Find(manifest))->fault, "");
  EXPECT_EQ((*verdicts_.Find(manifest))->at, clock_.Now());
  clock_.Advance(std::chrono::hours(1));
  const std::string file = FileBlobName(crypto::Sha256("of 1 alone"));
  store_.Damage(file);
  EXPECT_FALSE(verdicts_.Verify(manifest, progress));
  EXPECT_THAT((*verdicts_.Find(manifest))->fault, HasSubstr(file));
  EXPECT_EQ((*verdicts_.Find(manifest))->at, clock_.Now());
  progress.stop = true;
  clock_.Advance(std::chrono::hours(1));
  EXPECT_EQ(verdicts_.Verify(manifest, progress).error().kind, ErrorKind::kCancelled);
  EXPECT_NE((*verdicts_.Find(manifest))->at, clock_.Now()) << "that says nothing of the backup";
}

TEST_F(StoreVerdictsTest, OfNoBackupNothingIsNoted) {
  CopyProgress progress;
  EXPECT_FALSE(verdicts_.Verify("manifests/123456789012/x", progress));
  EXPECT_EQ(Count(""), 0u);
}

TEST_F(StoreVerdictsTest, FindsDamageOfFilesThatABackupSharesWithOthersOfItsTable) {
  const std::string one = CopyNumber(1), two = CopyNumber(2);
  const catalog::BackupRecord backup = backup_;
  CopyProgress progress;
  EXPECT_EQ(*verdicts_.FindDamaged(backup, progress), "");
  store_.Damage(FileBlobName(crypto::Sha256("shared by two backups")));
  EXPECT_EQ(*verdicts_.FindDamaged(backup, progress), "") << "nobody has seen it";
  EXPECT_FALSE(verdicts_.Verify(one, progress));
  EXPECT_EQ(*verdicts_.FindDamaged(backup, progress), one);
  Write("1.sst", "of another alone");
  Write("KEYS", "other keys");
  CopyNumber(3);
  EXPECT_EQ(*verdicts_.FindDamaged(backup_, progress), "") << "it shares nothing";
  backup_.id = BackupId("01489602797149-00000000");
  EXPECT_EQ(*verdicts_.FindDamaged(backup_, progress), "") << "it is not stored";
  progress.stop = true;
  EXPECT_EQ(verdicts_.FindDamaged(backup, progress).error().kind, ErrorKind::kCancelled);
}

TEST_F(StoreVerdictsTest, BelievesNoVerdictOfAnotherBackup) {
  const std::string one = CopyNumber(1), two = CopyNumber(2);
  CopyProgress progress;
  ASSERT_TRUE(verdicts_.Verify(one, progress));
  const Bytes verdict = *blob::GetSmall(store_, VerdictName(one), 1 << 20);
  ASSERT_TRUE(store_.Put(VerdictName(two), blob::MemorySource(verdict), {}));
  EXPECT_FALSE(verdicts_.Find(two)->has_value());
}

TEST_F(StoreVerdictsTest, ComesRoundToEachInItsTurn) {
  std::vector<std::string> manifests;
  for (int i = 0; i < 3; ++i) manifests.push_back(CopyNumber(i));
  store_.Damage(FileBlobName(crypto::Sha256("of 1 alone")));
  size_t faults = 0;
  for (int hour = 0; hour < 5; ++hour) {
    faults += Share()->size();
    clock_.Advance(kVerifyInterval);
  }
  EXPECT_EQ(faults, 1u) << "each was read once";
  for (const std::string& manifest : manifests) EXPECT_TRUE(verdicts_.Find(manifest)->has_value());
  EXPECT_THAT((*verdicts_.Find(manifests[1]))->fault, HasSubstr("files/"));
  clock_.Advance(kVerifyPeriod);
  for (int hour = 0; hour < 5; ++hour) {
    faults += Share()->size();
    clock_.Advance(kVerifyInterval);
  }
  EXPECT_EQ(faults, 2u) << "and again after the period";
}

TEST_F(StoreVerdictsTest, FindsAManifestThatIsDamaged) {
  const std::string manifest = CopyNumber(1);
  store_.Damage(manifest);
  const auto faults = Share();
  ASSERT_EQ(faults->size(), 1u);
  EXPECT_THAT((*faults)[0].message, HasSubstr(manifest));
  EXPECT_THAT((*verdicts_.Find(manifest))->fault, HasSubstr(manifest));
}

}  // namespace
}  // namespace tidemark::backup
