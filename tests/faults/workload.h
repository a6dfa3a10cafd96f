// Random work on a storage until its disk stops: several writers and one who makes and drops
// tables, backups and restores, switches point-in-time recovery and moves the clock.
#pragma once
#include <mutex>
#include <random>
#include <string>

#include "faults/simulated_disk.h"
#include "faults/world.h"

namespace tidemark::faults {

struct WorkDone {
  uint64_t writes = 0;  // acknowledged
  uint64_t acts = 0;    // acknowledged: tables, backups, restores, recovery
};

class Workload {
 public:
  Workload(World& world, SteppedClock& clock) : world_(world), clock_(clock) {}

  // Returns once the disk has stopped and all threads have. `sick`: the disk fails now and then, so
  // anything may be refused for that, and jobs behind an answer may come to nothing. `failure`:
  // answers nobody should get.
  WorkDone Run(Storage& storage, SimulatedDisk& disk, bool sick, uint64_t seed,
               std::string* failure);

 private:
  struct Running;  // one Run

  void WriteUntilStopped(Running& run, uint64_t seed, size_t thread);
  void OperateUntilStopped(Running& run, uint64_t seed);
  void Act(Running& run, std::mt19937_64& random);
  void CreateTable(Running& run, size_t slot);
  void ChangeIndex(Running& run, const ModelPtr& table);
  void ChangeTag(Running& run, const ModelPtr& table);
  void NoteStream(Running& run, TableModel& model);
  void SwitchStream(Running& run, const ModelPtr& table);
  void DropTable(Running& run, const ModelPtr& table);
  void SwitchRecovery(Running& run, const ModelPtr& table);
  void CreateBackup(Running& run, const ModelPtr& table);
  void DeleteBackup(Running& run, std::mt19937_64& random);
  void RestoreBackup(Running& run, std::mt19937_64& random);
  void RestoreInstant(Running& run, const ModelPtr& table, std::mt19937_64& random);

  World& world_;
  SteppedClock& clock_;
};

// An instant the table can be restored to: now and then a commit's or just before one. None: its
// window holds nothing.
std::optional<Timestamp> RandomInstant(const Storage& storage, const TableModel& table,
                                       std::mt19937_64& random);

}  // namespace tidemark::faults
