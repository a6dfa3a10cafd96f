// Latencies in nanoseconds, counted in buckets at most 1.6 % wide. One per thread, then merged.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace tidemark::load {

class LatencyHistogram {
 public:
  void Add(uint64_t nanos) {
    ++buckets_[BucketOf(nanos)];
    ++count_;
    max_ = std::max(max_, nanos);
  }

  void Merge(const LatencyHistogram& other) {
    for (size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
    count_ += other.count_;
    max_ = std::max(max_, other.max_);
  }

  uint64_t count() const { return count_; }
  uint64_t max_nanos() const { return max_; }

  // The latency that `share` (0..1) of all stayed at or below, rounded up to its bucket's end.
  uint64_t Percentile(double share) const {
    auto wanted = static_cast<uint64_t>(share * static_cast<double>(count_));
    uint64_t seen = 0;
    for (size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen > wanted) return std::min(EndOf(i), max_);
    }
    return max_;
  }

 private:
  // 64 buckets for each power of two; below 128 one for each value.
  static constexpr int kBits = 6;

  static size_t BucketOf(uint64_t value) {
    int shift = std::max(0, static_cast<int>(std::bit_width(value)) - kBits - 1);
    return (static_cast<size_t>(shift) << kBits) + static_cast<size_t>(value >> shift);
  }
  static uint64_t EndOf(size_t bucket) {
    if (bucket < (size_t{2} << kBits)) return bucket;
    auto shift = static_cast<int>(bucket >> kBits) - 1;
    uint64_t mantissa = (bucket & ((size_t{1} << kBits) - 1)) + (size_t{1} << kBits);
    return ((mantissa + 1) << shift) - 1;
  }

  std::array<uint64_t, 60u << kBits> buckets_{};
  uint64_t count_ = 0;
  uint64_t max_ = 0;
};

}  // namespace tidemark::load
