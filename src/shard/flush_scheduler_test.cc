#include "shard/flush_scheduler.h"

#include "shard/shard_harness.h"

namespace tidemark::shard {
namespace {

class FlushSchedulerTest : public ShardHarness, public testing::Test {
 protected:
  FlushSchedulerTest() : ShardHarness(StoreKind::kInMemory) {}

  bool IsDirty(TableId id) {
    return static_cast<OpenTable&>(*shard().Find(id)).StoreForUpkeep()->OldestDirty().has_value();
  }
  void Fail(TableId id, bool fail) {
    mem_->Afflict(TablePath(id),
                  fail ? engine::MemEngine::Ailment::kBroken : engine::MemEngine::Ailment::kNone);
  }
};

TEST_F(FlushSchedulerTest, FlushesWhoHoldsTheLogBeyondItsWindow) {
  NewLog({.segment_bytes = 64 << 10});
  options.log_window_bytes = 128 << 10;
  Open();
  const TableId old = Create(), hot = Create();
  Put(old, "a", "one");
  while (log_->log->Segments().size() < 6) Put(hot, "a", Bytes(3000, 'x'));
  ASSERT_TRUE(static_cast<OpenTable&>(*shard().Find(hot)).StoreForUpkeep()->Flush().has_value());
  Put(hot, "b", "new");
  Maintain();
  EXPECT_FALSE(IsDirty(old));
  EXPECT_TRUE(IsDirty(hot)) << "it holds nothing old";
  EXPECT_EQ(shard().Stats().flushes, 1u);
  Maintain();  // truncation runs on the log thread: behind this write, it has
  Put(hot, "c", "x");
  EXPECT_GT(log_->log->begin().segment, 3u);
  Crash();
  Open();
  VerifyAll();
}

TEST_F(FlushSchedulerTest, FlushesTheLargestWhenMemoryIsShort) {
  options.dirty_bytes_max = 100'000;
  Open();
  const TableId small = Create(), large = Create(), medium = Create();
  Put(small, "a", Bytes(10'000, 'x'));
  Put(large, "a", Bytes(50'000, 'x'));
  Put(medium, "a", Bytes(30'000, 'x'));
  Maintain();
  EXPECT_EQ(shard().Stats().flushes, 0u) << "within the budget";
  Put(medium, "b", Bytes(15'000, 'x'));
  EXPECT_GT(shard().Stats().dirty_bytes, 100'000u);
  Maintain();
  EXPECT_FALSE(IsDirty(large));
  EXPECT_TRUE(IsDirty(medium)) << "three quarters are enough";
  EXPECT_TRUE(IsDirty(small));
}

TEST_F(FlushSchedulerTest, AFailingTableIsTriedAgainLaterAndStopsNobody) {
  options.dirty_bytes_max = 1000;
  Open();
  const TableId sick = Create(), well = Create();
  Put(sick, "a", Bytes(5000, 'x'));
  Put(well, "a", Bytes(4000, 'x'));
  Fail(sick, true);
  Maintain();
  EXPECT_FALSE(IsDirty(well));
  EXPECT_EQ(shard().Stats().failed_flushes, 1u);
  Maintain();
  EXPECT_EQ(shard().Stats().failed_flushes, 1u) << "it pauses";
  clock_.Advance(FlushScheduler::kPauseMin);
  Maintain();
  EXPECT_EQ(shard().Stats().failed_flushes, 2u);
  clock_.Advance(FlushScheduler::kPauseMin);
  Maintain();
  EXPECT_EQ(shard().Stats().failed_flushes, 2u) << "the pause grows";
  Fail(sick, false);
  clock_.Advance(2 * FlushScheduler::kPauseMin);
  Maintain();
  EXPECT_FALSE(IsDirty(sick));
  VerifyAll();
}

TEST_F(FlushSchedulerTest, WhatCannotBeFlushedIsKeptByTheLog) {
  NewLog({.segment_bytes = 64 << 10});
  options.log_window_bytes = 64 << 10;
  Open();
  const TableId sick = Create(), hot = Create();
  Put(sick, "a", "one");
  Fail(sick, true);
  while (log_->log->Segments().size() < 5) Put(hot, "a", Bytes(3000, 'x'));
  Maintain();
  Maintain();
  Put(hot, "b", "x");
  EXPECT_EQ(log_->log->begin().segment, 1u);
  EXPECT_EQ(shard().Stats().oldest_table, sick);
  Fail(sick, false);
  Crash();
  Open();
  VerifyAll();
}

}  // namespace
}  // namespace tidemark::shard
