#include "metering/meter.h"

#include <gmock/gmock.h>

#include "metering/meter_fixture.h"
#include "metering/summary.h"

namespace tidemark::metering {
namespace {

using catalog::BackupType;
using std::chrono::hours;
using std::chrono::minutes;

class MeterTest : public MeterFixture {
 protected:
  void Tick() {
    const auto done = meter_->Tick();
    ASSERT_TRUE(done) << done.error().message;
  }
  // Bytes and life of each entry, in hours since the test began.
  std::vector<std::string> Lives() const {
    std::vector<std::string> lives;
    const auto hour = [&](Timestamp time) {
      return static_cast<double>((time - begin_).count()) / 3.6e9;
    };
    for (const Entry& entry : Entries()) {
      lives.push_back(fmt::format("{} {} {:.2f} {}", ToString(entry.kind), entry.bytes,
                                  hour(entry.from),
                                  entry.IsOpen() ? "-" : fmt::format("{:.2f}", hour(entry.until))));
    }
    std::ranges::sort(lives);
    return lives;
  }

  const Timestamp begin_ = clock_.Now();
  const TableId table_ = AddTable("Users");
};

using testing::ElementsAre;

TEST_F(MeterTest, ABackupCountsFromItsInstantUntilItIsErased) {
  const auto arn = AddBackup(table_, BackupType::kUser, 100);
  Pass(minutes(30));
  Tick();
  EXPECT_THAT(Lives(), ElementsAre("ON_DEMAND 100 0.00 -"));
  Pass(minutes(30));
  ASSERT_TRUE(catalog_->EraseBackup(arn));
  EXPECT_THAT(Lives(), ElementsAre("ON_DEMAND 100 0.00 1.00"));
  Pass(minutes(30));
  Tick();
  EXPECT_THAT(Lives(), ElementsAre("ON_DEMAND 100 0.00 1.00"));
  Restart();
  EXPECT_THAT(Lives(), ElementsAre("ON_DEMAND 100 0.00 1.00"));
}

TEST_F(MeterTest, WhatMovesToColdStorageIsChargedAsThatFromThenOn) {
  const auto arn = AddBackup(table_, BackupType::kAwsBackup, 100);
  Tick();
  Pass(hours(24));
  MoveToCold(arn);
  Pass(hours(1));
  Tick();
  Tick();
  EXPECT_THAT(Lives(),
              ElementsAre("AWS_BACKUP_COLD 100 24.00 -", "AWS_BACKUP_WARM 100 0.00 24.00"));
  Restart();
  Pass(hours(24 * 90));
  ASSERT_TRUE(catalog_->EraseBackup(arn));
  Tick();
  EXPECT_THAT(Lives(),
              ElementsAre("AWS_BACKUP_COLD 100 24.00 2185.00", "AWS_BACKUP_WARM 100 0.00 24.00"));
}

TEST_F(MeterTest, AMoveThatNobodySawIsChargedAllTheSame) {
  for (const bool restarts : {true, false}) {
    const auto arn = AddBackup(table_, BackupType::kAwsBackup, 100);
    if (restarts) Tick();
    Pass(hours(24));
    MoveToCold(arn);
    Pass(hours(24 * 90));
    if (restarts) Restart();
    ASSERT_TRUE(catalog_->EraseBackup(arn));
    Tick();
  }
  EXPECT_THAT(
      Lives(),
      ElementsAre("AWS_BACKUP_COLD 100 2208.00 4368.00", "AWS_BACKUP_COLD 100 24.00 2184.00",
                  "AWS_BACKUP_WARM 100 0.00 24.00", "AWS_BACKUP_WARM 100 2184.00 2208.00"));
}

TEST_F(MeterTest, TheRestOfNinetyDaysInColdStorageIsCharged) {
  const uint64_t bytes = 100ull << 30;
  const auto arn = AddBackup(table_, BackupType::kAwsBackup, bytes);
  MoveToCold(arn);
  Pass(hours(24 * 30));
  Tick();
  ASSERT_TRUE(catalog_->EraseBackup(arn));
  Tick();
  Restart();
  const PriceBook book = PriceBook::BuiltIn();
  Summary summary(book, {begin_, Now() + hours(1), {Dimension::kKind}});
  for (const Entry& entry : Entries()) summary.Add(entry);
  EXPECT_EQ(ToCents(summary.groups().at({"AWS_BACKUP_COLD_EARLY_DELETION"}).cost), "6.00");
  EXPECT_EQ(summary.Total().kept_bytes, 0u);
}

TEST_F(MeterTest, ABackupThatNobodySawIsChargedAllTheSame) {
  const auto arn = AddBackup(table_, BackupType::kAwsBackup, 100);
  Pass(minutes(15));
  ASSERT_TRUE(catalog_->EraseBackup(arn));
  EXPECT_THAT(Lives(), ElementsAre("AWS_BACKUP_WARM 100 0.00 0.25"));
}

TEST_F(MeterTest, ACopyCountsFromWhenItWasMade) {
  copied_ = clock_.Now() + hours(24);
  const auto arn = AddBackup(table_, BackupType::kAwsBackup, 100, "arn:of:the:table");
  AddBackup(table_, BackupType::kAwsBackup, 10);
  Pass(hours(30));
  ASSERT_TRUE(catalog_->EraseBackup(arn));
  Tick();
  EXPECT_THAT(Lives(), ElementsAre("AWS_BACKUP_WARM 10 0.00 -", "AWS_BACKUP_WARM 100 24.00 30.00"));
}

TEST_F(MeterTest, SystemBackupsAreFree) {
  const auto arn = AddBackup(table_, BackupType::kSystem, 100);
  Tick();
  ASSERT_TRUE(catalog_->EraseBackup(arn));
  Tick();
  EXPECT_THAT(Lives(), ElementsAre());
}

TEST_F(MeterTest, ABackupMadeBeforeTheServerWasDownCountsFromItsInstant) {
  AddBackup(table_, BackupType::kUser, 100);
  Pass(hours(24));
  Restart();
  EXPECT_THAT(Lives(), ElementsAre("ON_DEMAND 100 0.00 -"));
}

TEST_F(MeterTest, AnEndThatACrashCutOffIsTakenBack) {
  const auto arn = AddBackup(table_, BackupType::kUser, 100);
  SwitchRecovery(table_, true);
  Tick();
  Pass(hours(1));
  ASSERT_TRUE(meter_->BackupEnds(*catalog_->FindBackup(arn)));
  ASSERT_TRUE(meter_->RecoveryEnds(*catalog_->FindTable(table_)));
  EXPECT_THAT(Lives(), ElementsAre("ON_DEMAND 100 0.00 1.00", "PITR 0 0.00 1.00"));
  Restart();
  EXPECT_THAT(Lives(), ElementsAre("ON_DEMAND 100 0.00 -", "PITR 0 0.00 -"));
  Pass(hours(1));
  ASSERT_TRUE(catalog_->EraseBackup(arn));
  SwitchRecovery(table_, false);
  Restart();
  EXPECT_THAT(Lives(), ElementsAre("ON_DEMAND 100 0.00 2.00", "PITR 0 0.00 2.00"));
}

TEST_F(MeterTest, ATableCountsByItsSizeAtTheHoursBegin) {
  Resize(table_, 1000);
  Pass(minutes(30));
  SwitchRecovery(table_, true);
  Tick();
  Resize(table_, 3000);
  Tick();
  EXPECT_THAT(Lives(), ElementsAre("PITR 1000 0.50 -"));
  Pass(minutes(30));
  Tick();
  EXPECT_THAT(Lives(), ElementsAre("PITR 1000 0.50 1.00", "PITR 3000 1.00 -"));
  Pass(hours(5));
  Tick();
  Resize(table_, 2000);
  Pass(hours(3));  // nobody saw these hours begin
  Tick();
  SwitchRecovery(table_, false);
  Tick();
  EXPECT_THAT(Lives(),
              ElementsAre("PITR 1000 0.50 1.00", "PITR 2000 7.00 9.00", "PITR 3000 1.00 7.00"));
}

TEST_F(MeterTest, RecoveryOfATableEndsWithTheTableAndBeginsAnewWithEachSwitch) {
  SwitchRecovery(table_, true);
  Tick();
  Pass(hours(1));
  SwitchRecovery(table_, false);
  SwitchRecovery(table_, true);
  Tick();
  Pass(hours(1));
  ASSERT_TRUE(catalog_->EraseTable(table_));
  Tick();
  EXPECT_THAT(Lives(), ElementsAre("PITR 0 0.00 1.00", "PITR 0 1.00 2.00"));
}

TEST_F(MeterTest, WhatIsDoneOnceIsAddedOnce) {
  done_ = {{.account = account_,
            .region = region_,
            .kind = Kind::kRestore,
            .id = "job",
            .resource = "arn",
            .table = "Users",
            .bytes = 10,
            .from = clock_.Now() + hours(1),
            .until = clock_.Now() + hours(1)}};
  Tick();
  Tick();
  Restart();
  EXPECT_THAT(Lives(), ElementsAre("RESTORE 10 1.00 1.00"));
  done_.clear();
  Tick();
  EXPECT_THAT(Lives(), ElementsAre("RESTORE 10 1.00 1.00"));
}

TEST_F(MeterTest, LocalIndexesCountAndGlobalOnesDoNot) {
  catalog::TableRecord table;
  table.indexes.resize(2);
  table.indexes[0].definition.number = 2;
  table.indexes[0].local = true;
  table.indexes[1].definition.number = 3;
  shard::Totals totals;
  totals.bytes = 100;
  totals.indexes = {{.index = 2, .bytes = 20}, {.index = 3, .bytes = 30}};
  EXPECT_EQ(ChargedBytes(totals, table), 120U);
}

TEST_F(MeterTest, ForgetsAnAccount) {
  const auto arn = AddBackup(table_, BackupType::kUser, 100);
  AddBackup(table_, BackupType::kUser, 100);
  Tick();
  ASSERT_TRUE(catalog_->EraseBackup(arn));
  Tick();
  ASSERT_TRUE(catalog_->EraseAccount(account_));
  ASSERT_TRUE(meter_->Forget(account_));
  Restart();
  EXPECT_THAT(Lives(), ElementsAre());
}

}  // namespace
}  // namespace tidemark::metering
