// How far a restore has come, and whether it is to go on. Of one restore; any thread.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemark::restore {

enum class Phase {
  kWaiting,
  kFetchingFiles,  // from the backup store
  kRetrieving,     // rows, from cold storage
  kReadingHistory,
  kChecking,
  kBuildingIndexes
};
std::string_view ToString(Phase phase);  // "WAITING", ...

class Progress {
 public:
  // --- The job's. Phases count the same, whatever they take: an estimate, and no more.
  void Start(int phases) {
    phases_ = phases;
    started_ = std::chrono::steady_clock::now().time_since_epoch().count();
  }
  // Ends the phase before it. kCancelled; kUnavailable: it was interrupted.
  Result<void> Begin(Phase phase);
  // `part` of the phase at hand is done, 0 to 1; never goes back. Errors likewise. Any thread.
  Result<void> Advance(double part);
  // Ends the last phase. What each took: "READING_HISTORY 1.52 s, CHECKING 0.10 s".
  std::string TimesTaken();
  // Nothing that takes long is left: from here on it is not cancelled. kCancelled: it was before.
  Result<void> End();
  std::atomic<uint64_t> changes{0};  // of history, once they have been read
  bool fetched = false;              // the backup's files came from a store

  // --- Of all others.
  // False: it is ending, and goes on.
  bool Cancel();
  // The server stops; the next start begins again.
  void Interrupt() { interrupted_ = true; }
  bool interrupted() const { return interrupted_; }
  Phase phase() const { return phase_; }
  int percent() const;  // 0 to 99: what is done is no longer in progress
  // By the time taken so far; nullopt: nothing to judge by.
  std::optional<std::chrono::seconds> Left() const;

 private:
  void EndPhase();

  std::string times_;                           // of the job's thread, as is the next
  std::chrono::steady_clock::time_point begun_;  // of the phase at hand
  std::atomic<Phase> phase_{Phase::kWaiting};
  std::atomic<int> phases_{1}, ended_{0};
  std::atomic<uint32_t> thousandths_{0};           // of the phase at hand
  std::atomic<int64_t> started_{0};                // of the steady clock; 0: not yet
  enum class Course { kOn, kCancelled, kEnding };  // of the latter two the first to come stays
  std::atomic<Course> course_{Course::kOn};
  std::atomic<bool> interrupted_{false};
};

}  // namespace tidemark::restore
