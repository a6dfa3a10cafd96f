#include "pitr/moments.h"

#include <gtest/gtest.h>

namespace tidemark::pitr {
namespace {

using archive::Burst;
using BurstBy = archive::TableHistory::BurstBy;

Timestamp At(int64_t minute, int64_t second) {
  return FromMicros((minute * 60 + second) * 1'000'000);
}

// The changes of one minute, from its 10th second to its 50th.
BurstBy Some(const Bytes& who, int64_t minute, uint64_t count,
             Burst::Kind kind = Burst::Kind::kDelete) {
  return {who,
          {.minute = minute,
           .kind = kind,
           .count = count,
           .first = At(minute, 10),
           .last = At(minute, 50)}};
}

TEST(FindMoments, NamesTheLargestFirstWithWhoAndFromWhen) {
  const auto moments =
      FindMoments({Some("app", 100, 3), Some("job", 205, 400), Some("job", 206, 900),
                   Some("job", 207, 300), Some("app", 300, 700, Burst::Kind::kOverwrite)},
                  At(0, 0), At(10'000, 0), 10);
  ASSERT_EQ(moments.size(), 3u);
  EXPECT_EQ(moments[0].count, 1600u);
  EXPECT_EQ(moments[0].access_key, "job");
  EXPECT_EQ(moments[0].first, At(205, 10));
  EXPECT_EQ(moments[0].last, At(207, 50));
  EXPECT_EQ(moments[1].kind, Burst::Kind::kOverwrite);
  EXPECT_EQ(moments[2].count, 3u);
}

TEST(FindMoments, WhatGoesOnAllTheTimeIsNotPartOfABurst) {
  std::vector<BurstBy> bursts;
  for (int64_t minute = 0; minute < 600; ++minute)
    bursts.push_back(Some("app", minute, minute == 250 ? 9000 : 20, Burst::Kind::kOverwrite));
  const auto moments = FindMoments(bursts, At(0, 0), At(600, 0), 10);
  ASSERT_GE(moments.size(), 1u);
  EXPECT_EQ(moments[0].count, 9000u);
  EXPECT_EQ(moments[0].first, At(250, 10));
  for (const Moment& moment : moments) EXPECT_LT(moment.last - moment.first, std::chrono::hours(5));
}

TEST(FindMoments, ABurstThatTheTurnOfAMinuteCutsIsOne) {
  const Micros ms = std::chrono::milliseconds(1);
  const auto burst = [](int64_t minute, uint64_t count, Timestamp first, Timestamp last) {
    return BurstBy{"job", {.minute = minute, .count = count, .first = first, .last = last}};
  };
  const Timestamp turn = At(20, 0);
  const BurstBy before = burst(19, 50, turn - 90 * ms, turn - 5 * ms);
  const BurstBy after = burst(20, 950, turn + 3 * ms, turn + 1800 * ms);
  auto moments = FindMoments({before, after}, At(0, 0), At(100, 0), 10);
  ASSERT_EQ(moments.size(), 1u);
  EXPECT_EQ(moments[0].count, 1000u);
  EXPECT_EQ(moments[0].first, turn - 90 * ms);
  // A trickle that was there before is none of it.
  const BurstBy trickle = burst(19, 60, At(19, 0), turn - 5 * ms);
  moments = FindMoments({trickle, after}, At(0, 0), At(100, 0), 10);
  ASSERT_EQ(moments.size(), 2u);
  EXPECT_EQ(moments[0].first, turn + 3 * ms);
}

TEST(FindMoments, OtherAccessKeysPausesAndKindsAreMomentsOfTheirOwn) {
  const auto moments = FindMoments({Some("a", 10, 50), Some("b", 10, 60), Some("a", 12, 40),
                                    Some("a", 10, 70, Burst::Kind::kOverwrite)},
                                   At(0, 0), At(100, 0), 10);
  ASSERT_EQ(moments.size(), 4u);
  EXPECT_EQ(FindMoments({Some("a", 10, 50), Some("b", 10, 60)}, At(0, 0), At(100, 0), 1).size(),
            1u);
  EXPECT_TRUE(FindMoments({}, At(0, 0), At(100, 0), 5).empty());
}

TEST(FindMoments, AMinuteThatTwoRunsShareIsOne) {
  auto second = Some("a", 10, 30);
  second.burst.last = At(10, 59);
  const auto moments = FindMoments({Some("a", 10, 50), second}, At(0, 0), At(100, 0), 10);
  ASSERT_EQ(moments.size(), 1u);
  EXPECT_EQ(moments[0].count, 80u);
  EXPECT_EQ(moments[0].last, At(10, 59));
}

}  // namespace
}  // namespace tidemark::pitr
