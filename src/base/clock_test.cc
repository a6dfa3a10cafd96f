#include "base/clock.h"

#include <gtest/gtest.h>

namespace tidemark {
namespace {

TEST(SteppedClock, MovesByWhatItIsTold) {
  SteppedClock clock;
  const Timestamp before = clock.Now();
  clock.Advance(std::chrono::hours(24));
  EXPECT_GE(clock.Now() - before, std::chrono::hours(24));
  EXPECT_EQ(clock.StepCount(), 1u);
  clock.MoveTo(FromMicros(5'000'000));
  EXPECT_LT(clock.Now() - FromMicros(5'000'000), std::chrono::seconds(60));
  EXPECT_EQ(clock.StepCount(), 2u);
}

}  // namespace
}  // namespace tidemark
