#include "restore/item_restore.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "pitr/images.h"
#include "pitr/replay.h"
#include "restore/restore_fixture.h"
#include "table/key_rules.h"

namespace tidemark::restore {
namespace {

using catalog::Difference;
using catalog::DifferenceCounts;
using catalog::ItemRestorePtr;
using catalog::ItemRestoreStatus;

class ItemRestoresTest : public RestoreFixture {
 protected:
  ItemRestoresTest() {
    AddTable();
    Recover();
    Open({});
  }

  void Open(ItemRestoreOptions options) {
    jobs_.reset();
    jobs_.emplace(*catalog_, shards_, past_, backup_reads_, *limit_, threads_.context(0),
                  TheSystemRandom(), options);
  }

  Result<ItemRestorePtr> Start(catalog::ItemSelection selection, std::string token = "") {
    selection.table = Table()->id;
    if (selection.kinds == catalog::PerDifference<bool>()) selection.kinds.removed = true;
    return jobs_->Start({Table(), std::move(selection), "operator", std::move(token)});
  }
  ItemRestorePtr Await(ItemRestoreId id) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < deadline) {
      auto job = catalog_->FindItemRestore(id);
      if (!job || job->status != ItemRestoreStatus::kRunning) return job;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ADD_FAILURE() << "the job does not end";
    return nullptr;
  }
  ItemRestorePtr Do(catalog::ItemSelection selection) {
    const auto started = Start(std::move(selection));
    EXPECT_TRUE(started) << started.error().message;
    return Await((*started)->id);
  }

  // The ARN of an AVAILABLE backup of now, whose run holds what the files lack.
  std::string BackUp() {
    const auto hold = shard_->HoldLog();
    catalog::BackupRecord backup;
    backup.id = BackupId("01489602797149-0000000" + std::to_string(catalog_->AllBackups().size()));
    backup.status = catalog::BackupStatus::kAvailable;
    backup.source = *Table();
    backup.image =
        *pitr::PinImage(*shard_, Table()->id, ImageId::Make(TheSystemRandom()), R"({"act":"b"})");
    backup.created = backup.image.as_of;
    EXPECT_TRUE(pitr::Replay(
        shard_->log(), {backup.image.table, backup.image.replay_from, backup.image.as_of}, SIZE_MAX,
        [&](std::span<const pitr::RowSource> parts) {
          return engine_->WriteRun(pitr::ImagePath(*shard_, backup.image), parts.front());
        }));
    EXPECT_TRUE(catalog_->PutBackup(backup));
    return backup.Arn();
  }

  pitr::Past past_{*catalog_, shards_, *engine_, *recovery_, TheSystemRandom()};
  pitr::BackupReads backup_reads_{*catalog_, shards_, *engine_, TheSystemRandom(),
                                  [](const catalog::SseSettings&) { return Result<void>(); }};
  std::optional<ItemRestores> jobs_;
};

TEST_F(ItemRestoresTest, BringsBackOnlyWhatNobodyChangedSince) {
  Open({.page_rows = 7});
  for (int i = 0; i < 100; ++i) Put(Name(i), "old");
  const Timestamp before = Tick();
  for (int i = 0; i < 50; ++i) Delete(Name(i));
  const Timestamp after = Tick();
  for (int i = 0; i < 10; ++i) Put(Name(i), "again");
  for (int i = 10; i < 15; ++i) Put(Name(i), "old");
  const auto job = Do({.from = before, .until = after});
  EXPECT_EQ(job->status, ItemRestoreStatus::kCompleted) << job->failure;
  EXPECT_EQ(job->restored, (DifferenceCounts{35, 0, 0}));
  EXPECT_EQ(job->already, 5u);
  EXPECT_EQ(job->conflicts, 10u);
  EXPECT_EQ(job->left.size(), 10u);
  EXPECT_EQ(ProgressPercent(*job), 100);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ValueOf(Name(i)), i < 10 ? "again" : "old") << i;
}

TEST_F(ItemRestoresTest, UndoesTheKindsThatWereAskedForAndCountsTheOthers) {
  for (int i = 0; i < 20; ++i) Put(Name(i), "old");
  const Timestamp before = Tick();
  for (int i = 0; i < 3; ++i) Delete(Name(i));
  for (int i = 3; i < 8; ++i) Put(Name(i), "new");
  for (int i = 20; i < 24; ++i) Put(Name(i), "new");
  Tick();
  const auto changed = Do({.from = before, .kinds = {.changed = true}});
  EXPECT_EQ(changed->restored, (DifferenceCounts{0, 5, 0}));
  EXPECT_EQ(changed->not_selected, (DifferenceCounts{3, 0, 4}));
  EXPECT_EQ(ValueOf(Name(5)), "old");
  EXPECT_EQ(ValueOf(Name(1)), "-");
  EXPECT_EQ(ValueOf(Name(21)), "new");
  const auto rest = Do({.from = before, .kinds = {true, true, true}});
  EXPECT_EQ(rest->restored, (DifferenceCounts{3, 0, 4}));
  EXPECT_EQ(rest->not_selected, DifferenceCounts());
  EXPECT_EQ(ValueOf(Name(1)), "old");
  EXPECT_EQ(ValueOf(Name(21)), "-");
}

