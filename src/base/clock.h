// Time is passed in, so that tests own it.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>

namespace tidemark {

// Microseconds since the Unix epoch, UTC. The unit of commit times.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;
using Micros = std::chrono::microseconds;

inline int64_t ToMicros(Timestamp time) { return time.time_since_epoch().count(); }
inline Timestamp FromMicros(int64_t micros) { return Timestamp(Micros(micros)); }
inline double ToEpochSeconds(Timestamp time) { return static_cast<double>(ToMicros(time)) / 1e6; }

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp Now() const = 0;     // wall time; may jump
  virtual Micros Monotonic() const = 0;  // since some start; never goes back
  // Grows whenever the wall time was *moved on purpose* (the test clock); commit times follow such
  // a step at once, while they are only slewed towards any other jump.
  virtual uint64_t StepCount() const { return 0; }
};

class SystemClock : public Clock {
 public:
  Timestamp Now() const override;
  Micros Monotonic() const override;
};

// The system clock plus an offset that `POST /_test/clock` moves. Thread-safe.
class SteppedClock : public SystemClock {
 public:
  Timestamp Now() const override;
  uint64_t StepCount() const override { return steps_.load(); }
  void MoveTo(Timestamp now);
  void Advance(Micros by);

 private:
  std::atomic<int64_t> offset_us_{0};
  std::atomic<uint64_t> steps_{0};
};

// Stands still until told; for unit tests and simulation. Thread-safe.
class ManualClock : public Clock {
 public:
  explicit ManualClock(Timestamp start) : now_us_(ToMicros(start)) {}
  Timestamp Now() const override { return FromMicros(now_us_.load()); }
  Micros Monotonic() const override { return Micros(now_us_.load()); }
  void Advance(Micros by) { now_us_ += by.count(); }
  void Set(Timestamp now) { now_us_ = ToMicros(now); }

 private:
  std::atomic<int64_t> now_us_;
};

}  // namespace tidemark
