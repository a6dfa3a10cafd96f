#include "shard/commit_clock.h"

#include <gtest/gtest.h>

namespace tidemark::shard {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// Wall and monotonic time apart, so that jumps can be made.
class TwoClocks : public Clock {
 public:
  Timestamp Now() const override { return wall; }
  Micros Monotonic() const override { return monotonic; }
  uint64_t StepCount() const override { return steps; }
  void Pass(Micros time) {
    wall += time;
    monotonic += time;
  }
  Timestamp wall = FromMicros(1'000'000'000'000'000);
  Micros monotonic{0};
  uint64_t steps = 0;
};

TEST(CommitClock, StrictlyIncreasesWhileTimeStandsStill) {
  TwoClocks clocks;
  CommitClock clock(clocks, {});
  Timestamp last = clock.Next();
  for (int i = 0; i < 1000; ++i) {
    const Timestamp next = clock.Next();
    ASSERT_GT(next, last);
    last = next;
  }
}

TEST(CommitClock, WhatWasPassedIsNotGivenAnyMore) {
  TwoClocks clocks;
  CommitClock clock(clocks, {});
  const Timestamp first = clock.Next();
  clock.PassBy(first + seconds(1));
  EXPECT_EQ(clock.Now(), first + seconds(1));
  EXPECT_GT(clock.Next(), first + seconds(1));
  clock.PassBy(first);  // long past
  EXPECT_GT(clock.Next(), first + seconds(1));
}

TEST(CommitClock, GoesOnFromTheNewestStoredTime) {
  TwoClocks clocks;
  const Timestamp stored = clocks.wall + hours(1);
  CommitClock clock(clocks, stored);
  EXPECT_GT(clock.Next(), stored);
  EXPECT_LT(clock.Next(), stored + seconds(1));
}

TEST(CommitClock, IsNotSteppedByAJumpOfTheWallClock) {
  TwoClocks clocks;
  CommitClock clock(clocks, {});
  const Timestamp before = clock.Next();
  clocks.wall += hours(1);
  EXPECT_LT(clock.Next() - before, seconds(1));
  EXPECT_LT(clock.Now() - before, seconds(1)) << "history would be taken for out of its window";
  clocks.wall -= hours(2);
  clocks.Pass(seconds(1));
  const Timestamp after = clock.Next();
  EXPECT_GT(after, before);
  EXPECT_LT(after - before, seconds(2));
}

TEST(CommitClock, NothingIsStampedUpToAFixedTime) {
  TwoClocks clocks;
  CommitClock clock(clocks, {});
  const Timestamp stamped = clock.Next();
  EXPECT_EQ(clock.Stamped(), stamped);
  clocks.wall -= hours(1);  // commit times are slewed back from now on
  clocks.monotonic += seconds(100);
  const Timestamp fixed = clock.Fix();
  EXPECT_EQ(fixed - stamped, seconds(100));
  EXPECT_EQ(clock.Stamped(), stamped);
  EXPECT_GT(clock.Next(), fixed);
  EXPECT_EQ(clock.Fix(), clock.Stamped());
}

TEST(CommitClock, IsSlewedTowardsWallTime) {
  TwoClocks clocks;
  CommitClock clock(clocks, {});
  clock.Next();
  clocks.wall += seconds(2);
  for (int i = 0; i < 60; ++i) {
    clocks.Pass(seconds(1));
    clock.Next();
  }
  EXPECT_LT(std::chrono::abs(clocks.wall - clock.Next()), std::chrono::milliseconds(10));
}

TEST(CommitClock, FollowsAJumpThatLastsThreeMinutes) {
  TwoClocks clocks;
  CommitClock clock(clocks, {});
  clock.Next();
  clocks.wall += hours(1);
  clock.Look();  // noticed while nothing is written
  EXPECT_TRUE(clock.Stats().holding);
  EXPECT_GT(clock.Stats().wall_ahead, hours(1) - seconds(1));
  clocks.Pass(CommitClock::kPatience - seconds(1));
  EXPECT_LT(clock.Next(), clocks.wall - std::chrono::minutes(59)) << "too early";
  clocks.Pass(seconds(1));
  EXPECT_EQ(clock.Next(), clocks.wall);
  EXPECT_EQ(clock.Now(), clocks.wall);
  EXPECT_EQ(clock.Stats().held, 1u);
  EXPECT_EQ(clock.Stats().followed, 1u);
  EXPECT_FALSE(clock.Stats().holding);
}

TEST(CommitClock, AJumpThatGoesBackStartsTheWaitAnew) {
  TwoClocks clocks;
  CommitClock clock(clocks, {});
  const Timestamp begin = clock.Next();
  for (int i = 0; i < 2; ++i) {
    clocks.wall += hours(1);
    clock.Next();
    clocks.Pass(CommitClock::kPatience - seconds(10));
    clock.Next();
    clocks.wall -= hours(1);
    clock.Next();
  }
  EXPECT_LT(clock.Next() - begin, std::chrono::minutes(10));
  EXPECT_EQ(clock.Stats().held, 2u);
  EXPECT_EQ(clock.Stats().returned, 2u);
  EXPECT_EQ(clock.Stats().followed, 0u);
}

TEST(CommitClock, IsNeverSteppedBackByAWallClockBehind) {
  TwoClocks clocks;
  CommitClock clock(clocks, {});
  Timestamp last = clock.Next();
  clocks.wall -= hours(24 * 365);
  for (int i = 0; i < 100; ++i) {
    clocks.Pass(seconds(1));
    const Timestamp next = clock.Next();
    ASSERT_GT(next, last);
    ASSERT_LE(next - last, seconds(1));
    last = next;
  }
}

TEST(CommitClock, AtStartFollowsAClockFarAheadOnlyIfItIsSynchronised) {
  TwoClocks clocks;
  const Timestamp stored = clocks.wall - hours(25);
  CommitClock trusting(clocks, stored, [] { return true; });
  EXPECT_EQ(trusting.Next(), clocks.wall);
  EXPECT_EQ(trusting.Stats().held, 0u);

  CommitClock doubting(clocks, stored, [] { return false; });
  EXPECT_LT(doubting.Next() - stored, seconds(1));
  EXPECT_LT(doubting.Now() - stored, seconds(1));
  EXPECT_TRUE(doubting.Stats().holding);
  clocks.Pass(CommitClock::kPatience);
  EXPECT_EQ(doubting.Next(), clocks.wall) << "nobody corrected it: it is believed";
}

TEST(CommitClock, AtStartBelievesAClockLessThanADayAhead) {
  TwoClocks clocks;
  CommitClock clock(clocks, clocks.wall - hours(23), [] { return false; });
  EXPECT_EQ(clock.Next(), clocks.wall);
}

TEST(CommitClock, TheFirstStartOfAllBeginsAtWallTime) {
  TwoClocks clocks;
  CommitClock clock(clocks, {}, [] { return false; });
  EXPECT_EQ(clock.Next(), clocks.wall);
}

TEST(CommitClock, FollowsAStepOfTheTestClockAtOnce) {
  TwoClocks clocks;
  CommitClock clock(clocks, {});
  clock.Next();
  clocks.wall += hours(24 * 30);
  ++clocks.steps;
  EXPECT_GE(clock.Now(), clocks.wall);
  EXPECT_GE(clock.Next(), clocks.wall);
}

}  // namespace
}  // namespace tidemark::shard
