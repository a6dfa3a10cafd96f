// Begins the tests of restore testing plans when they are due. Thread: the worker's.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "catalog/catalog.h"
#include "vault/testing_plans.h"

namespace tidemark::vault {

class TestingSchedule {
 public:
  TestingSchedule(VaultStore& store, const catalog::Catalog& catalog, Random& random)
      : store_(store), catalog_(catalog), random_(random) {}

  // Of each plan the newest run that is due by `now` of its Region, if its start window is not
  // over: a test, with its restore job, of one recovery point of each table that has one and that a
  // selection names. They are stored together with that the run is begun, so a crash neither loses
  // nor doubles it.
  void Begin(const std::function<Timestamp(const Region&)>& now);

 private:
  Result<void> BeginPlan(const TestingPlanRecord& plan, Timestamp run, Timestamp now);
  void AddTests(const TestingPlanRecord& plan, Timestamp run, Timestamp now, Changes* changes);
  // Tags of a table, and of its newest recovery point, which count more.
  Tags TagsOf(const Place& place, const PointRecord& newest) const;

  VaultStore& store_;
  const catalog::Catalog& catalog_;
  Random& random_;
  // Of plans that have not changed since: until when nothing is due.
  struct Quiet {
    Timestamp done_until, updated, next;
  };
  std::map<std::string, Quiet> quiet_;  // by ARN
};

}  // namespace tidemark::vault
