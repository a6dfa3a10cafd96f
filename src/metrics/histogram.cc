#include "metrics/histogram.h"

#include <bit>
#include <limits>

#include "base/assert.h"

namespace tidemark::metrics {
namespace {

constexpr unsigned kPartBits = 2;
constexpr uint64_t kParts = 1 << kPartBits;

}  // namespace

// Bounds are inclusive above, so the arithmetic is on the value less one: 1..4 are the first four
// buckets, 5 begins the power of two that ends with 8.
size_t HistogramSnapshot::BucketOf(uint64_t value) {
  const uint64_t below = value == 0 ? 0 : value - 1;
  if (below < kParts) return static_cast<size_t>(below);
  const auto power = static_cast<unsigned>(std::bit_width(below)) - 1;
  const uint64_t part = (below >> (power - kPartBits)) & (kParts - 1);
  return (power - 1) * kParts + static_cast<size_t>(part);
}

uint64_t HistogramSnapshot::LargestIn(size_t bucket) {
  TM_ASSERT(bucket < kBuckets);
  if (bucket < kParts) return bucket + 1;
  if (bucket == kBuckets - 1) return std::numeric_limits<uint64_t>::max();
  const size_t power = bucket / kParts + 1;
  const uint64_t part = bucket % kParts;
  return (kParts + part + 1) << (power - kPartBits);
}

uint64_t HistogramSnapshot::CountUpTo(uint64_t value) const {
  uint64_t counted = 0;
  for (size_t i = 0; i < kBuckets && LargestIn(i) <= value; ++i) counted += buckets[i];
  return counted;
}

HistogramSnapshot Histogram::Snapshot() const {
  HistogramSnapshot copy;
  copy.sum = sum_.load(std::memory_order_relaxed);
  for (size_t i = 0; i < copy.buckets.size(); ++i) {
    copy.buckets[i] = buckets_[i].load(std::memory_order_relaxed);
    copy.count += copy.buckets[i];
  }
  return copy;
}

}  // namespace tidemark::metrics
