// A backup is made, restored from and deleted, and the process is killed at each operation of its
// disk: what was answered is there after the next start, what was not is whole or not there, and
// nothing is left over. And of one whose record may have reached the disk or not.
// TIDEMARK_CRASH_POINTS=all: at every one; without it at one in kStride.
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "base/files.h"
#include "faults/storage_on_disk.h"

namespace tidemark::faults {
namespace {

constexpr int kRows = 40;
constexpr uint64_t kStride = 7;
constexpr std::chrono::minutes kPatience{4};

class CrashPoints : public StorageOnDisk {
 protected:
  CrashPoints() : StorageOnDisk("crash-points") {}

  // What was answered.
  struct Answers {
    std::optional<std::string> backup;  // its ARN
    bool restored = false, deleting = false, deleted = false;
  };

  Answers Story() {
    Answers answers;
    const auto backup = storage_->backups->Create(kAccount, kRegion, "Source", "backup");
    if (!backup) return answers;
    answers.backup = (*backup)->Arn();
    if (!BecomesAvailable(*answers.backup)) return answers;
    const auto restored = Restore(*answers.backup, "Restored");
    if (!restored) return answers;
    answers.restored = true;
    if (!BecomesActive((*restored)->id)) return answers;
    answers.deleting = true;
    answers.deleted = storage_->backups->Delete(*answers.backup).has_value();
    return answers;
  }

  // False once the disk has stopped, and for what fails.
  bool BecomesAvailable(const std::string& arn) {
    return Becomes([&] { return storage_->catalog->FindBackup(arn); },
                   catalog::BackupStatus::kAvailable);
  }
  bool BecomesActive(TableId table) {
    return Becomes([&] { return storage_->catalog->FindTable(table); },
                   catalog::TableStatus::kActive);
  }
  template <class Find, class Status>
  bool Becomes(const Find& find, Status status) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!disk_->stopped() && std::chrono::steady_clock::now() < deadline) {
      const auto now = find();
      if (!now || now->status == status) return now != nullptr;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }

  Result<catalog::TablePtr> Restore(const std::string& arn, const std::string& target) {
    return storage_->restores->Start(restore::FromBackup{
        .account = kAccount, .region = kRegion, .backup_arn = arn, .target = target});
  }

  void ExpectWhole(const catalog::TablePtr& table) {
    ASSERT_NE(table, nullptr);
    ASSERT_TRUE(BecomesActive(table->id)) << table->name;
    EXPECT_EQ(*Read(table->id), rows_) << table->name;
    EXPECT_EQ(*Shard().Find(table->id)->LoadTotals(), *TotalsOf(rows_)) << table->name;
  }

  void Check(const Answers& answers) {
    EXPECT_EQ(*Read(source_), rows_);
    std::set<std::string> images;
    size_t backups = 0;
    for (const auto& backup : storage_->catalog->AllBackups()) {
      ++backups;
      images.insert(backup->image.directory);
      ASSERT_TRUE(BecomesAvailable(backup->Arn()));
      const auto again = Restore(backup->Arn(), "Again");
      ASSERT_TRUE(again) << again.error().message;
      ExpectWhole(*again);
    }
    if (answers.backup && !answers.deleting) {
      EXPECT_EQ(backups, 1u);
    } else if (answers.deleted) {
      EXPECT_EQ(backups, 0u);
    }
    const auto restored = storage_->catalog->FindTable(kAccount, kRegion, "Restored");
    if (restored || answers.restored) ExpectWhole(restored);
    const auto left = *ListDirectory(ShardDirectory() + "/images");
    EXPECT_EQ(std::set(left.begin(), left.end()), images);
    EXPECT_TRUE(ListDirectory(ShardDirectory() + "/restoring")->empty());
  }

  void Begin() {
    Empty();
    Open();
    source_ = CreateTable("Source");
    PutRows(source_, kRows);
    rows_ = *Read(source_);
  }
  void OpenAfterKill() {
    if (!disk_->stopped()) disk_->StopNow(Stop::kProcessKill);
    storage_.reset();
    disk_->SetRules({});
    disk_->Restore();
    Open();
  }

  // False: the story came to its end before.
  bool RunWithCrashAt(uint64_t point) {
    Begin();
    disk_->StopAt(point, Stop::kProcessKill);
    const Answers answers = Story();
    const bool stopped = disk_->stopped();
    EXPECT_TRUE(stopped || answers.deleted);
    OpenAfterKill();
    if (!HasFatalFailure()) Check(answers);
    return stopped;
  }

