#include "auth/failure_gate.h"

#include <gtest/gtest.h>

namespace tidemark::auth {
namespace {

const AccessKeyId kKey("KEY");

TEST(FailureGate, ForgivesWithTimeAndTellsClaimsApart) {
  FailureGate gate({.burst = 3, .per_second = 2, .claims_max = 2});
  Timestamp now = FromMicros(1'700'000'000'000'000);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(gate.Admits("here", AccessKeyId("KEY"), now));
    gate.Note("here", AccessKeyId("KEY"), now);
  }
  EXPECT_FALSE(gate.Admits("here", AccessKeyId("KEY"), now));
  EXPECT_TRUE(gate.Admits("there", AccessKeyId("KEY"), now));
  EXPECT_TRUE(gate.Admits("here", AccessKeyId("OTHER"), now));
  now += std::chrono::milliseconds(400);
  EXPECT_TRUE(gate.Admits("here", AccessKeyId("KEY"), now));
  gate.Note("here", AccessKeyId("KEY"), now);
  EXPECT_FALSE(gate.Admits("here", AccessKeyId("KEY"), now));
  // A clock that goes back forgives nothing.
  EXPECT_FALSE(gate.Admits("here", AccessKeyId("KEY"), now - std::chrono::hours(1)));
}

TEST(FailureGate, IsBounded) {
  FailureGate gate({.burst = 1, .per_second = 1, .claims_max = 2});
  const Timestamp now = FromMicros(1'700'000'000'000'000);
  gate.Note("a", kKey, now);
  gate.Note("b", kKey, now);
  EXPECT_FALSE(gate.Admits("a", kKey, now));
  gate.Note("c", kKey, now);
  EXPECT_TRUE(gate.Admits("a", kKey, now));
  EXPECT_FALSE(gate.Admits("c", kKey, now));
}

}  // namespace
}  // namespace tidemark::auth
