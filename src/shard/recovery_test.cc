#include "shard/recovery.h"

#include <random>
#include <thread>

#include "shard/shard_harness.h"

namespace tidemark::shard {
namespace {

class RecoveryTest : public OnBothEngines {};
INSTANTIATE_TEST_SUITE_P(Engines, RecoveryTest,
                         testing::Values(StoreKind::kInMemory, StoreKind::kOnRocks), EngineName);

TEST_P(RecoveryTest, CrashAfterCrashBeforeAnythingIsFlushedLosesNothing) {
  std::mt19937 random(7);
  Close();
  NewLog({.segment_bytes = 64 << 10});
  options.log_window_bytes = 64 << 10;
  Open();
  for (int i = 0; i < 6; ++i) Create();
  for (int round = 0; round < 6; ++round) {
    for (int i = 0; i < 60; ++i) {
      const TableId table = tables_[random() % tables_.size()];
      Put(table, std::to_string(random() % 5),
          Bytes(random() % 200, static_cast<char>('a' + round)));
    }
    Crash();
    Open();
    // Killed again when some have been opened, one of them flushed, the others not touched.
    ASSERT_TRUE(shard().Find(tables_[0])->OpenStore().has_value());
    ASSERT_TRUE(shard().Find(tables_[static_cast<size_t>(round)])->OpenStore().has_value());
    auto& flushed = static_cast<OpenTable&>(*shard().Find(tables_[0]));
    ASSERT_TRUE(flushed.StoreForUpkeep()->Flush().has_value());
    Maintain();
    if (round % 2 == 0) {
      Crash();
    } else {
      Close();
    }
    Open();
  }
  VerifyAll();
  Close();
  Open();
  VerifyAll();
}

TEST_P(RecoveryTest, TheBackgroundAppliesWhatNobodyTouches) {
  for (int i = 0; i < 5; ++i) Put(Create(), "a", "one");
  Crash();
  options.pay_backlogs = true;
  Open();
  while (shard().Stats().backlog_tables > 0) std::this_thread::yield();
  EXPECT_EQ(shard().Stats().opened, 5u);
  VerifyAll();
}

TEST_P(RecoveryTest, ATailTooLargeForMemoryIsAppliedWhileItIsRead) {
  for (int i = 0; i < 3; ++i) Create();
  for (int i = 0; i < 150; ++i) {
    Put(tables_[static_cast<size_t>(i) % 3], std::to_string(i % 20), Bytes(1000, 'x'));
  }
  Crash();
  options.tail_memory_max = 20'000;
  Open();
  EXPECT_GT(shard().Stats().opened, 0u);
  EXPECT_LT(shard().Stats().backlog_bytes, 60'000u);
  VerifyAll();
  Crash();
  Open();
  VerifyAll();
}

TEST_P(RecoveryTest, WhatIsFlushedIsNotAppliedAgainAndReplayMovesOn) {
  Put(Create(), "a", "one");
  Close();
  Open();
  Put(tables_[0], "b", "two");
  auto& table = static_cast<OpenTable&>(*shard().Find(tables_[0]));
  ASSERT_TRUE(table.StoreForUpkeep()->Flush().has_value());
  Crash();
  Open();
  EXPECT_EQ(shard().Stats().backlog_tables, 1u);
  Verify(tables_[0]);
  EXPECT_EQ(static_cast<OpenTable&>(*shard().Find(tables_[0])).OldestNeeded(), std::nullopt);
}

// Three tables with a change each in frames of their own; the middle frame is damaged.
class DamageTest : public ShardHarness, public testing::Test {
 protected:
  DamageTest() : ShardHarness(StoreKind::kInMemory) {
    Open();
    for (int i = 0; i < 3; ++i) Create();
    Put(tables_[0], "a", "one");
    EXPECT_TRUE(Flush(tables_[0]));  // it does not reach over the range
    const log::Position from = log_->log->end();
    Put(tables_[1], "a", "lost");
    const log::Position to = log_->log->end();
    Put(tables_[2], "a", "three");
    EXPECT_TRUE(Flush(tables_[2]));  // it does
    log_->damage.push_back(
        {.from = from, .to = to, .what = "segment 1 is damaged", .accepted = false});
  }
  bool Flush(TableId id) {
    return static_cast<OpenTable&>(*shard().Find(id)).StoreForUpkeep()->Flush().has_value();
  }
};

TEST_F(DamageTest, FencesWhoMayLackSomethingAndOthersServe) {
  Crash();
  Open();
  Verify(tables_[2]);
  Put(tables_[2], "b", "four");
  for (const TableId id : {tables_[0], tables_[1]}) {
    const auto read = Get(id, "a");
    ASSERT_FALSE(read.has_value());
    EXPECT_NE(read.error().message.find("segment 1 is damaged"), std::string::npos);
    EXPECT_FALSE(Write(id, "a", PutRow("x")).has_value());
  }
  EXPECT_EQ(shard().Stats().fenced_tables, 2u);
  // The log keeps the place, so that the next start finds it as it was.
  Maintain();
  Close();
  log_->damage.clear();  // the file was put back
  Open();
  VerifyAll();
}

TEST_F(DamageTest, IsOvercomeByAnOperatorsWord) {
  Crash();
  log_->damage[0].accepted = true;
  Open();
  rows_[tables_[1]].clear();
  Verify(tables_[0]);
  Verify(tables_[2]);
  EXPECT_EQ(Get(tables_[1], "a").value(), std::nullopt);
  Put(tables_[1], "b", "two");
}

TEST_F(DamageTest, BeforeEverythingThatIsMissingConcernsNobody) {
  for (const TableId id : tables_) ASSERT_TRUE(Flush(id));
  Close();
  Open();
  VerifyAll();
  EXPECT_EQ(shard().Stats().fenced_tables, 0u);
}

TEST(LogOfAnotherTime, FencesTablesThatKnowMore) {
  ShardHarness harness(StoreKind::kInMemory);
  harness.Open();
  const TableId ahead = harness.Create(), behind = harness.Create();
  harness.Put(ahead, "a", "one");
  harness.Close();
  harness.NewLog({});  // the same number, without what the table holds
  harness.Open();
  const auto read = harness.Get(ahead, "a");
  ASSERT_FALSE(read.has_value());
  EXPECT_NE(read.error().message.find("newest part is missing"), std::string::npos);
  harness.Put(behind, "a", "one");
  harness.Verify(behind);
}

TEST(LogOfAnotherTime, FencesTablesOfAnotherLog) {
  ShardHarness harness(StoreKind::kInMemory);
  harness.Open();
  const TableId foreign = harness.Create();
  harness.Put(foreign, "a", "one");
  harness.Close();
  harness.NewLog({.log_id = 2});
  harness.Open();
  const auto read = harness.Get(foreign, "a");
  ASSERT_FALSE(read.has_value());
  EXPECT_NE(read.error().message.find("was replaced"), std::string::npos);
}

TEST(Backlog, KeepsTheNewestVersionOfARow) {
  auto engine = engine::MakeMemEngine();
  auto store = *engine->Create("t", TableId{});
  Backlog backlog;
  const auto at = [](uint32_t offset) { return log::Position{1, 1, offset}; };
  for (uint32_t i = 0; i < 20'000; ++i) {
    TableChange change;
    change.totals.items = i;
    change.rows.push_back({Key(std::to_string(i % 7)), std::to_string(i)});
    if (i == 10'000) change.rows.push_back({Key("gone"), std::nullopt});
    backlog.Add(at(i * 4096 % (1 << 30) + 4096), std::move(change));
  }
  EXPECT_LT(backlog.bytes(), 4000u) << "eight rows";
  EXPECT_EQ(backlog.first(), at(4096));
  ASSERT_TRUE(
      store->Apply(std::vector<engine::RowWrite>{{Key("gone"), "x"}}, at(0), EncodeTotals({}))
          .has_value());
  ASSERT_TRUE(backlog.ApplyTo(*store).has_value());
  EXPECT_EQ(store->Get(Key("6")).value(),
            std::to_string(19'998 - 19'998 % 7 + 6 - 7 * (19'998 % 7 < 6)));
  EXPECT_EQ(store->Get(Key("gone")).value(), std::nullopt);
  EXPECT_EQ(DecodeTotals(store->Note())->items, 19'999u);
  ASSERT_TRUE(store->Flush().has_value());
  EXPECT_EQ(store->Flushed(), backlog.last());
}

}  // namespace
}  // namespace tidemark::shard
