// Commit times: strictly increasing, close to wall time, never stepped by a jump of the wall clock.
//
// The clock runs with the monotonic clock and is slewed towards wall time by at most 5 % of the
// time that passes. A step of the test clock (Clock::StepCount) is followed at once, forwards;
// backwards, times go on from the last one microsecond by microsecond. A wall clock found more than
// kJump ahead while running is not followed; the difference is reported once.
#pragma once
#include <atomic>

#include "base/clock.h"

namespace tidemark::shard {

class CommitClock {
 public:
  static constexpr Micros kJump = std::chrono::seconds(5);

  // `last`: the largest commit time ever stored; the first Next() is later than it. A start more
  // than a day ahead of the last stored time is believed: nobody knows better, and it is logged.
  CommitClock(const Clock& clock, Timestamp last);

  // The next commit time. One thread.
  Timestamp Next();
  // Where the clock stands, jumps of the wall clock left out as in Next(): not before any time
  // handed out. Any thread.
  Timestamp Now() const;

 private:
  Timestamp Target();  // slewed time, without the guarantee of increase

  const Clock& clock_;
  std::atomic<int64_t> last_us_;
  std::atomic<int64_t> lead_us_;  // of slewed time over the monotonic clock, at the last look
  Micros monotonic_;              // at the last look
  Timestamp slewed_;              // at the last look
  std::atomic<uint64_t> steps_;
  bool reported_ = false;
};

}  // namespace tidemark::shard
