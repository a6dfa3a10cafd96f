// What the queue does when the log or the disk refuses.
#include "shard/commit_queue.h"

#include <gtest/gtest.h>

#include "shard/sick_table_fixture.h"

namespace tidemark::shard {
namespace {

class CommitQueueTest : public SickTableTest {
 protected:
  // What was begun before is queued, or waits for its latch.
  void Queued() {
    std::promise<void> done;
    asio::post(threads_.context(0), [&] { done.set_value(); });
    done.get_future().wait();
  }
};

TEST_F(CommitQueueTest, ALogWithoutRoomRefusesWhatIsQueuedAndNothingElse) {
  Start();
  ASSERT_TRUE(Write(sick_, "n", Increment()).has_value());
  log_->HoldNext(ErrorKind::kNoSpace);
  auto one = Begin(sick_, "n", Increment());
  log_->WaitUntilHeld();
  auto two = Begin(sick_, "n", Increment());  // rests on the image of the first
  auto condition = Begin(sick_, "n", FailedCondition());
  auto other = Begin(well_, "a", PutRow("1"));
  Queued();
  log_->LetGo();
  EXPECT_EQ(one.get().error().kind, ErrorKind::kNoSpace);
  EXPECT_EQ(two.get().error().kind, ErrorKind::kNoSpace);
  EXPECT_EQ(condition.get().error().kind, ErrorKind::kNoSpace);
  EXPECT_EQ(other.get().error().kind, ErrorKind::kNoSpace);
  EXPECT_FALSE(shard_->Writable().has_value());
  clock_.Advance(std::chrono::seconds(11));
  EXPECT_TRUE(shard_->Writable().has_value()) << "nobody who asks first would try";

  ASSERT_TRUE(Write(sick_, "n", Increment()).has_value());
  EXPECT_TRUE(shard_->Writable().has_value());
  EXPECT_EQ(Read(sick_, "n"), "2") << "increments that were refused took effect";
  Totals expected{.items = 1, .bytes = 1, .hash = item::HashRow(Key("n"), "2")};
  EXPECT_EQ(TotalsOf(sick_), expected);
  Crash();
  Start();
  EXPECT_EQ(Read(sick_, "n"), "2");
  EXPECT_EQ(TotalsOf(sick_), expected);
  EXPECT_EQ(TotalsOf(well_), Totals{});
}

TEST_F(CommitQueueTest, ALogWithoutRoomWhileATableIsParkedKeepsTheOrderOfItsRows) {
  Start();
  ASSERT_TRUE(Write(sick_, "n", Increment()).has_value());
  MakeSick(ErrorKind::kBusy);
  auto parked = Begin(sick_, "n", Increment());
  Through();
  log_->HoldNext(ErrorKind::kNoSpace);
  auto refused = Begin(sick_, "n", Increment());
  log_->WaitUntilHeld();
  log_->LetGo();
  (void)shard_->LogControl(well_->id(), "{}");  // falls with it, or comes behind it
  auto meanwhile = Begin(sick_, "n", Increment());
  Queued();
  MakeSick(std::nullopt);
  EXPECT_TRUE(parked.get().has_value());
  EXPECT_EQ(refused.get().error().kind, ErrorKind::kNoSpace);
  EXPECT_FALSE(meanwhile.get().has_value()) << "it rested on what was refused";
  ASSERT_TRUE(Write(sick_, "n", Increment()).has_value());
  EXPECT_EQ(Read(sick_, "n"), "3");
  EXPECT_EQ(TotalsOf(sick_).hash, item::HashRow(Key("n"), "3"));
}

TEST_F(CommitQueueTest, ALogThatFailedRefusesForGoodAndReadsGoOn) {
  Start();
  ASSERT_TRUE(Write(sick_, "a", PutRow("1")).has_value());
  log_->HoldNext(ErrorKind::kIo);
  auto write = Begin(sick_, "a", PutRow("2"));
  log_->WaitUntilHeld();
  auto barrier = Begin(sick_, "a", FailedCondition());
  Queued();
  log_->LetGo();
  EXPECT_EQ(write.get().error().kind, ErrorKind::kIo);
  const auto rested = barrier.get();
  ASSERT_FALSE(rested.has_value());
  EXPECT_NE(rested.error().kind, ErrorKind::kConditionFailed) << "it was judged by a lost write";
  clock_.Advance(std::chrono::hours(1));
  EXPECT_FALSE(shard_->Writable().has_value());
  EXPECT_FALSE(Write(well_, "a", PutRow("1")).has_value());
  EXPECT_FALSE(shard_->LogControl(well_->id(), "{}").has_value());
  EXPECT_EQ(Read(sick_, "a"), "1");
}

TEST_F(CommitQueueTest, NothingIsSettledThatIsStillUnderWay) {
  Start();
  const auto first = Write(well_, "a", PutRow("1"));
  ASSERT_TRUE(first.has_value());
  const auto quiet = shard_->SettledNow();
  EXPECT_GE(quiet.time, *first);
  log_->HoldNext(std::nullopt);
  auto under_way = Begin(well_, "a", PutRow("2"));
  log_->WaitUntilHeld();
  const auto meanwhile = shard_->SettledNow();
  EXPECT_EQ(meanwhile.time, *first) << "the second is stamped and not yet in the log";
  EXPECT_EQ(meanwhile.newest, quiet.newest);
  log_->LetGo();
  const auto second = under_way.get();
  ASSERT_TRUE(second.has_value());
  EXPECT_GT(*second, quiet.time);
  const auto after = shard_->SettledNow();
  EXPECT_GE(after.time, *second);
  EXPECT_GT(after.newest, quiet.newest);
  Crash();
  Start();
  EXPECT_GE(shard_->SettledNow().newest, after.newest);
  EXPECT_GE(shard_->SettledNow().time, *second);
}

TEST_F(CommitQueueTest, ADiskBelowItsReserveRefusesWritesAndNothingElse) {
  options_.disk_reserve_bytes = 40'000'000;
  Start();
  ASSERT_TRUE(Write(sick_, "a", PutRow("1")).has_value());
  free_bytes_ = 10'000'000;
  local().Maintain();
  const auto refused = Write(sick_, "a", PutRow("2"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::kNoSpace);
  EXPECT_NE(refused.error().message.find("10.0 MB free"), std::string::npos);
  EXPECT_EQ(Read(sick_, "a"), "1");
  EXPECT_TRUE(shard_->Stats().disk.low);
  EXPECT_TRUE(shard_->DropTable(sick_->id(), "{}").has_value()) << "how would space be made?";
  free_bytes_ = 45'000'000;
  local().Maintain();
  EXPECT_TRUE(Write(well_, "a", PutRow("2")).has_value());
}

TEST_F(CommitQueueTest, TheReserveIsLookedAtWhileMuchIsWritten) {
  options_.disk_reserve_bytes = 40'000'000;
  Start();
  free_bytes_ = 10'000'000;
  for (int i = 0; i < 6; ++i) (void)Write(well_, "large", PutRow(Bytes(1 << 20, 'v')));
  EXPECT_EQ(Write(well_, "a", PutRow("2")).error().kind, ErrorKind::kNoSpace);
}

TEST_F(CommitQueueTest, ALogAtItsBoundThrottlesTablesWithHistoryFirst) {
  log_ = std::make_shared<LogFaults>(log::MemLogOptions{.segment_bytes = 8192});
  options_.log_bytes_max = 100'000;
  options_.log_window_bytes = 20'000;
  bool archived = false;
  options_.history_floor = [&]() -> std::optional<log::Position> {
    if (archived) return std::nullopt;
    return log::Position{log_->log->log_id(), 1, 4096};
  };
  options_.has_history = [this](TableId table) { return table == options_.active_tables[0]; };
  Start();
  for (int i = 0; i < 10; ++i) Through();
  local().Maintain();
  const auto throttled = Write(sick_, "a", PutRow("1"));
  ASSERT_FALSE(throttled.has_value());
  EXPECT_EQ(throttled.error().kind, ErrorKind::kThrottled);
  EXPECT_EQ(shard_->Stats().log_bound, throttled.error().message);
  EXPECT_TRUE(Write(well_, "a", PutRow("1")).has_value());
  archived = true;
  for (int i = 0; i < 4; ++i) {
    Maintain();
    local().scheduler().Wait();
  }
  EXPECT_TRUE(Write(sick_, "a", PutRow("1")).has_value());
  EXPECT_EQ(shard_->Stats().log_bound, "");
}

}  // namespace
}  // namespace tidemark::shard