TEST_F(ItemRestoresTest, ADryRunCountsTheSameAndWritesNothing) {
  for (int i = 0; i < 20; ++i) Put(Name(i), "old");
  const Timestamp before = Tick();
  for (int i = 0; i < 12; ++i) Delete(Name(i));
  const Timestamp after = Tick();
  Put(Name(0), "again");
  const auto dry = Do({.from = before, .until = after, .dry_run = true});
  EXPECT_EQ(dry->restored.removed, 11u);
  EXPECT_EQ(dry->conflicts, 1u);
  EXPECT_EQ(ValueOf(Name(5)), "-");
  const auto real = Do({.from = before, .until = after});
  EXPECT_EQ(real->restored, dry->restored);
  EXPECT_EQ(real->conflicts, dry->conflicts);
}

TEST_F(ItemRestoresTest, TakesSingleRows) {
  for (int i = 0; i < 10; ++i) Put(Name(i), "old");
  const Timestamp before = Tick();
  for (int i = 0; i < 10; ++i) Delete(Name(i));
  catalog::ItemSelection selection{.from = before};
  for (const int i : {3, 8, 77})
    selection.rows.push_back(table::PrimaryRow(Table()->keys, KeyOf(Name(i))));
  std::ranges::sort(selection.rows);
  Open({.page_rows = 1});
  const auto job = Do(selection);
  EXPECT_EQ(job->restored.removed, 2u);
  EXPECT_EQ(job->examined(), 2u);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(ValueOf(Name(i)), i == 3 || i == 8 ? "old" : "-") << i;
}

// As a crash in the middle of a page leaves it: rows are written under the job's id, and the record
// does not know.
TEST_F(ItemRestoresTest, CountsRowsOfAPageThatWasCutOffAsItsOwn) {
  constexpr int kRows = 30;
  for (int i = 0; i < kRows; ++i) Put(Name(i), "old");
  const Timestamp before = Tick();
  for (int i = 0; i < kRows; ++i) Delete(Name(i));
  const Timestamp until = Tick();
  Open({.page_rows = 12});
  jobs_->Stop();
  const auto started = Start({.from = before, .until = until});
  ASSERT_TRUE(started) << started.error().message;
  const std::string id = (*started)->id.ToString();
  // In the order of rows, since pages are.
  std::vector<std::pair<Bytes, std::string>> rows;
  for (int i = 0; i < kRows; ++i)
    rows.emplace_back(table::PrimaryRow(Table()->keys, KeyOf(Name(i))), Name(i));
  std::ranges::sort(rows);
  for (int i = 0; i < 8; ++i) Put(rows[i].second, "old", id);
  Delete(rows[0].second);        // as it was at `until`: yet it is not written again
  Put(rows[1].second, "later");  // changed since, and yet it was restored
  Put(rows[9].second, "old");    // by somebody else
  Put(rows[20].second, "old", "another request");
  Open({.page_rows = 12});
  jobs_->Resume();
  const auto job = Await((*started)->id);
  EXPECT_EQ(job->status, ItemRestoreStatus::kCompleted) << job->failure;
  EXPECT_EQ(job->restored.removed, static_cast<uint64_t>(kRows - 2));
  EXPECT_EQ(job->already, 2u);
  EXPECT_EQ(job->conflicts, 0u);
  EXPECT_EQ(ValueOf(rows[0].second), "-");
  EXPECT_EQ(ValueOf(rows[1].second), "later");
  EXPECT_EQ(ValueOf(rows[29].second), "old");
}

TEST_F(ItemRestoresTest, FailsWhenTheTableOrItsHistoryIsGone) {
  Put("a", "old");
  const Timestamp before = Tick();
  Delete("a");
  jobs_->Stop();
  const auto first = Start({.from = before});
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_TRUE(recovery_->Update(kAccount, kRegion, "Things", false, std::nullopt));
  Open({});
  jobs_->Resume();
  auto job = Await((*first)->id);
  EXPECT_EQ(job->status, ItemRestoreStatus::kFailed);
  EXPECT_NE(job->failure.find("switched off"), std::string::npos) << job->failure;

  ASSERT_TRUE(recovery_->Update(kAccount, kRegion, "Things", true, std::nullopt));
  const Timestamp later = Tick();
  jobs_->Stop();
  const auto second = Start({.from = later});
  ASSERT_TRUE(second) << second.error().message;
  const auto beyond = Start({.from = before});
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().kind, ErrorKind::kInvalidRestoreTime);
  ASSERT_TRUE(catalog_->EraseTable(Table()->id));
  Open({});
  jobs_->Resume();
  job = Await((*second)->id);
  EXPECT_EQ(job->status, ItemRestoreStatus::kFailed);
  EXPECT_EQ(job->failure, "The table was deleted");
}