  TableId source_;
  Rows rows_;
};

TEST_F(CrashPoints, OfABackupItsRestoreAndItsDeletionLoseAndLeaveNothing) {
  const bool all = std::getenv("TIDEMARK_CRASH_POINTS") != nullptr;
  uint64_t point = 1;
  for (bool stopped = true; stopped && !HasFailure(); point += all ? 1 : kStride) {
    SCOPED_TRACE("operation " + std::to_string(point));
    stopped = RunWithCrashAt(point);
  }
  std::printf("%llu operations\n", static_cast<unsigned long long>(point));
  EXPECT_GT(point, 50u);
}

// A failed sync says nothing of what is on disk: the next start finds the record, and its files.
TEST_F(CrashPoints, ABackupWhoseRecordCouldNotBeSyncedIsWholeOrNotThere) {
  Begin();
  disk_->SetRules({{{FileOp::kSync}, "*/_system/log/*", EIO}});
  EXPECT_FALSE(storage_->backups->Create(kAccount, kRegion, "Source", "backup"));
  OpenAfterKill();
  if (HasFatalFailure()) return;
  EXPECT_EQ(storage_->catalog->AllBackups().size(), 1u) << "written, and the kill took nothing";
  Check({});
}

// Whatever of a restore's records it is that cannot be synced.
TEST_F(CrashPoints, ATableWhoseLastRecordCouldNotBeSyncedIsWholeOrNotThere) {
  bool ended = false;
  for (uint64_t point = 0; !ended && !HasFailure(); point += 3) {
    SCOPED_TRACE("operation " + std::to_string(point));
    Begin();
    const auto backup = storage_->backups->Create(kAccount, kRegion, "Source", "backup");
    ASSERT_TRUE(BecomesAvailable((*backup)->Arn()));
    const uint64_t begin = disk_->operations();
    const auto restored = Restore((*backup)->Arn(), "Restored");
    ASSERT_TRUE(restored) << restored.error().message;
    const TableId table = (*restored)->id;
    const auto goes_on = [&] { return storage_->restores->ProgressOf(table) != nullptr; };
    while (disk_->operations() < begin + point && goes_on()) std::this_thread::yield();
    ended = !goes_on();
    disk_->SetRules({{{FileOp::kSync}, "*/_system/log/*", EIO}});
    while (goes_on()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    OpenAfterKill();
    if (!HasFatalFailure()) Check({});
  }
}

// What may be otherwise after the next start is not told to be as it was asked for.
TEST_F(CrashPoints, NothingIsAnsweredFromWhatAnUnsyncedChangeMayHaveReplaced) {
  Begin();
  const auto switch_recovery = [&](bool on) {
    return storage_->recovery->Update(kAccount, kRegion, "Source", on, std::nullopt);
  };
  ASSERT_TRUE(switch_recovery(true));
  ASSERT_TRUE(switch_recovery(true));
  disk_->SetRules({{{FileOp::kSync}, "*/_system/log/*", EIO}});
  EXPECT_FALSE(switch_recovery(false));
  EXPECT_FALSE(switch_recovery(true));
  OpenAfterKill();
  if (HasFatalFailure()) return;
  EXPECT_FALSE(storage_->catalog->FindTable(source_)->pitr.enabled);
  EXPECT_TRUE(switch_recovery(true));
}

// Recovery that is on after the next start has a whole history, though nobody was told it was on.
TEST_F(CrashPoints, RecoveryWhoseRecordCouldNotBeSyncedMissesNoChange) {
  Begin();
  // The first is the sync of its image's record.
  disk_->SetRules(
      {{.ops = {FileOp::kSync}, .pattern = "*/_system/log/*", .error = EIO, .spared = 1}});
  EXPECT_FALSE(storage_->recovery->Update(kAccount, kRegion, "Source", true, std::nullopt));
  PutRows(source_, 2 * kRows, 100'000);  // several segments of the log
  const auto last = Put(source_, 0);
  ASSERT_TRUE(last);
  ASSERT_TRUE((*storage_->recovery->ArchiveOf(kRegion))->Drain());
  rows_ = *Read(source_);
  OpenAfterKill();
  if (HasFatalFailure()) return;
  ASSERT_TRUE(storage_->catalog->FindTable(source_)->pitr.enabled);
  clock_.Advance(std::chrono::hours(1));
  const auto restored = storage_->restores->Start(restore::ToPointInTime{.account = kAccount,
                                                                         .region = kRegion,
                                                                         .source_table = "Source",
                                                                         .target = "Restored",
                                                                         .time = *last});
  ASSERT_TRUE(restored) << restored.error().message;
  ExpectWhole(*restored);
}

TEST_F(CrashPoints, OfABackupWithoutARecordNothingStays) {
  Begin();
  disk_->SetRules({{{FileOp::kWrite}, "*/_system/log/*", EIO}});
  EXPECT_FALSE(storage_->backups->Create(kAccount, kRegion, "Source", "backup"));
  OpenAfterKill();
  if (HasFatalFailure()) return;
  EXPECT_TRUE(storage_->catalog->AllBackups().empty());
  Check({});
}

}  // namespace
}  // namespace tidemark::faults
