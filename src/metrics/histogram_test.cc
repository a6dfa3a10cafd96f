#include "metrics/histogram.h"

#include <gtest/gtest.h>

#include <limits>
#include <thread>
#include <vector>

namespace tidemark::metrics {
namespace {

constexpr uint64_t kLargest = std::numeric_limits<uint64_t>::max();

TEST(Histogram, BucketsJoinWithoutGapOrOverlap) {
  uint64_t begin = 0;
  for (size_t i = 0; i < HistogramSnapshot::kBuckets; ++i) {
    const uint64_t end = HistogramSnapshot::LargestIn(i);
    ASSERT_GE(end, begin);
    EXPECT_EQ(HistogramSnapshot::BucketOf(begin), i) << begin;
    EXPECT_EQ(HistogramSnapshot::BucketOf(end), i) << end;
    begin = end + 1;
  }
  EXPECT_EQ(begin, 0u) << "the last bucket does not end with the largest value";
}

TEST(Histogram, EveryPowerOfTwoEndsABucket) {
  for (int power = 0; power < 64; ++power) {
    const uint64_t bound = uint64_t{1} << power;
    EXPECT_EQ(HistogramSnapshot::LargestIn(HistogramSnapshot::BucketOf(bound)), bound);
  }
}

TEST(Histogram, BucketsAreAtMostAQuarterWide) {
  for (size_t i = 4; i + 1 < HistogramSnapshot::kBuckets; ++i) {
    const uint64_t below = HistogramSnapshot::LargestIn(i - 1);
    EXPECT_LE(HistogramSnapshot::LargestIn(i) - below, below / 4 + below % 4) << i;
  }
}

TEST(Histogram, CountsAndSums) {
  Histogram histogram;
  for (const uint64_t value : {0u, 1u, 2u, 128u, 129u, 5000u}) histogram.Record(value);
  const auto snapshot = histogram.Snapshot();
  EXPECT_EQ(snapshot.count, 6u);
  EXPECT_EQ(snapshot.sum, 5260u);
  EXPECT_EQ(snapshot.CountUpTo(1), 2u);
  EXPECT_EQ(snapshot.CountUpTo(2), 3u);
  EXPECT_EQ(snapshot.CountUpTo(128), 4u);
  EXPECT_EQ(snapshot.CountUpTo(256), 5u);
  EXPECT_EQ(snapshot.CountUpTo(kLargest), 6u);
}

TEST(Histogram, TakesTheLargestValue) {
  Histogram histogram;
  histogram.Record(kLargest);
  EXPECT_EQ(histogram.Snapshot().buckets.back(), 1u);
}

TEST(Histogram, LosesNothingBetweenThreads) {
  constexpr uint64_t kEach = 20'000;
  constexpr uint64_t kThreads = 4;
  Histogram histogram;
  {
    std::vector<std::jthread> threads;
    for (uint64_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (uint64_t i = 0; i < kEach; ++i) histogram.Record(i % 7);
      });
    }
  }
  EXPECT_EQ(histogram.Snapshot().count, kThreads * kEach);
}

}  // namespace
}  // namespace tidemark::metrics
