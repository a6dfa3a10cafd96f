#include "pitr/recovery_fixture.h"

namespace tidemark::pitr {
namespace {

TEST_F(RecoveryTest, EveryInstantIsRestoredFromImagesRunsAndTheLogsEnd) {
  WriteMany(20);
  ASSERT_TRUE(Switch(true).has_value());
  for (int round = 0; round < 5; ++round) {
    WriteMany(60);
    if (round == 4) break;  // what was not sorted yet comes from the log
    ASSERT_TRUE(Archive().Drain().has_value());
    recovery_->Maintain();
  }
  EXPECT_GT(Archive().Stats().runs, 4u);
  EXPECT_GT(Archive().Stats().debt_bytes, 0u);
  EXPECT_GE(catalog_->Images(table_).size(), 2u);
  ExpectEveryInstant();
}

TEST_F(RecoveryTest, ThePastIsReadToTheMicrosecondAndNoFurther) {
  ASSERT_EQ(past_->At(Record(), shard_->Now()).error().kind, ErrorKind::kPitrUnavailable);
  ASSERT_TRUE(Switch(true).has_value());
  WriteMany(30);
  for (auto at = states_.begin(); std::next(at) != states_.end(); ++at)
    ASSERT_EQ(*ReadPast(std::next(at)->first - Micros(1)), at->second);
  const auto window = *recovery_->WindowOf(Record());
  EXPECT_EQ(past_->At(Record(), window.earliest - std::chrono::seconds(2)).error().kind,
            ErrorKind::kInvalidRestoreTime);
  EXPECT_EQ(past_->At(Record(), window.latest + std::chrono::seconds(2)).error().kind,
            ErrorKind::kInvalidRestoreTime);
}

TEST_F(RecoveryTest, ATailThatGrowsTooLargeIsSortedInstead) {
  past_.reset();
  past_.emplace(*catalog_, shards_, *engine_, *recovery_, random_,
                PastOptions{.tail_bytes_soft = 2000, .tail_bytes_max = 4000});
  ASSERT_TRUE(Switch(true).has_value());
  recovery_->Maintain();
  WriteMany(100);
  ASSERT_EQ(Archive().Stats().runs, 0u);
  EXPECT_EQ(*ReadPast(shard_->Now()), now_);
  EXPECT_GT(Archive().Stats().runs, 0u);
  EXPECT_LE(past_->Stats().tail_bytes, 4000u);
  ExpectEveryInstant();
}

TEST_F(RecoveryTest, WhatIsKeptOpenGoesWithTheHistory) {
  ASSERT_TRUE(Switch(true).has_value());
  WriteMany(40);
  ASSERT_TRUE(Archive().Drain().has_value());
  recovery_->Maintain();
  EXPECT_EQ(*ReadPast(shard_->Now()), now_);
  past_->Tend();
  EXPECT_EQ(past_->Stats().images, 1u);
  EXPECT_EQ(past_->Stats().tails, 1u);
  EXPECT_GT(past_->Stats().section_bytes, 0u);
  ASSERT_TRUE(Switch(false).has_value());
  past_->Tend();
  EXPECT_EQ(past_->Stats().images, 0u);
  EXPECT_EQ(past_->Stats().tails, 0u);
  EXPECT_EQ(past_->Stats().section_bytes, 0u);
  // Switched on again it is another history.
  ASSERT_TRUE(Switch(true).has_value());
  WriteMany(10);
  EXPECT_EQ(*ReadPast(shard_->Now()), now_);
}

TEST_F(RecoveryTest, TheLogIsNotNeededOnceItIsSorted) {
  WriteMany(30);
  ASSERT_TRUE(Archive().Drain().has_value());  // nobody has history yet: the mark just moves
  EXPECT_EQ(Archive().mark(), shard_->log().end());
  ASSERT_TRUE(Switch(true).has_value());
  // What the first image's files lack was never sorted.
  const auto first = catalog_->Images(table_).front();
  ASSERT_TRUE(first->needs_log);
  EXPECT_EQ(recovery_->Floor(kRegion), first->replay_from);
  EXPECT_EQ(*Restore(first->as_of), now_);

  WriteMany(30);
  ASSERT_TRUE(Archive().Drain().has_value());
  EXPECT_EQ(recovery_->Floor(kRegion), first->replay_from);
  recovery_->Maintain();
  EXPECT_FALSE(catalog_->Images(table_).front()->needs_log) << "it has a run of its own now";
  EXPECT_EQ(recovery_->Floor(kRegion), shard_->log().end());
  TruncateLog();
  ASSERT_GT(shard_->log().begin().segment, first->replay_from.segment);
  ExpectEveryInstant();
  // The segment that ends at the mark goes once the next one is begun.
  bool dropped_to_the_mark = false;
  for (int i = 0; i < 40; ++i) {
    WriteMany(1);
    TruncateLog();
    dropped_to_the_mark = dropped_to_the_mark || Archive().mark() < shard_->log().begin();
    const auto restored = Restore(clock_.Now());
    ASSERT_TRUE(restored.has_value()) << restored.error().message;
    ASSERT_EQ(*restored, now_);
    if (i % 3 == 0) {
      ASSERT_TRUE(Archive().Drain().has_value());
    }
  }
  EXPECT_TRUE(dropped_to_the_mark) << "that never happened";
}

TEST_F(RecoveryTest, AnUnfinishedBackupHoldsTheLog) {
  WriteMany(5);
  catalog::BackupRecord backup;
  backup.id = BackupId("00000000000001-00000000");
  backup.source = Record();
  backup.image = *PinImage(*shard_, table_, ImageId::Make(TheSystemRandom()), "{}");
  ASSERT_TRUE(catalog_->PutBackup(backup).has_value());
  ASSERT_TRUE(Archive().Drain().has_value());
  EXPECT_EQ(recovery_->Floor(kRegion), backup.image.replay_from);
  ASSERT_TRUE(catalog_
                  ->EditBackup(backup.Arn(),
                               [](catalog::BackupRecord& record) {
                                 record.status = catalog::BackupStatus::kAvailable;
                               })
                  .has_value());
  EXPECT_EQ(recovery_->Floor(kRegion), shard_->log().end());
  ASSERT_TRUE(catalog_->EraseBackup(backup.Arn()).has_value());
  EXPECT_EQ(catalog_->EditBackup(backup.Arn(), [](catalog::BackupRecord&) {}).error().kind,
            ErrorKind::kBackupNotFound)
      << "what was erased stays so";
}

TEST_F(RecoveryTest, SwitchingOffForgetsTheKeyThenImagesAndRuns) {
  ASSERT_TRUE(Switch(true).has_value());
  const Bytes key = Record().pitr.history_key;
  EXPECT_FALSE(key.empty());
  WriteMany(40);
  ASSERT_TRUE(Archive().Drain().has_value());
  ASSERT_TRUE(Switch(true, 7).has_value());
  EXPECT_EQ(Record().pitr.history_key, key) << "only the period is another";
  ASSERT_TRUE(Switch(false).has_value());
  EXPECT_TRUE(Record().pitr.history_key.empty());
  EXPECT_TRUE(catalog_->Images(table_).empty());
  EXPECT_EQ(Restore(clock_.Now()).error().kind, ErrorKind::kPitrUnavailable);
  recovery_->Maintain();
  EXPECT_EQ(Archive().Stats().runs, 0u);
  ASSERT_TRUE(Switch(true).has_value());
  EXPECT_NE(Record().pitr.history_key, key);
  WriteMany(20);
  ASSERT_TRUE(Archive().Drain().has_value());
  ExpectEveryInstant();
}

TEST_F(RecoveryTest, ATableDeletedWhileItIsSwitchedOnLeavesNoImage) {
  random_.on_fill = [&] {
    (void)catalog_->EditTable(table_, [](catalog::TableRecord& record) -> Result<void> {
      record.status = catalog::TableStatus::kDeleting;
      return {};
    });
  };
  EXPECT_EQ(Switch(true).error().kind, ErrorKind::kContinuousBackupsUnavailable);
  EXPECT_FALSE(Record().pitr.enabled);
  EXPECT_TRUE(catalog_->AllImages().empty());
}

TEST_F(RecoveryTest, AnAccountErasedWhileATableIsSwitchedOnLeavesNoImage) {
  random_.on_fill = [&] { (void)catalog_->EraseAccount(kAccount); };
  EXPECT_EQ(Switch(true).error().kind, ErrorKind::kTableNotFound);
  EXPECT_TRUE(catalog_->AllImages().empty());
}

TEST_F(RecoveryTest, ADeletedTableKeepsItsHistoryAsLongAsItsBackup) {
  ASSERT_TRUE(Switch(true, 3).has_value());
  WriteMany(40);
  clock_.Advance(std::chrono::hours(50));
  WriteMany(40);
  ASSERT_TRUE(Archive().Drain().has_value());
  recovery_->Maintain();
  WriteMany(10);  // these lie in the log only
  catalog::BackupRecord backup;
  backup.id = BackupId("01489602797149-00000000");
  backup.type = catalog::BackupType::kSystem;
  backup.source = Record();
  backup.image = *PinImage(*shard_, table_, ImageId::Make(random_), "{}");
  backup.created = backup.image.as_of;
  ASSERT_TRUE(catalog_->PutBackup(backup).has_value());
  const auto window = *recovery_->WindowOf(Record());
  ASSERT_TRUE(shard_->DropTable(table_, "{}").has_value());
  ASSERT_TRUE(catalog_->EraseTable(table_).has_value());
  recovery_->Forget(table_);
  EXPECT_EQ(recovery_->WindowOf(backup)->latest, backup.created);
  EXPECT_LE(recovery_->WindowOf(backup)->earliest, window.earliest);

  const auto expect_every_instant = [&] {
    recovery_->Maintain();
    ASSERT_TRUE(Archive().Drain().has_value());
    TruncateLog();
    for (const auto& [time, state] : states_) {
      const auto source = recovery_->FindSource(backup, time);
      ASSERT_TRUE(source.has_value()) << source.error().message;
      const auto rows = Restore(time, backup.source.pitr.history_key, source->image);
      ASSERT_TRUE(rows.has_value()) << rows.error().message;
      ASSERT_EQ(*rows, state) << "at " << ToMicros(time);
    }
  };
  ASSERT_NO_FATAL_FAILURE(expect_every_instant());
  clock_.Advance(std::chrono::hours(24 * 30));
  ASSERT_NO_FATAL_FAILURE(expect_every_instant());
  EXPECT_EQ(recovery_->FindSource(backup, backup.created + Micros(1)).error().kind,
            ErrorKind::kInvalidRestoreTime);

  ASSERT_TRUE(catalog_->EraseBackup(backup.Arn()).has_value());
  recovery_->Maintain();
  EXPECT_TRUE(catalog_->Images(table_).empty());
  EXPECT_EQ(Archive().Stats().runs, 0u);
  EXPECT_FALSE(recovery_->WindowOf(backup));
}

TEST_F(RecoveryTest, ADeletedTablesHistoryGoesWithItsAccount) {
  ASSERT_TRUE(Switch(true).has_value());
  catalog::BackupRecord backup;
  backup.id = BackupId("01489602797149-00000000");
  backup.type = catalog::BackupType::kSystem;
  backup.source = Record();
  ASSERT_TRUE(catalog_->PutBackup(backup).has_value());
  ASSERT_TRUE(catalog_->EraseTable(table_).has_value());
  recovery_->Maintain();
  ASSERT_EQ(catalog_->Images(table_).size(), 1u);
  EXPECT_EQ(catalog_->EraseAccount(kAccount)->images.size(), 1u);
  EXPECT_TRUE(catalog_->AllImages().empty());
}

TEST_F(RecoveryTest, ARunningRestoreKeepsWhatItReadsWhenHistoryIsSwitchedOff) {
  ASSERT_TRUE(Switch(true).has_value());
  WriteMany(40);
  ASSERT_TRUE(Archive().Drain().has_value());
  WriteMany(40);  // not yet sorted
  const auto image = catalog_->Images(table_).front();
  const Bytes key = Record().pitr.history_key;
  const TableId target = BeginRestore(*image);
  ASSERT_TRUE(Switch(false).has_value());
  ASSERT_TRUE(Archive().Drain().has_value());
  recovery_->Maintain();
  EXPECT_EQ(*Restore(clock_.Now(), key, image), now_);
  ASSERT_TRUE(catalog_->EraseTable(target).has_value());
  recovery_->Maintain();
  EXPECT_TRUE(catalog_->Images(table_).empty());
  EXPECT_EQ(Archive().Stats().runs, 0u);
}

TEST_F(RecoveryTest, WhatHasLeftTheWindowGoes) {
  ASSERT_TRUE(Switch(true, 2).has_value());
  for (int day = 0; day < 4; ++day) {
    WriteMany(30);
    ASSERT_TRUE(Archive().Drain().has_value());
    clock_.Advance(std::chrono::hours(25));
    recovery_->Maintain();
  }
  const auto images = catalog_->Images(table_);
  const Timestamp earliest = recovery_->WindowOf(Record())->earliest;
  ASSERT_GE(images.size(), 2u);
  EXPECT_LE(images[0]->as_of, earliest);
  EXPECT_GT(images[1]->as_of, earliest);
  const auto view = Archive().Look();
  for (const auto& run : view->runs()) {
    EXPECT_GT(run.to, images[0]->replay_from) << "a run nothing in the window needs";
  }
  // An unchanged table gets no more images.
  const size_t count = images.size();
  clock_.Advance(std::chrono::hours(25));
  recovery_->Maintain();
  EXPECT_LE(catalog_->Images(table_).size(), count);
  EXPECT_EQ(*Restore(clock_.Now()), now_);
  ASSERT_TRUE(Switch(true, 1).has_value());
  recovery_->Maintain();
  EXPECT_EQ(catalog_->Images(table_).size(), 1u) << "the rest is older than a day";
}

TEST_F(RecoveryTest, WhatHasGoneByAClockThatWasAheadIsNotInTheWindowAgain) {
  ASSERT_TRUE(Switch(true, 2).has_value());
  for (int day = 0; day < 4; ++day) {
    WriteMany(30);
    Tag(std::to_string(day));
    ASSERT_TRUE(Archive().Drain().has_value());
    clock_.Advance(std::chrono::hours(25));
    recovery_->Maintain();
  }
  // Nothing is written meanwhile. A start that doubts the clock goes on from the newest commit.
  const Timestamp before = clock_.Now();
  clock_.Advance(std::chrono::hours(24 * 365));
  recovery_->Maintain();
  clock_.Set(before);
  const auto window = recovery_->WindowOf(Record());
  ASSERT_TRUE(window);
  const auto source = recovery_->FindSource(Record(), window->earliest);
  ASSERT_TRUE(source.has_value()) << source.error().message;
  EXPECT_EQ(*Restore(window->earliest), now_);
  EXPECT_EQ(TagAt(window->earliest), "3");
}

TEST_F(RecoveryTest, WhatIsNotInTheLogAgesNothing) {
  ASSERT_TRUE(Switch(true, 1).has_value());
  for (int hour = 0; hour < 30; ++hour) {
    clock_.Advance(std::chrono::hours(1));
    Tag(std::to_string(hour));
  }
  recovery_->Maintain();
  const auto kept = catalog_->Settings(table_, {}, shard_->Now())->size();
  const Timestamp before = clock_.Now();
  clock_.Advance(std::chrono::minutes(59));
  recovery_->Maintain();
  EXPECT_EQ(catalog_->Settings(table_, {}, shard_->Now())->size(), kept);
  clock_.Set(before);
  const auto oldest = recovery_->WindowOf(Record())->earliest;
  EXPECT_EQ(TagAt(oldest), "5");
}

TEST_F(RecoveryTest, APointOutsideTheWindowIsRefusedWithReadableTimes) {
  ASSERT_TRUE(Switch(true).has_value());
  const auto refused = recovery_->FindSource(Record(), FromMicros(1'600'000'000'000'001));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidRestoreTime);
  EXPECT_NE(refused.error().message.find("got 2020-09-13T12:26:40.000001Z"), std::string::npos)
      << refused.error().message;
}

TEST_F(RecoveryTest, FiguresAreThere) {
  ASSERT_TRUE(Switch(true).has_value());
  WriteMany(40);
  ASSERT_TRUE(Archive().Drain().has_value());
  WriteMany(1);
  recovery_->Maintain();
  const auto stats = recovery_->Stats();
  ASSERT_EQ(stats.size(), 1u);
  EXPECT_EQ(stats[0].first, kRegion);
  EXPECT_GE(stats[0].second.images, 1u);
  EXPECT_GT(stats[0].second.archive.runs, 0u);
  EXPECT_GT(stats[0].second.archive.run_bytes, 0u);
  EXPECT_GT(stats[0].second.archive.debt_bytes, 0u);
  EXPECT_EQ(stats[0].second.archive.stuck, "");
}

}  // namespace
}  // namespace tidemark::pitr
