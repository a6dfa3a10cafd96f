#include "shard/fenced_tables.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "shard/sick_table_fixture.h"

namespace tidemark::shard {
namespace {

using std::chrono::seconds;

class FencedTablesTest : public SickTableTest {
 protected:
  FencedTablesTest() {
    // A segment for each frame, and a window of a few of them.
    log_ = std::make_shared<LogFaults>(log::MemLogOptions{.segment_bytes = 8192});
    options_.log_window_bytes = 20'000;
  }

  // The sick table has one row applied and durable, one applied, and two that it refuses; it is
  // fenced.
  void Fence() {
    Start();
    ASSERT_TRUE(Write(sick_, "durable", PutRow("1")).has_value());
    Age();
    ASSERT_TRUE(Write(sick_, "applied", PutRow("22")).has_value());
    MakeSick(ErrorKind::kBusy);
    auto one = Begin(sick_, "refused", PutRow("333"));
    auto two = Begin(sick_, "durable", PutRow("4444"));
    Through();
    clock_.Advance(seconds(31));
    EXPECT_EQ(one.get().error().kind, ErrorKind::kIo);
    EXPECT_EQ(two.get().error().kind, ErrorKind::kIo);
    owed_from_ = log_->log->end();
    MakeSick(ErrorKind::kIo);
  }
  // Fills the log's window, so that tables are flushed and segments dropped as far as may be.
  void Age() {
    for (int i = 0; i < 10; ++i) Through();
    for (int i = 0; i < 3; ++i) {
      Maintain();
      local().scheduler().Wait();
    }
  }
  void ExpectEverything() {
    sick_ = shard_->Find(options_.active_tables[0]);
    EXPECT_EQ(Read(sick_, "durable"), "4444");
    EXPECT_EQ(Read(sick_, "applied"), "22");
    EXPECT_EQ(Read(sick_, "refused"), "333");
    Totals expected{.items = 3, .bytes = 9, .hash = {}};
    expected.hash += item::HashRow(Key("durable"), "4444");
    expected.hash += item::HashRow(Key("applied"), "22");
    expected.hash += item::HashRow(Key("refused"), "333");
    EXPECT_EQ(TotalsOf(sick_), expected);
  }
  void ExpectItTakesWrites() {
    const auto written = Write(sick_, "durable", PutRow("55555"));
    ASSERT_TRUE(written.has_value()) << written.error().message;
    EXPECT_EQ(TotalsOf(sick_).bytes, 10u);
    EXPECT_EQ(Read(sick_, "durable"), "55555");
  }
  std::string OwedFile() { return directory_ + "/owed/" + options_.active_tables[0].ToString(); }

