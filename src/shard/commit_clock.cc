#include "shard/commit_clock.h"

#include <algorithm>

#include "base/log.h"

namespace tidemark::shard {

CommitClock::CommitClock(const Clock& clock, Timestamp last)
    : clock_(clock),
      last_us_(ToMicros(last)),
      monotonic_(clock.Monotonic()),
      slewed_(clock.Now()),
      steps_(clock.StepCount()) {
  lead_us_ = ToMicros(slewed_) - monotonic_.count();
  if (last != Timestamp{} && slewed_ - last > std::chrono::hours(24)) {
    LogWarn("the wall clock is {} h ahead of the newest stored commit; commit times follow it",
            std::chrono::duration_cast<std::chrono::hours>(slewed_ - last).count());
  }
  if (slewed_ < last) {
    LogWarn("the wall clock is {} s behind the newest stored commit; commit times go on from there",
            std::chrono::duration_cast<std::chrono::seconds>(last - slewed_).count());
  }
}

Timestamp CommitClock::Target() {
  const Micros monotonic = clock_.Monotonic();
  const Timestamp wall = clock_.Now();
  const uint64_t steps = clock_.StepCount();
  const Micros passed = monotonic - monotonic_;
  monotonic_ = monotonic;
  if (steps != steps_) {
    steps_ = steps;
    slewed_ = wall;
    return slewed_;
  }
  slewed_ += passed;
  const Micros ahead = wall - slewed_;
  if (ahead > kJump) {
    if (!reported_) {
      LogWarn("the wall clock jumped {} s ahead; commit times do not follow it",
              std::chrono::duration_cast<std::chrono::seconds>(ahead).count());
      reported_ = true;
    }
  } else {
    reported_ = false;
    const Micros most = passed / 20;
    slewed_ += std::clamp(ahead, -most, most);
  }
  return slewed_;
}

Timestamp CommitClock::Next() {
  const Timestamp target = Target();
  lead_us_ = ToMicros(slewed_) - monotonic_.count();
  const int64_t next = std::max(ToMicros(target), last_us_.load() + 1);
  last_us_ = next;
  return FromMicros(next);
}

Timestamp CommitClock::Now() const {
  const int64_t now =
      clock_.StepCount() != steps_ ? ToMicros(clock_.Now()) : clock_.Monotonic().count() + lead_us_;
  return FromMicros(std::max(now, last_us_.load()));
}

}  // namespace tidemark::shard
