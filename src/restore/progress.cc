#include "restore/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tidemark::restore {

std::string_view ToString(Phase phase) {
  static constexpr std::array<std::string_view, 6> kNames = {
      "WAITING",         "FETCHING_FILES", "RETRIEVING_FROM_COLD_STORAGE",
      "READING_HISTORY", "CHECKING",       "BUILDING_INDEXES"};
  return kNames[static_cast<size_t>(phase)];
}

Result<void> Progress::Begin(Phase phase) {
  EndPhase();
  thousandths_ = 0;
  phase_ = phase;
  return Advance(0);
}

void Progress::EndPhase() {
  const auto now = std::chrono::steady_clock::now();
  if (phase_ != Phase::kWaiting) {
    ++ended_;
    times_ += fmt::format("{}{} {:.2f} s", times_.empty() ? "" : ", ", ToString(phase_),
                          std::chrono::duration<double>(now - begun_).count());
  }
  begun_ = now;
}

std::string Progress::TimesTaken() {
  EndPhase();
  return times_;
}

Result<void> Progress::Advance(double part) {
  if (interrupted_) return Fail(ErrorKind::kUnavailable, "the server is stopping");
  if (course_ == Course::kCancelled) return Fail(ErrorKind::kCancelled, "cancelled");
  const auto now = static_cast<uint32_t>(std::clamp(part, 0.0, 1.0) * 1000);
  for (uint32_t told = thousandths_; now > told;) {
    if (thousandths_.compare_exchange_weak(told, now)) break;
  }
  return {};
}

Result<void> Progress::End() {
  Course course = Course::kOn;
  if (course_.compare_exchange_strong(course, Course::kEnding)) return {};
  return Fail(ErrorKind::kCancelled, "cancelled");
}

bool Progress::Cancel() {
  Course course = Course::kOn;
  return course_.compare_exchange_strong(course, Course::kCancelled) ||
         course == Course::kCancelled;
}

int Progress::percent() const {
  const uint32_t done = static_cast<uint32_t>(ended_) * 1000 + thousandths_;
  return static_cast<int>(std::min(99u, done / 10 / static_cast<uint32_t>(phases_.load())));
}

std::optional<std::chrono::seconds> Progress::Left() const {
  using Clock = std::chrono::steady_clock;
  const int done = percent();
  if (started_ == 0 || done == 0) return std::nullopt;
  const auto spent = Clock::now() - Clock::time_point(Clock::duration(started_));
  return std::chrono::ceil<std::chrono::seconds>(spent * (100 - done) / done);
}

}  // namespace tidemark::restore