  log::Position owed_from_;  // the refused changes are before this
};

TEST_F(FencedTablesTest, HasAnOwedRunSoThatTheLogNeedNotWaitAndHealsByItself) {
  Fence();
  Maintain();  // sees it
  Maintain();  // writes the run, and fails to heal
  EXPECT_TRUE(Exists(OwedFile()));
  EXPECT_EQ(shard_->Stats().owed_runs, 1u);
  EXPECT_EQ(shard_->Stats().fenced_tables, 1u);
  Age();
  EXPECT_GE(log_->log->begin(), owed_from_) << "the log waits for the table";

  MakeSick(std::nullopt);
  clock_.Advance(seconds(61));
  Maintain();
  EXPECT_EQ(shard_->Stats().fenced_tables, 0u);
  EXPECT_EQ(shard_->Stats().healed_tables, 1u);
  EXPECT_FALSE(Exists(OwedFile())) << "it would be found at a start";
  ExpectEverything();
  ExpectItTakesWrites();
  Crash();
  Start();
  EXPECT_EQ(Read(sick_, "durable"), "55555");
  EXPECT_EQ(Read(sick_, "refused"), "333");
}

TEST_F(FencedTablesTest, AStoreThatFailsIsFencedAtOnceAndTriedAgainAtLongerAndLongerIntervals) {
  Start();
  MakeSick(ErrorKind::kIo);
  EXPECT_EQ(Write(sick_, "a", PutRow("1")).error().kind, ErrorKind::kIo);
  Maintain();
  Maintain();
  const auto attempts = [&] { return local().fenced().stats().failed; };
  EXPECT_EQ(attempts(), 1u);
  for (const int pause : {5, 10, 20, 40, 80, 160, 300, 300}) {
    const auto before = attempts();
    clock_.Advance(seconds(pause) - Micros(1));
    Maintain();
    EXPECT_EQ(attempts(), before) << pause;
    clock_.Advance(Micros(1));
    Maintain();
    EXPECT_EQ(attempts(), before + 1) << pause;
  }
  MakeSick(std::nullopt);
  clock_.Advance(seconds(300));
  Maintain();
  EXPECT_EQ(Read(sick_, "a"), "1");
}

TEST_F(FencedTablesTest, AReaderWhoHoldsTheStoreDelaysTheCureAndIsNotHurt) {
  Fence();
  MakeSick(std::nullopt);
  auto store = sick_->StoreIfOpen();
  ASSERT_TRUE(store);
  auto scan = store->Scan({.begin = Key("")});
  ASSERT_TRUE(scan.has_value());
  Maintain();
  Maintain();
  EXPECT_EQ(shard_->Stats().fenced_tables, 1u);
  int rows = 0;
  for (; (*scan)->Valid(); (*scan)->Next()) ++rows;
  EXPECT_EQ(rows, 2) << "applied state";
  scan->reset();
  store.reset();
  clock_.Advance(seconds(5));
  Maintain();
  EXPECT_EQ(shard_->Stats().fenced_tables, 0u);
  ExpectEverything();
}

TEST_F(FencedTablesTest, ACrashBeforeTheOwedRunLosesNothing) {
  Fence();
  Crash();
  engine_.FailApply(options_.active_tables[0], std::nullopt);
  Start();
  ExpectEverything();
  ExpectItTakesWrites();
}

TEST_F(FencedTablesTest, ACrashWithAnOwedRunAndWithoutItsLogLosesNothing) {
  Fence();
  Maintain();
  Maintain();
  Age();
  ASSERT_GE(log_->log->begin(), owed_from_);
  Crash();
  engine_.FailApply(options_.active_tables[0], std::nullopt);
  Start();
  ExpectEverything();
  ExpectItTakesWrites();
  EXPECT_FALSE(Exists(OwedFile()));
}

TEST_F(FencedTablesTest, AStartWhileItIsSickStillServesOthersAndHealsLater) {
  Fence();
  Maintain();
  Maintain();
  Crash();
  Start();
  EXPECT_FALSE(sick_->OpenStore().has_value());
  Through();
  engine_.FailApply(options_.active_tables[0], std::nullopt);
  clock_.Advance(seconds(10));
  ExpectEverything();
  ExpectItTakesWrites();
}

TEST_F(FencedTablesTest, IsNotPinnedWhileItsOwedRunHoldsWhatAnImageWouldNeed) {
  Fence();
  const std::string images = shard_->ImagesDirectory();
  const auto early = shard_->Pin(sick_->id(), images + "/early", "{}");
  ASSERT_TRUE(early.has_value()) << early.error().message;
  EXPECT_LT(early->replay_from, owed_from_) << "the log completes the image";
  EXPECT_EQ(early->totals.items, 3u);
  Maintain();
  Maintain();
  EXPECT_FALSE(shard_->Pin(sick_->id(), images + "/late", "{}").has_value());
}

TEST_F(FencedTablesTest, CanBeDropped) {
  Fence();
  Maintain();
  Maintain();
  ASSERT_TRUE(Exists(OwedFile()));
  const auto dropped = shard_->DropTable(sick_->id(), "{}");
  ASSERT_TRUE(dropped.has_value()) << dropped.error().message;
  EXPECT_FALSE(Exists(OwedFile()));
  Maintain();
  Maintain();
  EXPECT_EQ(local().fenced().stats().tended, 0u);
}

TEST_F(FencedTablesTest, WithoutKeysTheLogIsKeptAndTheNextStartAppliesIt) {
  options_.keys = nullptr;
  Fence();
  Maintain();
  Maintain();
  Age();
  EXPECT_LT(log_->log->begin(), owed_from_);
  EXPECT_FALSE(Exists(OwedFile()));
  Crash();
  engine_.FailApply(options_.active_tables[0], std::nullopt);
  Start();
  ExpectEverything();
}

}  // namespace
}  // namespace tidemark::shard
