#include "base/clock.h"

namespace tidemark {

using std::chrono::duration_cast;

Timestamp SystemClock::Now() const {
  return std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now());
}

Micros SystemClock::Monotonic() const {
  return duration_cast<Micros>(std::chrono::steady_clock::now().time_since_epoch());
}

Timestamp SteppedClock::Now() const { return SystemClock::Now() + Micros(offset_us_.load()); }

void SteppedClock::MoveTo(Timestamp now) {
  offset_us_ = (now - SystemClock::Now()).count();
  ++steps_;
}

void SteppedClock::Advance(Micros by) {
  offset_us_ += by.count();
  ++steps_;
}

}  // namespace tidemark
