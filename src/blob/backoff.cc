#include "blob/backoff.h"

#include <algorithm>

namespace tidemark::blob {

Micros DelayAfter(int attempt, const RetryPolicy& policy, Random& random) {
  Micros bound = policy.delay_first;
  for (int i = 1; i < attempt && bound < policy.delay_longest; ++i) bound *= 2;
  bound = std::min(bound, policy.delay_longest);
  if (bound.count() <= 0) return Micros(0);
  return Micros(random.Next() % static_cast<uint64_t>(bound.count() + 1));
}

Result<void> SystemPause::For(Micros time) {
  std::unique_lock lock(mutex_);
  if (cancelled_changed_.wait_for(lock, time, [&] { return cancelled_; })) {
    return Fail(ErrorKind::kCancelled, "a pause was ended");
  }
  return {};
}

void SystemPause::Cancel() {
  std::lock_guard lock(mutex_);
  cancelled_ = true;
  cancelled_changed_.notify_all();
}

}  // namespace tidemark::blob