TEST_F(ItemRestoresTest, AnUndoTakesBackWhatTheJobWroteAndNothingElse) {
  Open({.page_rows = 7});
  for (int i = 0; i < 30; ++i) Put(Name(i), "old");
  const Timestamp before = Tick();
  for (int i = 0; i < 10; ++i) Delete(Name(i));
  for (int i = 10; i < 20; ++i) Put(Name(i), "new");
  Put(Name(30), "new");
  Tick();
  const auto job = Do({.from = before, .kinds = {true, true, true}, .rewind = true});
  ASSERT_EQ(job->restored, (DifferenceCounts{10, 10, 1}));
  for (int i = 0; i < 31; ++i) ASSERT_EQ(ValueOf(Name(i)), i < 30 ? "old" : "-");
  Tick();
  Put(Name(1), "theirs");   // what it wrote
  Put(Name(25), "theirs");  // what it did not
  const auto undo = Do({.from = job->until,
                        .until = job->ended,
                        .kinds = {true, true, true},
                        .rewind = true,
                        .undo_of = job->id});
  EXPECT_EQ(undo->restored, (DifferenceCounts{1, 10, 9}));
  EXPECT_EQ(undo->conflicts, 1u);
  EXPECT_EQ(ValueOf(Name(1)), "theirs");
  EXPECT_EQ(ValueOf(Name(25)), "theirs");
  EXPECT_EQ(ValueOf(Name(0)), "-");
  EXPECT_EQ(ValueOf(Name(15)), "new");
  EXPECT_EQ(ValueOf(Name(30)), "new");
  // What somebody wrote between the job's begin and end is not the job's.
  const auto others = Do({.from = before,
                          .until = undo->ended,
                          .kinds = {true, true, true},
                          .rewind = true,
                          .undo_of = undo->id});
  EXPECT_EQ(others->not_selected, (DifferenceCounts{0, 2, 0}));
}

TEST_F(ItemRestoresTest, OneRewindOfATableAtATime) {
  Put("a", "old");
  const Timestamp before = Tick();
  jobs_->Stop();
  ASSERT_TRUE(Start({.from = before, .rewind = true}));
  const auto second = Start({.from = before, .rewind = true});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::kLimitExceeded);
  EXPECT_TRUE(Start({.from = before}));
}

TEST_F(ItemRestoresTest, ARepetitionUnderItsTokenIsTheSameJob) {
  Put("a", "old");
  const Timestamp before = Tick();
  Delete("a");
  const auto first = Start({.from = before}, "token");
  ASSERT_TRUE(first) << first.error().message;
  const auto again = Start({.from = before}, "token");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ((*again)->id, (*first)->id);
  const auto other = Start({.from = before, .kinds = {.added = true}}, "token");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::kIdempotentMismatch);
  EXPECT_EQ(catalog_->AllItemRestores().size(), 1u);
}

TEST_F(ItemRestoresTest, KeepsTheNewestOnRecordAndBoundsWhatRuns) {
  Put("a", "old");
  const Timestamp before = Tick();
  Open({.running_max = 2, .ended_max = 3});
  std::vector<ItemRestoreId> ids;
  for (int i = 0; i < 5; ++i) {
    ids.push_back(Do({.from = before})->id);
    Tick();
  }
  const auto all = jobs_->List(kAccount, kRegion, {.table_name = "Things"});
  ASSERT_EQ(all.restores.size(), 3u);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(all.restores[i]->id, ids[4 - i]);
  const auto one = jobs_->List(kAccount, kRegion, {.limit = 1});
  ASSERT_TRUE(one.more);
  const auto next = jobs_->List(
      kAccount, kRegion, {.limit = 5, .after = {{one.restores[0]->created, one.restores[0]->id}}});
  EXPECT_EQ(next.restores.size(), 2u);
  EXPECT_FALSE(next.more);
  EXPECT_TRUE(jobs_->List(kAccount, kRegion, {.table_name = "Others"}).restores.empty());

  jobs_->Stop();
  EXPECT_TRUE(Start({.from = before}));
  EXPECT_TRUE(Start({.from = before}));
  const auto third = Start({.from = before});
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().kind, ErrorKind::kLimitExceeded);
}

