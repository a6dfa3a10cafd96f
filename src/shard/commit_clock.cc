#include "shard/commit_clock.h"

#include <sys/timex.h>

#include <algorithm>

#include "base/log.h"

namespace tidemark::shard {
namespace {

int64_t Seconds(Micros time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time).count();
}

}  // namespace

bool KernelClockIsSynchronised() {
  timex state{};  // nothing to set: only asks
  const int answer = ::adjtimex(&state);
  return answer != -1 && answer != TIME_ERROR && !(state.status & STA_UNSYNC);
}

CommitClock::CommitClock(const Clock& clock, Timestamp last,
                         const std::function<bool()>& synchronised)
    : clock_(clock),
      last_us_(ToMicros(last)),
      stamped_us_(ToMicros(last)),
      monotonic_(clock.Monotonic()),
      slewed_(clock.Now()),
      steps_(clock.StepCount()) {
  const Micros ahead = slewed_ - last;
  if (last != Timestamp{} && ahead > kDoubtfulStart) {
    if (synchronised()) {
      LogWarn(
          "clock_ahead: the wall clock is {} h ahead of the newest stored commit; commit times "
          "follow it, because the kernel calls it synchronised",
          Seconds(ahead) / 3600);
    } else {
      slewed_ = last;
      Hold(ahead);
    }
  } else if (ahead < Micros(0)) {
    LogWarn(
        "clock_behind: the wall clock is {} s behind the newest stored commit; commit times go "
        "on from there",
        Seconds(-ahead));
  }
  lead_us_ = ToMicros(slewed_) - monotonic_.count();
}

void CommitClock::Hold(Micros ahead) {
  if (!held_since_) {
    held_since_ = monotonic_;
    holding_ = true;
    ++held_;
    LogWarn(
        "clock_held: the wall clock is {} s ahead of commit times; they follow it only if that "
        "lasts {} s",
        Seconds(ahead), Seconds(kPatience));
    return;
  }
  if (monotonic_ - *held_since_ < kPatience) return;
  slewed_ += ahead;
  held_since_.reset();
  holding_ = false;
  ++followed_;
  LogWarn("clock_followed: the wall clock stayed {} s ahead; commit times follow it now",
          Seconds(ahead));
}

void CommitClock::Slew(Micros ahead, Micros passed) {
  if (held_since_) {
    held_since_.reset();
    holding_ = false;
    ++returned_;
    LogInfo("clock_returned: the wall clock is back at commit times");
  }
  const Micros most = passed / 20;
  slewed_ += std::clamp(ahead, -most, most);
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
    held_since_.reset();
    holding_ = false;
    return slewed_;
  }
  slewed_ += passed;
  const Micros ahead = wall - slewed_;
  wall_ahead_us_ = ahead.count();
  if (ahead > kJump) {
    Hold(ahead);
  } else {
    Slew(ahead, passed);
  }
  return slewed_;
}

void CommitClock::Look() {
  const Timestamp target = Target();
  lead_us_ = ToMicros(target) - monotonic_.count();
}

Timestamp CommitClock::Next() {
  const Timestamp target = Target();
  lead_us_ = ToMicros(target) - monotonic_.count();
  int64_t last = last_us_.load();
  int64_t next;
  do {
    next = std::max(ToMicros(target), last + 1);
    stamped_us_ = next;  // before anybody's Fix() can be later than it
  } while (!last_us_.compare_exchange_weak(last, next));
  return FromMicros(next);
}

Timestamp CommitClock::Fix() {
  const int64_t now = ToMicros(Now());
  int64_t last = last_us_.load();
  while (last < now && !last_us_.compare_exchange_weak(last, now)) {
  }
  return FromMicros(std::max(last, now));
}

void CommitClock::PassBy(Timestamp time) {
  int64_t last = last_us_.load();
  while (last < ToMicros(time) && !last_us_.compare_exchange_weak(last, ToMicros(time))) {
  }
}

Timestamp CommitClock::Now() const {
  const int64_t now =
      clock_.StepCount() != steps_ ? ToMicros(clock_.Now()) : clock_.Monotonic().count() + lead_us_;
  return FromMicros(std::max(now, last_us_.load()));
}

ClockStats CommitClock::Stats() const {
  return {.held = held_,
          .followed = followed_,
          .returned = returned_,
          .holding = holding_,
          .wall_ahead = Micros(wall_ahead_us_)};
}

}  // namespace tidemark::shard
