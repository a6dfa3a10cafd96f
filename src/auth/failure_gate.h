// Slows down guessing: who sends wrong signatures for an access key from an address is not listened
// to for a while, whether the next one is right or not.
#pragma once
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/ids.h"

namespace tidemark::auth {

struct FailureLimits {
  uint32_t burst = 100;      // wrong signatures at once
  uint32_t per_second = 10;  // and then
  size_t claims_max = 65536;
};

// Thread-safe. While there are no failures a request costs one atomic read.
class FailureGate {
 public:
  explicit FailureGate(FailureLimits limits) : limits_(limits) {}

  bool Admits(std::string_view address, const AccessKeyId& key, Timestamp now) const;
  void Note(std::string_view address, const AccessKeyId& key, Timestamp now);

 private:
  struct Failures {
    double count = 0;  // less what has been forgiven up to `at`
    Timestamp at{};
  };
  double CountAt(const Failures& failures, Timestamp now) const;

  const FailureLimits limits_;
  std::atomic<size_t> size_{0};
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Failures> claims_;  // address and key; when full it starts again
};

}  // namespace tidemark::auth
