// Begins the backup jobs of plans when they are due. Thread: the worker's, but for NextRuns.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "catalog/catalog.h"
#include "vault/plans.h"

namespace tidemark::vault {

// The newest run of a schedule in (after, now]; nothing: none. Pure, but for time zone files.
std::optional<Timestamp> DueRun(const std::string& schedule, const std::string& zone,
                                Timestamp after, Timestamp now);

Tags TagsOfTable(const catalog::TableRecord& table);

// Those of one plan, or several.
using Selections = std::vector<Ptr<SelectionRecord>>;
// Of these the first that names the table for plans of backups; null: none. Tables of restore tests
// are left out, and what is not `opted_in` (settings.h) unless it is named by its whole ARN. Pure.
Ptr<SelectionRecord> SelectionOf(const Selections& selections, const catalog::TableRecord& table,
                                 bool opted_in);

struct PlannedRun {
  Timestamp time;
  std::string rule_id;
};
// The next runs of all rules, at most `limit`, in order. Pure, but for time zone files.
std::vector<PlannedRun> NextRuns(const PlanDocument& document, Timestamp after, size_t limit);

// What is due of a rule.
struct DueRule {
  PlanRule rule;
  Timestamp run;
};
// Of rules that are due together and fill the same vault one is left: that whose points are kept
// the longest (the first of several), with its tags and windows. It makes the copies of all of
// them, as AWS does not. Where they are not for the same air-gapped vault the point stays in the
// vault, and what is for one is a copy. A rule whose life the vault does not `admit` stands for
// itself. Pure.
std::vector<DueRule> OneForEachVault(std::vector<DueRule> due,
                                     const std::function<bool(const PlanRule&)>& admits);

class PlanSchedule {
 public:
  PlanSchedule(VaultStore& store, const catalog::Catalog& catalog, Random& random)
      : store_(store), catalog_(catalog), random_(random) {}

  // Of each rule the newest run that is due by `now` of its Region, if its start window is not
  // over, one for each vault: a job for each table that a selection of the plan names. The jobs,
  // and that the run is begun, are stored together, so a crash neither loses nor doubles it.
  void Begin(const std::function<Timestamp(const Region&)>& now);

 private:
  // When a plan is to be looked at again.
  struct Next {
    std::string version;
    Timestamp done_until, time;
  };

  Result<void> BeginPlan(const PlanRecord& plan, Timestamp now);
  void AddJobs(const PlanRecord& plan, const DueRule& due, Timestamp now, Changes* changes);

  VaultStore& store_;
  const catalog::Catalog& catalog_;
  Random& random_;
  std::map<std::string, Next> next_;  // by plan
};

}  // namespace tidemark::vault
