#include <gtest/gtest.h>

#include "shard/sick_table_fixture.h"

namespace tidemark::shard {
namespace {

using std::chrono::seconds;

class ParkingTest : public SickTableTest {};

TEST_F(ParkingTest, ParkedChangesAreAnsweredInOrderOnceTheStoreTakesThem) {
  Start();
  ASSERT_TRUE(Write(sick_, "a", PutRow("first")).has_value());
  MakeSick(ErrorKind::kBusy);
  auto one = Begin(sick_, "a", PutRow("1"));
  Through();
  auto two = Begin(sick_, "b", PutRow("22"));
  auto three = Begin(sick_, "a", PutRow("333"));
  Through();  // another table's writes, begun later, are answered
  EXPECT_FALSE(Answered(one));
  EXPECT_FALSE(Answered(two));
  EXPECT_FALSE(Answered(three));
  EXPECT_EQ(Read(sick_, "a"), "first") << "readers see applied state";
  EXPECT_EQ(TotalsOf(sick_).bytes, 5u);
  EXPECT_EQ(shard_->Stats().parked_tables, 1u);
  EXPECT_GT(shard_->Stats().parked_bytes, 0u);

  MakeSick(std::nullopt);
  const auto first = one.get(), second = two.get(), third = three.get();
  ASSERT_TRUE(first && second && third);
  EXPECT_LT(*first, *second);
  EXPECT_LT(*second, *third);
  EXPECT_EQ(Taken(), (std::vector<Bytes>{"first", "1", "22", "333"}));
  EXPECT_EQ(TotalsOf(sick_).items, 2u);
  EXPECT_EQ(TotalsOf(sick_).bytes, 5u);
  Through();
  EXPECT_EQ(shard_->Stats().parked_tables, 0u);
}

TEST_F(ParkingTest, AStoreThatTakesOneFrameAndIsBusyAgainLosesNothing) {
  Start();
  MakeSick(ErrorKind::kBusy);
  std::vector<Answer> answers;
  for (int i = 0; i < 5; ++i) {
    answers.push_back(Begin(sick_, "n", Increment()));
    Through();
  }
  engine_.WorkFor(sick_->id(), 2);
  ASSERT_TRUE(answers[0].get().has_value());
  ASSERT_TRUE(answers[1].get().has_value());
  Through();
  EXPECT_FALSE(Answered(answers[2]));
  MakeSick(std::nullopt);
  for (int i = 2; i < 5; ++i) ASSERT_TRUE(answers[static_cast<size_t>(i)].get().has_value());
  EXPECT_EQ(Read(sick_, "n"), "5");
  EXPECT_EQ(Taken(), (std::vector<Bytes>{"1", "2", "3", "4", "5"}));
}

TEST_F(ParkingTest, AnAnswerThatRestsOnAParkedChangeWaitsWithIt) {
  Start();
  MakeSick(ErrorKind::kBusy);
  auto parked = Begin(sick_, "a", PutRow("1"));
  auto condition = Begin(sick_, "a", FailedCondition());
  Through();
  auto later = Begin(sick_, "a", FailedCondition());
  Through();
  EXPECT_FALSE(Answered(condition));
  EXPECT_FALSE(Answered(later));
  MakeSick(std::nullopt);
  EXPECT_EQ(condition.get().error().kind, ErrorKind::kConditionFailed);
  EXPECT_EQ(later.get().error().kind, ErrorKind::kConditionFailed);
  EXPECT_TRUE(parked.get().has_value());
}

TEST_F(ParkingTest, APinWaitsBehindItsTablesParkedChangesAndNotBehindOthers) {
  Start();
  MakeSick(ErrorKind::kBusy);
  auto parked = Begin(sick_, "a", PutRow("12345"));
  Through();
  auto pin = std::async(std::launch::async, [&] {
    return shard_->Pin(sick_->id(), shard_->ImagesDirectory() + "/sick", "{}");
  });
  const auto other = shard_->Pin(well_->id(), shard_->ImagesDirectory() + "/well", "{}");
  ASSERT_TRUE(other.has_value()) << other.error().message;
  EXPECT_FALSE(Answered(parked));
  MakeSick(std::nullopt);
  const auto pinned = pin.get();
  ASSERT_TRUE(pinned.has_value()) << pinned.error().message;
  EXPECT_EQ(pinned->totals.bytes, 5u);
  EXPECT_GT(pinned->as_of, *parked.get());
  EXPECT_LE(pinned->replay_from, pinned->position);
}

TEST_F(ParkingTest, TheLogKeepsWhatIsParked) {
  // A segment for each frame, and a window of a few of them.
  log_ = std::make_shared<LogFaults>(log::MemLogOptions{.segment_bytes = 8192});
  options_.log_window_bytes = 20'000;
  Start();
  ASSERT_TRUE(Write(sick_, "a", PutRow("applied")).has_value());
  MakeSick(ErrorKind::kBusy);
  auto parked = Begin(sick_, "a", PutRow("parked"));
  Through();
  const auto before = log_->log->end();
  for (int i = 0; i < 20; ++i) Through();
  for (int i = 0; i < 3; ++i) {
    Maintain();
    local().scheduler().Wait();
  }
  EXPECT_LT(log_->log->begin(), before);
  Crash();
  engine_.FailApply(options_.active_tables[0], std::nullopt);
  EXPECT_FALSE(parked.get().has_value()) << "nobody knows: the server stopped";
  Start();
  EXPECT_EQ(Read(sick_, "a"), "parked") << "it was in the log";
}

TEST_F(ParkingTest, NewWritesOfATableThatLagsWaitBeforeTheQueueUpToANumber) {
  options_.waiting_writes_max = 2;
  Start();
  MakeSick(ErrorKind::kBusy);
  auto large = Begin(sick_, "large", PutRow(Bytes(2 << 20, 'v')));  // above the low mark
  Through();
  auto one = Begin(sick_, "n", Increment());
  auto two = Begin(sick_, "n", Increment());
  const auto refused = Write(sick_, "n", Increment());
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(refused.error().message.find("Nothing was written"), std::string::npos);
  Through();
  EXPECT_EQ(shard_->Stats().waiting_writes, 2u);
  EXPECT_EQ(shard_->Stats().refused_writes, 1u);
  EXPECT_LT(shard_->Stats().parked_bytes, (2u << 20) + 2000) << "they were queued nevertheless";
  MakeSick(std::nullopt);
  EXPECT_TRUE(large.get().has_value());
  EXPECT_TRUE(one.get().has_value());
  EXPECT_TRUE(two.get().has_value());
  EXPECT_EQ(Read(sick_, "n"), "2");
  EXPECT_EQ(shard_->Stats().waiting_writes, 0u);
}

TEST_F(ParkingTest, ATableThatTakesNothingForTooLongIsFenced) {
  Start();
  ASSERT_TRUE(Write(sick_, "a", PutRow("old")).has_value());
  MakeSick(ErrorKind::kBusy);
  auto parked = Begin(sick_, "a", PutRow("new"));
  auto condition = Begin(sick_, "a", FailedCondition());
  Through();
  clock_.Advance(seconds(29));
  Through();
  EXPECT_FALSE(Answered(parked));
  clock_.Advance(seconds(1));
  const auto unknown = parked.get();
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().kind, ErrorKind::kIo);
  EXPECT_NE(unknown.error().message.find("unknown"), std::string::npos);
  EXPECT_EQ(condition.get().error().kind, ErrorKind::kIo) << "it rested on what is unknown now";
  const auto refused = Write(sick_, "b", PutRow("x"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::kIo);
  EXPECT_NE(refused.error().message.find("tried again by itself"), std::string::npos);
  EXPECT_EQ(Read(sick_, "a"), "old") << "reads go on";
  EXPECT_EQ(shard_->Stats().fenced_tables, 1u);
  EXPECT_EQ(shard_->Stats().times_fenced, 1u);
  Through();
}

TEST_F(ParkingTest, ATableThatParksTooMuchIsFencedIfItTakesNothingForAMoment) {
  options_.parked_bytes_max = 1 << 20;
  Start();
  MakeSick(ErrorKind::kBusy);
  auto large = Begin(sick_, "large", PutRow(Bytes(2 << 20, 'v')));
  Through();
  EXPECT_FALSE(Answered(large)) << "a stall of an instant with much in the queue is no sickness";
  clock_.Advance(seconds(2));
  EXPECT_EQ(large.get().error().kind, ErrorKind::kIo);
}

TEST_F(ParkingTest, ADropBehindParkedChangesIsCarriedOutWhenTheTableIsFenced) {
  Start();
  MakeSick(ErrorKind::kBusy);
  auto parked = Begin(sick_, "a", PutRow("1"));
  Through();
  auto drop = std::async(std::launch::async, [&] { return shard_->DropTable(sick_->id(), "{}"); });
  clock_.Advance(seconds(31));
  const auto dropped = drop.get();
  EXPECT_TRUE(dropped.has_value()) << dropped.error().message;
  EXPECT_FALSE(parked.get().has_value());
  EXPECT_EQ(shard_->Find(sick_->id()), nullptr);
  Through();
}

}  // namespace
}  // namespace tidemark::shard
