#include "auth/failure_gate.h"

#include <gtest/gtest.h>

namespace tidemark::auth {
namespace {

TEST(FailureGate, ForgivesWithTimeAndTellsClaimsApart) {
  FailureGate gate({.burst = 3, .per_second = 2, .claims_max = 2});
  Timestamp now = FromMicros(1'700'000'000'000'000);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(gate.Admits("here KEY", now));
    gate.Note("here KEY", now);
  }
  EXPECT_FALSE(gate.Admits("here KEY", now));
  EXPECT_TRUE(gate.Admits("there KEY", now));
  EXPECT_TRUE(gate.Admits("here OTHER", now));
  now += std::chrono::milliseconds(400);
  EXPECT_TRUE(gate.Admits("here KEY", now));
  gate.Note("here KEY", now);
  EXPECT_FALSE(gate.Admits("here KEY", now));
  // A clock that goes back forgives nothing.
  EXPECT_FALSE(gate.Admits("here KEY", now - std::chrono::hours(1)));
}

TEST(FailureGate, IsBounded) {
  FailureGate gate({.burst = 1, .per_second = 1, .claims_max = 2});
  const Timestamp now = FromMicros(1'700'000'000'000'000);
  gate.Note("a", now);
  gate.Note("b", now);
  EXPECT_FALSE(gate.Admits("a", now));
  gate.Note("c", now);
  EXPECT_TRUE(gate.Admits("a", now));
  EXPECT_FALSE(gate.Admits("c", now));
}

}  // namespace
}  // namespace tidemark::auth
