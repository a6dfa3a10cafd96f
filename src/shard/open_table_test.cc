#include "shard/open_table.h"

#include <thread>

#include "shard/shard_harness.h"

namespace tidemark::shard {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class OpenTableTest : public OnBothEngines {};
INSTANTIATE_TEST_SUITE_P(Engines, OpenTableTest,
                         testing::Values(StoreKind::kInMemory, StoreKind::kOnRocks), EngineName);

TEST_P(OpenTableTest, AStartOpensNoTableAndATouchAppliesWhatTheLogHolds) {
  std::vector<TableId> ids = {Create(), Create(), Create()};
  for (const TableId id : ids) {
    Put(id, "a", "one");
    Put(id, "b", "two");
    Put(id, "a", "three");
  }
  Crash();
  Open();
  EXPECT_EQ(shard().Stats().open_tables, 0u);
  EXPECT_EQ(shard().Stats().backlog_tables, 3u);
  EXPECT_EQ(shard().Find(ids[1])->StoreIfOpen(), nullptr);
  EXPECT_EQ(shard().Find(ids[1])->TotalsIfKnown()->bytes, 8u) << "known from the log";
  EXPECT_EQ(Get(ids[0], "a").value(), "three");
  EXPECT_EQ(shard().Stats().open_tables, 1u);
  EXPECT_EQ(shard().Stats().backlog_tables, 2u);
  VerifyAll();
  EXPECT_EQ(shard().Stats().backlog_tables, 0u);
}

TEST_P(OpenTableTest, AWriteToATableNeverOpenedSeesWhatTheLogHolds) {
  const TableId id = Create();
  Put(id, "n", "41");
  Crash();
  Open();
  ASSERT_TRUE(Write(id, "n", Increment()).has_value());
  rows_[id]["n"] = "42";
  Verify(id);
  Crash();
  Open();
  Verify(id);
}

TEST_P(OpenTableTest, AfterACleanStopNothingIsOwedAndTotalsAreFound) {
  const TableId id = Create();
  Put(id, "a", "one");
  Close();
  Open();
  EXPECT_EQ(shard().Stats().backlog_tables, 0u);
  EXPECT_EQ(shard().Find(id)->TotalsIfKnown(), std::nullopt);
  Verify(id);
}

TEST_P(OpenTableTest, ConcurrentFirstTouchesOpenItOnce) {
  const TableId id = Create();
  for (int i = 0; i < 100; ++i) Put(id, std::to_string(i), std::string(100, 'x'));
  Put(id, "n", "0");
  Crash();
  Open();
  const uint64_t opened = shard().Stats().opened;
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (size_t i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      if (i % 2 == 0) {
        if (!Write(id, "n", Increment(), i / 2)) ++wrong;
      } else if (Get(id, std::to_string(i), i / 2).value_or(std::nullopt) != Bytes(100, 'x')) {
        ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(shard().Stats().opened, opened + 1);
  rows_[id]["n"] = "4";
  Verify(id);
}

TEST_P(OpenTableTest, AnIdleTableIsFlushedClosedAndOpenedAgain) {
  const TableId idle = Create(), used = Create();
  Put(idle, "a", "one");
  Put(used, "a", "one");
  Maintain();
  clock_.Advance(minutes(11));
  Put(used, "a", "two");
  Maintain();  // asks for the flush
  Maintain();  // closes
  EXPECT_EQ(shard().Find(idle)->StoreIfOpen(), nullptr);
  EXPECT_NE(shard().Find(used)->StoreIfOpen(), nullptr);
  EXPECT_EQ(shard().Stats().closed, 1u);
  Put(idle, "b", "two");
  VerifyAll();
  Crash();
  Open();
  VerifyAll();
}

TEST_P(OpenTableTest, TablesAreClosedAndUsedAtTheSameTime) {
  Close();
  options.idle_close = seconds(0);
  Open();
  // Many, so that one is clean now and then when it is looked at.
  constexpr size_t kTables = 16, kEach = 160;
  for (size_t i = 0; i < kTables; ++i) Create();
  std::vector<std::thread> threads;
  std::atomic<int> running = 4, failed = 0;
  for (size_t writer = 0; writer < 4; ++writer) {
    threads.emplace_back([&, writer] {
      for (size_t i = 0; i < kEach; ++i) {
        const TableId table = tables_[(writer + i) % tables_.size()];
        const std::string row = std::to_string(writer);
        if (!Write(table, row, Increment(), writer)) ++failed;
        if (!Get(table, row, writer).value_or(std::nullopt)) ++failed;
        if (i % 8 == 0 && !shard().LogControl(table, "{}")) ++failed;
      }
      --running;
    });
  }
  while (running > 0) Maintain();
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  for (const TableId table : tables_) {
    for (size_t writer = 0; writer < 4; ++writer)
      rows_[table][std::to_string(writer)] = std::to_string(kEach / kTables);
  }
  VerifyAll();
  Crash();
  Open();
  VerifyAll();
}

TEST_P(OpenTableTest, ATableThatIsReadIsNotClosed) {
  const TableId id = Create();
  Put(id, "a", "one");
  Maintain();
  auto store = shard().Find(id)->StoreIfOpen();
  clock_.Advance(minutes(11));
  Maintain();
  Maintain();
  clock_.Advance(minutes(11));
  Maintain();
  Maintain();
  EXPECT_EQ(shard().Stats().open_tables, 1u);
  EXPECT_EQ(store->Get(Key("a")).value(), "one");
  store.reset();
  Maintain();
  EXPECT_EQ(shard().Stats().open_tables, 0u);
}

TEST_P(OpenTableTest, BeyondTheBoundTheLeastRecentlyUsedAreClosed) {
  Close();
  options.open_tables_max = 2;
  Open();
  std::vector<TableId> ids;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(Create());
    Put(ids.back(), "a", "one");
    clock_.Advance(seconds(2));
    Maintain();
    Maintain();
  }
  EXPECT_EQ(shard().Stats().open_tables, 2u);
  EXPECT_EQ(shard().Find(ids[0])->StoreIfOpen(), nullptr);
  EXPECT_NE(shard().Find(ids[3])->StoreIfOpen(), nullptr);
  VerifyAll();
}

TEST_P(OpenTableTest, ATableWithoutItsDirectoryIsFencedAndOthersServe) {
  const TableId there = Create();
  Put(there, "a", "one");
  Crash();
  const TableId gone = TableId::Make(TheSystemRandom());
  tables_.push_back(gone);  // the catalog knows it
  Open();
  const auto read = Get(gone, "a");
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().kind, ErrorKind::kIo);
  EXPECT_NE(read.error().message.find(TablePath(gone)), std::string::npos) << read.error().message;
  EXPECT_FALSE(Write(gone, "a", PutRow("x")).has_value());
  EXPECT_FALSE(shard().Pin(gone, shard().ImagesDirectory() + "/p", "{}").has_value());
  EXPECT_EQ(shard().Stats().fenced_tables, 1u);
  Put(there, "a", "two");
  Verify(there);
  ASSERT_TRUE(shard().DropTable(gone, "{}").has_value());
  EXPECT_EQ(shard().Find(gone), nullptr);
}

TEST_P(OpenTableTest, AClosedTableCanBeDroppedAndPinned) {
  const TableId dropped = Create(), pinned = Create();
  Put(dropped, "a", "one");
  Put(pinned, "a", "one");
  Crash();
  Open();
  ASSERT_TRUE(shard().DropTable(dropped, "{}").has_value());
  Forget(dropped);
  EXPECT_EQ(shard().Find(dropped), nullptr);
  const auto pin = shard().Pin(pinned, shard().ImagesDirectory() + "/p", "{}");
  ASSERT_TRUE(pin.has_value()) << pin.error().message;
  EXPECT_EQ(pin->totals.items, 1u);
  Put(pinned, "b", "two");
  Crash();
  Open();
  VerifyAll();
}

TEST_P(OpenTableTest, ADroppedTableIsReadByThoseWhoHoldItAndByNobodyElse) {
  const TableId id = Create();
  Put(id, "a", "one");
  const auto handle = shard().Find(id);
  auto store = handle->StoreIfOpen();
  ASSERT_TRUE(shard().DropTable(id, "{}").has_value());
  EXPECT_EQ(store->Get(Key("a")).value(), "one");
  EXPECT_EQ(handle->OpenStore().error().kind, ErrorKind::kResourceNotFound);
  store.reset();
  pool_->Stop();  // what it does, it has done
  EXPECT_FALSE(std::filesystem::exists(TablePath(id)));
}

TEST(UnreadableTable, IsServedAgainWhenItsDirectoryIsBack) {
  ShardHarness harness(StoreKind::kOnRocks);
  harness.Open();
  const TableId sick = harness.Create(), well = harness.Create();
  harness.Put(sick, "a", "one");
  harness.Put(well, "a", "one");
  harness.Crash();
  const std::string current = harness.TablePath(sick) + "/CURRENT";
  std::filesystem::rename(current, harness.directory_ + "/CURRENT");
  harness.Open();
  EXPECT_FALSE(harness.Get(sick, "a").has_value());
  harness.Verify(well);
  std::filesystem::rename(harness.directory_ + "/CURRENT", current);
  EXPECT_FALSE(harness.Get(sick, "a").has_value()) << "tried again too soon";
  harness.clock_.Advance(seconds(6));
  harness.Verify(sick);
  EXPECT_EQ(harness.shard().Stats().fenced_tables, 0u);
  harness.Put(sick, "b", "two");
  harness.Verify(sick);
}

TEST(UnknownTable, IsRemovedAtStart) {
  ShardHarness harness(StoreKind::kOnRocks);
  harness.Open();
  const TableId unknown = harness.Create(), known = harness.Create();
  harness.Close();
  harness.Forget(unknown);
  harness.options.known = [&](TableId id) { return id != unknown; };
  harness.Open();
  EXPECT_EQ(harness.shard().Find(unknown), nullptr);
  EXPECT_FALSE(std::filesystem::exists(harness.TablePath(unknown)));
  EXPECT_NE(harness.shard().Find(known), nullptr);
}

}  // namespace
}  // namespace tidemark::shard
