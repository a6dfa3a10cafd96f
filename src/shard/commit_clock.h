// Commit times: strictly increasing, close to wall time, never stepped by a jump of the wall clock.
//
// The clock runs with the monotonic clock and is slewed towards wall time by at most 5 % of the
// time that passes. Where the two part:
// - at start it begins at wall time, unless that is more than a day ahead of the newest stored time
//   and the kernel does not call its clock synchronised: then it goes on from the stored time;
// - a wall clock found more than kJump ahead is *held*: not followed until it has been so for
//   kPatience, then followed at once;
// - a step of the test clock (Clock::StepCount) is followed at once, forwards; backwards, times go
//   on from the last one microsecond by microsecond.
//
// Each of these is a log line that begins with `clock_held`, `clock_followed`, `clock_returned`,
// `clock_ahead` or `clock_behind`, and is counted.
#pragma once
#include <atomic>
#include <functional>
#include <optional>

#include "base/clock.h"

namespace tidemark::shard {

// Whether the kernel says that its clock is kept by a time source (adjtimex).
bool KernelClockIsSynchronised();

struct ClockStats {
  uint64_t held = 0;      // jumps ahead that were not followed at first, a doubtful start included
  uint64_t followed = 0;  // of these: lasted, and were followed
  uint64_t returned = 0;  // of these: the wall clock came back by itself
  bool holding = false;   // one of them right now
  Micros wall_ahead{0};   // of commit times, at the last look
};

class CommitClock {
 public:
  static constexpr Micros kJump = std::chrono::seconds(5);
  static constexpr Micros kPatience = std::chrono::minutes(3);
  static constexpr Micros kDoubtfulStart = std::chrono::hours(24);

  // `last`: the largest commit time ever stored; the first Next() is later than it.
  CommitClock(const Clock& clock, Timestamp last,
              const std::function<bool()>& synchronised = KernelClockIsSynchronised);

  // The next commit time. One thread.
  Timestamp Next();
  // What Next() gives from now on is later than `time`. The thread of Next().
  void PassBy(Timestamp time);
  // Follows the clocks while nothing is written. The thread of Next().
  void Look();
  // Where the clock stands, jumps of the wall clock left out as in Next(): not before any time
  // handed out. Any thread.
  Timestamp Now() const;
  // The same, and every later Next() is after it. Any thread.
  Timestamp Fix();
  // Of the newest Next(); after a Fix(), none that was before it is missing. Any thread.
  Timestamp Stamped() const { return FromMicros(stamped_us_.load()); }
  ClockStats Stats() const;  // any thread

 private:
  Timestamp Target();  // slewed time, without the guarantee of increase
  void Slew(Micros ahead, Micros passed);
  void Hold(Micros ahead);

  const Clock& clock_;
  std::atomic<int64_t> last_us_;     // no Next() gives this or less
  std::atomic<int64_t> stamped_us_;  // the last time Next() gave
  std::atomic<int64_t> lead_us_;     // of slewed time over the monotonic clock, at the last look
  Micros monotonic_;                 // at the last look
  Timestamp slewed_;                 // at the last look
  std::atomic<uint64_t> steps_;
  std::optional<Micros> held_since_;  // on the monotonic clock

  std::atomic<uint64_t> held_{0}, followed_{0}, returned_{0};
  std::atomic<bool> holding_{false};
  std::atomic<int64_t> wall_ahead_us_{0};
};

}  // namespace tidemark::shard