TEST_F(ItemRestoresTest, NamesNoMoreThanTheReportHolds) {
  for (int i = 0; i < 20; ++i) Put(Name(i), "old");
  const Timestamp before = Tick();
  for (int i = 0; i < 20; ++i) Delete(Name(i));
  const Timestamp after = Tick();
  for (int i = 0; i < 20; ++i) Put(Name(i), "again");
  Open({.page_rows = 6, .left_max = 8});
  const auto job = Do({.from = before, .until = after});
  EXPECT_EQ(job->conflicts, 20u);
  EXPECT_EQ(job->left.size(), 8u);
}

TEST_F(ItemRestoresTest, BringsBackWhatABackupHasThoughHistoryBeganLater) {
  ASSERT_TRUE(recovery_->Update(kAccount, kRegion, "Things", false, std::nullopt));
  for (int i = 0; i < 100; ++i) Put(Name(i), "old");
  const std::string arn = BackUp();
  for (int i = 0; i < 50; ++i) Delete(Name(i));
  for (int i = 50; i < 60; ++i) Put(Name(i), "new");
  EXPECT_EQ(Start({.backup_arn = arn}).error().kind, ErrorKind::kPitrUnavailable);
  Recover();
  const Timestamp until = Tick();
  for (int i = 0; i < 10; ++i) Put(Name(i), "again");
  for (int i = 10; i < 15; ++i) Put(Name(i), "old");
  Open({.page_rows = 7});
  const auto job = Do({.backup_arn = arn, .until = until});
  EXPECT_EQ(job->status, ItemRestoreStatus::kCompleted) << job->failure;
  EXPECT_EQ(job->restored, (DifferenceCounts{35, 0, 0}));
  EXPECT_EQ(job->not_selected, (DifferenceCounts{0, 10, 0}));
  EXPECT_EQ(job->already, 5u);
  EXPECT_EQ(job->conflicts, 10u);
  EXPECT_EQ(job->from, catalog_->FindBackup(arn)->created);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(ValueOf(Name(i)), i < 10 ? "again" : i < 50 || i >= 60 ? "old" : "new") << i;
  catalog::ItemSelection selection{.backup_arn = arn, .kinds = {true, true, true}};
  for (const int i : {3, 55, 77})
    selection.rows.push_back(table::PrimaryRow(Table()->keys, KeyOf(Name(i))));
  std::ranges::sort(selection.rows);
  Open({.page_rows = 1});
  EXPECT_EQ(Do(selection)->restored, (DifferenceCounts{0, 2, 0}));
  EXPECT_EQ(ValueOf(Name(3)) + ValueOf(Name(55)) + ValueOf(Name(4)), "oldoldagain");
}

TEST_F(ItemRestoresTest, CountsRowsFromABackupOfAPageThatWasCutOffAsItsOwn) {
  for (int i = 0; i < 6; ++i) Put(Name(i), "old");
  const std::string arn = BackUp();
  for (int i = 0; i < 6; ++i) Delete(Name(i));
  const Timestamp until = Tick();
  jobs_->Stop();
  const auto started = Start({.backup_arn = arn, .until = until});
  ASSERT_TRUE(started);
  const std::string id = (*started)->id.ToString();
  for (int i = 0; i < 3; ++i) Put(Name(i), "old", id);  // what it had written
  Put(Name(0), "new");
  EXPECT_TRUE(catalog_->IsBeingRestored(catalog_->FindBackup(arn)->image.directory));
  Open({});
  jobs_->Resume();
  const auto job = Await((*started)->id);
  EXPECT_EQ(job->restored, (DifferenceCounts{6, 0, 0}));
  EXPECT_EQ(job->already + job->conflicts, 0u);
  EXPECT_EQ(ValueOf(Name(0)), "new");
  EXPECT_FALSE(catalog_->IsBeingRestored(catalog_->FindBackup(arn)->image.directory));
}

TEST_F(ItemRestoresTest, FailsWhenTheBackupCanBeReadNoMore) {
  Put("a", "old");
  const std::string arn = BackUp();
  Delete("a");
  jobs_->Stop();
  const auto started = Start({.backup_arn = arn});
  ASSERT_TRUE(started);
  EXPECT_EQ(catalog_->EraseBackup(arn).error().kind, ErrorKind::kBackupInUse);
  ASSERT_TRUE(
      catalog_->EditBackup(arn, [](auto& backup) { backup.image.cold_since = backup.created; }));
  Open({});
  jobs_->Resume();
  const auto job = Await((*started)->id);
  EXPECT_EQ(job->status, ItemRestoreStatus::kFailed);
  EXPECT_NE(job->failure.find("cold storage"), std::string::npos) << job->failure;
  EXPECT_EQ(ValueOf("a"), "-");
}

}  // namespace
}  // namespace tidemark::restore
