// How often something is tried again, and how long to wait before.
#pragma once
#include <condition_variable>
#include <mutex>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"

namespace tidemark::blob {

struct RetryPolicy {
  int attempts_max = 6;              // the first included
  Micros delay_first{100'000};       // the bound of the first wait; each next one doubles it,
  Micros delay_longest{10'000'000};  // up to this
};

// The wait behind attempt number `attempt` (from 1): anything from nothing to the bound, each as
// likely, so that clients that failed together do not come back together.
Micros DelayAfter(int attempt, const RetryPolicy& policy, Random& random);

// Where a worker thread waits. Thread-safe.
class Pause {
 public:
  virtual ~Pause() = default;
  virtual Result<void> For(Micros time) = 0;  // kCancelled: it was ended
};

class SystemPause final : public Pause {
 public:
  Result<void> For(Micros time) override;
  void Cancel();  // ends all waits, also those to come

 private:
  std::mutex mutex_;
  std::condition_variable cancelled_changed_;
  bool cancelled_ = false;
};

}  // namespace tidemark::blob
