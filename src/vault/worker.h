// The thread that carries out what the records say: runs of plans, jobs, tests of restores and
// reports that have not ended, recovery points that are to go or to move to cold storage, lives
// that are over, and jobs that are too old to be told of.
//
// Everything it needs is in the store, so a start after a crash begins with what is there.
#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "vault/arrivals.h"
#include "vault/backup_jobs.h"
#include "vault/cold_storage.h"
#include "vault/copy_jobs.h"
#include "vault/plan_schedule.h"
#include "vault/points.h"
#include "vault/reports.h"
#include "vault/restore_jobs.h"
#include "vault/testing_runs.h"
#include "vault/testing_schedule.h"

namespace tidemark::vault {

class Worker {
 public:
  using Now = std::function<Timestamp(const Region&)>;

  // All must outlive it. `now`: by which lives end, of a Region. `tend_interval`: how often what is
  // due by that is looked for.
  Worker(VaultStore& store, BackupJobs& backups, CopyJobs& copies, RestoreJobs& restores,
         PointUpkeep& points, ColdStorage& cold, PlanSchedule& plans, TestingSchedule& testing,
         RestoreTests& tests, ReportJobs& reports, Now now,
         std::chrono::milliseconds tend_interval);
  ~Worker() { Stop(); }

  // Copies from other servers are looked after as well. Before Start.
  void Tend(Arrivals& arrivals) { arrivals_ = &arrivals; }
  void Start();
  // Ends the step at hand. Once or more often.
  void Stop();
  // There is something new in the store.
  void Wake();

 private:
  void Run();
  bool HasWork() const;
  void Tend();  // what is due every second or so

  VaultStore& store_;
  BackupJobs& backups_;
  CopyJobs& copies_;
  RestoreJobs& restores_;
  PointUpkeep& points_;
  ColdStorage& cold_;
  PlanSchedule& plans_;
  TestingSchedule& testing_;
  RestoreTests& tests_;
  ReportJobs& reports_;
  Arrivals* arrivals_ = nullptr;
  const Now now_;
  const std::chrono::milliseconds tend_interval_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool woken_ = false;
  std::thread thread_;
};

}  // namespace tidemark::vault
