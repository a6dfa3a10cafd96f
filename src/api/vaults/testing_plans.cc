// Plans of restore testing.
#include "vault/testing_plans.h"

#include "api/vaults/handlers.h"
#include "api/vaults/shapes_gen.h"
#include "base/random.h"
#include "vault/fault.h"
#include "vault/plans.h"

namespace tidemark::api::vault_rest {

namespace {

Result<vault::PointChoice> ToChoice(const RestoreTestingRecoveryPointSelection& given) {
  using Algorithm = RestoreTestingRecoveryPointSelectionAlgorithm;
  if (!given.algorithm) {
    return vault::FailWith(vault::Fault::kMissingParameter,
                           "RecoveryPointSelection must have an Algorithm");
  }
  vault::PointChoice choice;
  choice.random = *given.algorithm == Algorithm::kRandomWithinWindow;
  choice.snapshots = false;
  for (const auto type :
       given.recovery_point_types.value_or(std::vector<RestoreTestingRecoveryPointType>())) {
    const bool snapshots = type == RestoreTestingRecoveryPointType::kSnapshot;
    (snapshots ? choice.snapshots : choice.continuous) = true;
  }
  choice.vaults = given.include_vaults.value_or(std::vector<std::string>());
  choice.other_vaults = given.exclude_vaults.value_or(std::vector<std::string>());
  choice.window_days = given.selection_window_days.value_or(vault::kDefaultTestWindowDays);
  return choice;
}

void WriteChoice(const vault::PointChoice& choice, JsonWriter* w) {
  w->Key("RecoveryPointSelection").BeginObject();
  w->Field("Algorithm", choice.random ? "RANDOM_WITHIN_WINDOW" : "LATEST_WITHIN_WINDOW");
  WriteTexts("IncludeVaults", choice.vaults, w);
  WriteTexts("ExcludeVaults", choice.other_vaults, w);
  std::vector<std::string> types;
  if (choice.continuous) types.emplace_back("CONTINUOUS");
  if (choice.snapshots) types.emplace_back("SNAPSHOT");
  WriteTexts("RecoveryPointTypes", types, w);
  w->Field("SelectionWindowDays", choice.window_days).EndObject();
}

void WriteTimeOf(std::string_view name, Timestamp time, JsonWriter* w) {
  if (time != Timestamp{}) w->Key(name).EpochMillis(time);
}

// Members that a plan and its place in a list have both.
void WriteTestingPlan(const vault::TestingPlanRecord& plan, JsonWriter* w) {
  w->Key("CreationTime").EpochMillis(plan.created);
  WriteTimeOf("LastExecutionTime", plan.executed, w);
  WriteTimeOf("LastUpdateTime", plan.updated, w);
  w->Field("RestoreTestingPlanArn", plan.Arn()).Field("RestoreTestingPlanName", plan.name);
  w->Field("ScheduleExpression", plan.schedule).Field("ScheduleExpressionTimezone", plan.zone);
  w->Field("StartWindowHours", plan.start_hours);
}

}  // namespace

Result<std::string> CreateRestoreTestingPlan(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseCreateRestoreTestingPlan(body));
  const RestoreTestingPlanForCreate& given = *input.restore_testing_plan;
  vault::TestingPlanRecord wanted;
  wanted.name = *given.restore_testing_plan_name;
  wanted.creator_request_id = input.creator_request_id.value_or("");
  wanted.schedule = *given.schedule_expression;
  wanted.zone = given.schedule_expression_timezone.value_or(std::string(vault::kDefaultZone));
  wanted.start_hours = given.start_window_hours.value_or(vault::kDefaultStartHours);
  TM_TRY(wanted.choice, ToChoice(*given.recovery_point_selection));
  wanted.tags = ToTags(input.tags);
  TM_TRY(const auto plan,
         vault::CreateTestingPlan(call.scope, std::move(wanted), TheSystemRandom()));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Key("CreationTime").EpochMillis(plan->created);
  w.Field("RestoreTestingPlanArn", plan->Arn()).Field("RestoreTestingPlanName", plan->name);
  w.EndObject();
  return answer;
}

Result<std::string> UpdateRestoreTestingPlan(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseUpdateRestoreTestingPlan(body));
  const RestoreTestingPlanForUpdate& given = *input.restore_testing_plan;
  vault::TestingPlanChange change{.schedule = given.schedule_expression,
                                  .zone = given.schedule_expression_timezone,
                                  .start_hours = given.start_window_hours,
                                  .choice = {}};
  if (given.recovery_point_selection) {
    TM_TRY(change.choice, ToChoice(*given.recovery_point_selection));
  }
  TM_TRY(const auto plan,
         vault::UpdateTestingPlan(call.scope, *input.restore_testing_plan_name, change));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Key("CreationTime").EpochMillis(plan->created);
  w.Field("RestoreTestingPlanArn", plan->Arn()).Field("RestoreTestingPlanName", plan->name);
  w.Key("UpdateTime").EpochMillis(plan->updated).EndObject();
  return answer;
}

Result<std::string> GetRestoreTestingPlan(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseGetRestoreTestingPlan(body));
  TM_TRY(const auto plan, vault::FindTestingPlan(call.scope, *input.restore_testing_plan_name));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Key("RestoreTestingPlan").BeginObject();
  WriteTestingPlan(*plan, &w);
  if (!plan->creator_request_id.empty()) w.Field("CreatorRequestId", plan->creator_request_id);
  WriteChoice(plan->choice, &w);
  w.EndObject().EndObject();
  return answer;
}

Result<std::string> ListRestoreTestingPlans(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListRestoreTestingPlans(body));
  return PageAnswer(
      "RestoreTestingPlans", call.scope.store.List<vault::TestingPlanRecord>(call.scope.place),
      {input.max_results, input.next_token}, [](const auto& plan) { return plan->name; },
      [](const auto& plan, JsonWriter* w) { WriteTestingPlan(*plan, w); });
}

Result<std::string> DeleteRestoreTestingPlan(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDeleteRestoreTestingPlan(body));
  TM_TRYV(vault::DeleteTestingPlan(call.scope, *input.restore_testing_plan_name));
  return std::string();
}

}  // namespace tidemark::api::vault_rest
