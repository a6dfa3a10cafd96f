// Tests of restores under way: once a restore job that a restore testing plan made
// (testing_schedule.h) is done, its table is compared with the recovery point, kept for checks of
// the user's own, and removed. Each step is stored before the next, so that a kill at any point is
// taken up; the table is known by the id its restore gave it, so that no other one is ever removed.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <string>

#include "catalog/catalog.h"
#include "restore/restore_report.h"
#include "vault/testing_plans.h"

namespace tidemark::vault {

// The test of a restore job; null: it is none's.
inline Ptr<RestoreTestRecord> TestOf(const VaultStore& store, const RestoreJobRecord& job) {
  return store.Find<RestoreTestRecord>(PlaceOf(job), job.job_id);
}

// What the user found. Durable. kNotFound: there is no such job; kInvalidRequest: no test made it,
// its table is not there yet or any more, or what was found stands already.
Result<void> PutValidation(const VaultScope& scope, std::string_view job_id, Validation validation,
                           const std::string& message);

class RestoreTests {
 public:
  // Removes a table as DeleteTable does. Blocking. kResourceNotFound: it is gone.
  using Drop = std::function<Result<void>(TableId)>;

  RestoreTests(VaultStore& store, const catalog::Catalog& catalog,
               const restore::RestoreReports& reports, Drop drop)
      : store_(store), catalog_(catalog), reports_(reports), drop_(std::move(drop)) {}

  // One step of each test that has not ended. Thread: the worker's.
  void Step(const std::function<Timestamp(const Region&)>& now);
  // Whether a step is wanted soon: a restore has ended, and what came of it is not known yet.
  bool HasWork() const;
  // Forgets tests of jobs that are forgotten, but for the newest of each table that is there.
  void Forget();

 private:
  void Go(Ptr<RestoreTestRecord> test, Timestamp now);
  Result<void> StepOne(const RestoreTestRecord& test, Timestamp now);
  // What the comparison of the restored table came to; false: it is under way.
  bool Compare(const RestoreJobRecord& job, RestoreTestRecord* test) const;
  void Remove(RestoreTestRecord* test, Timestamp now);

  VaultStore& store_;
  const catalog::Catalog& catalog_;
  const restore::RestoreReports& reports_;
  const Drop drop_;
  // Of tests whose table could not be removed: when they try again.
  std::map<std::string, std::chrono::steady_clock::time_point> waits_;
  // Of tests whose table is being compared: since when this server has waited for that.
  std::map<std::string, std::chrono::steady_clock::time_point> compares_;
};

}  // namespace tidemark::vault
