// A disk that loses what was not synced. It stands behind the fault hook, lets every operation
// under one directory through to the real file system, and remembers what a power cut could take
// back: unsynced writes by sector, unsynced names. The model is no stricter than POSIX: data is
// durable after a sync of the file, a name after a sync of its directory, and nothing else is.
//
//   disk.StopAt(1000, Stop::kPowerCut);   // from the 1000th operation on everything fails
//   ... run, wait for stopped(), destroy whatever uses the files ...
//   disk.Restore();                       // the directory is as a power cut may leave it
//
// TIDEMARK_FAULT_TRACE=FILE writes down every operation that changed something.
//
// All choices come from one seed. Threads interleave as they like, so a seed repeats the choices
// and not the run.
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <fstream>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/file_hook.h"
#include "faults/unsynced_data.h"
#include "faults/unsynced_names.h"

namespace tidemark::faults {

enum class Stop {
  kPowerCut,     // what is not synced may be lost, the write under way may be torn
  kProcessKill,  // what was written stays, though a later power cut may still take it
};

// What happens to operations on paths that match.
struct FaultRule {
  std::set<FileOp> ops;  // empty: all
  std::string pattern;   // as fnmatch(3) without flags: "*" matches "/" as well
  int error = 0;         // errno; 0: none
  double probability = 1;
  std::chrono::microseconds delay{0};
  uint64_t spared = 0;  // calls that go well first
};

class SimulatedDisk : public FileHook {
 public:
  // Becomes the process's hook until destroyed. `root`: absolute, made if absent; what is there
  // counts as durable. Its stash lies beside it.
  SimulatedDisk(std::string root, uint64_t seed);
  ~SimulatedDisk() override;

  int Before(const FileCall& call) override;

  // `operation`: 1 is the next operation that changes or syncs something.
  void StopAt(uint64_t operation, Stop how);
  void StopNow(Stop how);
  bool stopped() const;
  // False when the time is over first.
  bool WaitStopped(std::chrono::milliseconds longest);
  uint64_t operations() const;  // that changed or synced something, so far

  // Nothing may use the files meanwhile. Operations work again.
  void Restore();

  void SetRules(std::vector<FaultRule> rules);

 private:
  static bool Changes(FileOp op);
  // The path by which the file is reached now: an open file may be known by the name its directory
  // had.
  std::string Resolve(std::string path) const;
  int AskRules(const FileCall& call, const std::string& path, std::chrono::microseconds* delay);
  void Note(const FileCall& call, const std::string& path, const std::string& to);
  void Trace(const FileCall& call, const std::string& path);
  void StopLocked(Stop how);
  // Of the write under way: some sectors, or none.
  void Tear(const FileCall& call, const std::string& path);

  const std::string root_;
  mutable std::mutex mutex_;  // all that follows
  std::condition_variable changed_;
  std::mt19937_64 random_;
  UnsyncedData data_;
  UnsyncedNames names_;
  std::vector<std::pair<std::string, std::string>> moved_;  // directories, since the last Restore
  std::vector<FaultRule> rules_;
  std::optional<std::ofstream> trace_;
  uint64_t operations_ = 0;
  uint64_t stop_at_ = 0;  // 0: never
  Stop how_ = Stop::kProcessKill;
  bool stopped_ = false;
};

}  // namespace tidemark::faults
