// How often values of which size occurred: group sizes, times, bytes.
//
// Exponential buckets: 1, 2, 3, 4, then every power of two in four equal parts. A bucket is named
// by the largest value it holds, so a bound that is a power of two is exact and others are at most
// a quarter off. The unit is the caller's.
#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace tidemark::metrics {

// A copy at one moment; values recorded meanwhile may or may not be in it.
struct HistogramSnapshot {
  // One to four in x go to buckets of their own, the 62 powers of two above in four parts.
  static constexpr size_t kBuckets = 252;

  // The bucket of a value, and the largest value in a bucket.
  static size_t BucketOf(uint64_t value);
  static uint64_t LargestIn(size_t bucket);

  // How many values there were up to and including `value`, which should be the largest of a bucket
  // (a power of two is); else those of its bucket are left out.
  uint64_t CountUpTo(uint64_t value) const;

  uint64_t count = 0;
  uint64_t sum = 0;  // wraps
  std::array<uint64_t, kBuckets> buckets{};
};

// Any threads, no lock; 2 KiB. Nothing is ever taken out, so count, sum and buckets only grow.
class Histogram {
 public:
  Histogram() = default;
  Histogram(const Histogram&) = delete;

  void Record(uint64_t value) {
    buckets_[HistogramSnapshot::BucketOf(value)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
  }

  HistogramSnapshot Snapshot() const;

 private:
  std::array<std::atomic<uint64_t>, HistogramSnapshot::kBuckets> buckets_{};
  std::atomic<uint64_t> sum_{0};
};

}  // namespace tidemark::metrics
