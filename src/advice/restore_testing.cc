#include "advice/restore_testing.h"

#include <algorithm>

#include "vault/plan_schedule.h"
#include "vault/testing_plans.h"

namespace tidemark::advice {
namespace {

using vault::Place;
using vault::Ptr;

constexpr std::string_view kMonthlyPlan =
    R"-('{"RestoreTestingPlanName":"monthly","ScheduleExpression":"cron(0 5 1 * ? *)",)-"
    R"-("RecoveryPointSelection":{"Algorithm":"LATEST_WITHIN_WINDOW","IncludeVaults":["*"],)-"
    R"-("RecoveryPointTypes":["SNAPSHOT"]}}')-";

// The newest test of the table whose end is known; null: there is none.
Ptr<vault::RestoreTestRecord> LastTest(const vault::VaultStore& vaults, const Place& place,
                                       const std::string& arn) {
  Ptr<vault::RestoreTestRecord> last;
  for (const auto& test : vaults.List<vault::RestoreTestRecord>(place)) {
    if (test->table_arn == arn && test->is_compared && (!last || last->created < test->created))
      last = test;
  }
  return last;
}

// The plan that tests the table; null: none.
Ptr<vault::TestingPlanRecord> PlanThatTests(const vault::VaultStore& vaults, const Place& place,
                                            const catalog::TableRecord& table) {
  const vault::Tags tags = vault::TagsOfTable(table);
  for (const auto& selection : vaults.List<vault::TestingSelectionRecord>(place)) {
    if (vault::TestSelects(*selection, table.Arn(), tags))
      return vaults.Find<vault::TestingPlanRecord>(place, selection->plan);
  }
  return nullptr;
}

std::string Command(std::string_view act, const Region& region, std::string_view options) {
  return fmt::format("aws backup {} --region {} {}", act, region.value, options);
}

Finding Untested(const vault::VaultStore& vaults, const Place& place,
                 const catalog::TableRecord& table, const vault::TestingPlanRecord* plan) {
  Finding finding{Severity::kMedium, "RESTORE_NOT_TESTED", table.region, table.Arn(), {}, {}};
  finding.text = fmt::format(
      "No recovery point of table {} has ever been restored: nobody knows that it can be.",
      table.name);
  const auto plans = vaults.List<vault::TestingPlanRecord>(place);
  if (plan) {
    finding.text +=
        fmt::format(" Plan {} names it, and found none that is young enough.", plan->name);
    finding.command = Command("get-restore-testing-plan", table.region,
                              "--restore-testing-plan-name " + plan->name);
  } else if (plans.empty()) {
    finding.command = Command("create-restore-testing-plan", table.region,
                              fmt::format("--restore-testing-plan {}", kMonthlyPlan));
  } else {
    finding.command = Command(
        "create-restore-testing-selection", table.region,
        fmt::format("--restore-testing-plan-name {} --restore-testing-selection "
                    R"('{{"RestoreTestingSelectionName":"all","ProtectedResourceType":"DynamoDB",)"
                    R"("ProtectedResourceArns":["*"],"IamRoleArn":"ROLE"}}')",
                    plans.front()->name));
  }
  return finding;
}

}  // namespace

void CheckRestoreTests(const vault::VaultStore& vaults, const catalog::TableRecord& table,
                       std::vector<Finding>* found) {
  const Place place{table.account, table.region};
  const std::string arn = table.Arn();
  if (const auto last = LastTest(vaults, place, arn)) {
    const bool failed =
        !last->is_alike || (last->validation == vault::Validation::kFailed && !last->is_late);
    if (failed) {
      found->push_back(
          {Severity::kHigh, "RESTORE_TEST_FAILED", table.region, arn,
           fmt::format("The last restore test of table {} failed.", table.name),
           Command("describe-restore-job", table.region, "--restore-job-id " + last->job_id)});
    } else if (last->is_late) {
      const auto seconds = std::chrono::ceil<std::chrono::seconds>(last->took).count();
      found->push_back(
          {Severity::kMedium, "RESTORE_OBJECTIVE_MISSED", table.region, arn,
           fmt::format("The last restore test of table {} took {} s, longer than the objective "
                       "of {} s: restores must become faster, or the objective truer.",
                       table.name, vault::SecondsText(last->took),
                       vault::SecondsText(last->objective)),
           Command("tag-resource", table.region,
                   fmt::format("--resource-arn {} --tags {}={}", last->plan_arn,
                               vault::kObjectiveTag, seconds))});
    }
    return;
  }
  bool protects = false;
  for (const auto& point : vaults.List<vault::PointRecord>(place)) {
    if (point->table_arn != arn || point->status != vault::PointStatus::kCompleted) continue;
    if (point->restored != Timestamp{}) return;
    protects = true;
  }
  const auto plan = PlanThatTests(vaults, place, table);
  if (!protects || (plan && plan->executed == Timestamp{})) return;
  found->push_back(Untested(vaults, place, table, plan.get()));
}

}  // namespace tidemark::advice
