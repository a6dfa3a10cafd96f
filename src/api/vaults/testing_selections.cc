// Which tables a plan of restore testing tests, and how.
#include "api/vaults/handlers.h"
#include "api/vaults/shapes_gen.h"
#include "base/random.h"
#include "vault/fault.h"
#include "vault/role.h"
#include "vault/testing_plans.h"

namespace tidemark::api::vault_rest {

namespace {

std::vector<vault::TagTest> ToKeyTests(const std::optional<std::vector<KeyValue>>& given) {
  std::vector<vault::TagTest> tests;
  for (const auto& one : given.value_or(std::vector<KeyValue>()))
    tests.push_back({*one.key, *one.value});
  return tests;
}

void WriteKeyTests(std::string_view name, const std::vector<vault::TagTest>& tests, JsonWriter* w) {
  w->Key(name).BeginArray();
  for (const auto& test : tests)
    w->BeginObject().Field("Key", test.key).Field("Value", test.value).EndObject();
  w->EndArray();
}

// The role is one the caller may pass on, and may do what the overrides ask for.
Result<void> CheckTestRole(const VaultCall& call, const std::string& role,
                           const vault::Tags& overrides) {
  TM_TRYV(AuthorizePassRole(call, role));
  TM_TRYV(vault::AssumeServiceRole(call.services.directory, call.scope.place.account, role));
  TM_TRYV(vault::CheckOverrides(overrides, TheSystemRandom()));
  return AuthorizeKeyOfTable(call, role, vault::TestMetadata(overrides, TheSystemRandom()));
}

// Members that a selection and its place in a list have both.
void WriteTestingSelection(const vault::TestingSelectionRecord& selection, JsonWriter* w) {
  w->Key("CreationTime").EpochMillis(selection.created);
  w->Field("IamRoleArn", selection.role_arn).Field("ProtectedResourceType", "DynamoDB");
  w->Field("RestoreTestingPlanName", selection.plan);
  w->Field("RestoreTestingSelectionName", selection.name);
  w->Field("ValidationWindowHours", selection.validation_hours);
}

std::string ChangedAnswer(const VaultCall& call, const vault::TestingSelectionRecord& selection) {
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Key("CreationTime").EpochMillis(selection.created);
  if (const auto plan = vault::FindTestingPlan(call.scope, selection.plan))
    w.Field("RestoreTestingPlanArn", (*plan)->Arn());
  w.Field("RestoreTestingPlanName", selection.plan);
  w.Field("RestoreTestingSelectionName", selection.name);
  if (selection.updated != Timestamp{}) w.Key("UpdateTime").EpochMillis(selection.updated);
  w.EndObject();
  return answer;
}

}  // namespace

Result<std::string> CreateRestoreTestingSelection(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseCreateRestoreTestingSelection(body));
  const RestoreTestingSelectionForCreate& given = *input.restore_testing_selection;
  if (*given.protected_resource_type != "DynamoDB") {
    return vault::FailWith(vault::Fault::kInvalidParameter,
                           "ProtectedResourceType must be DynamoDB, not {}",
                           *given.protected_resource_type);
  }
  vault::TestingSelectionRecord wanted;
  wanted.plan = *input.restore_testing_plan_name;
  wanted.name = *given.restore_testing_selection_name;
  wanted.role_arn = *given.iam_role_arn;
  wanted.creator_request_id = input.creator_request_id.value_or("");
  wanted.tables = given.protected_resource_arns.value_or(std::vector<std::string>());
  if (const auto& conditions = given.protected_resource_conditions) {
    wanted.equals = ToKeyTests(conditions->string_equals);
    wanted.not_equals = ToKeyTests(conditions->string_not_equals);
  }
  wanted.overrides = ToTags(given.restore_metadata_overrides);
  wanted.validation_hours = given.validation_window_hours.value_or(0);
  TM_TRYV(CheckTestRole(call, wanted.role_arn, wanted.overrides));
  TM_TRY(const auto selection, vault::CreateTestingSelection(call.scope, std::move(wanted)));
  return ChangedAnswer(call, *selection);
}

Result<std::string> UpdateRestoreTestingSelection(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseUpdateRestoreTestingSelection(body));
  const RestoreTestingSelectionForUpdate& given = *input.restore_testing_selection;
  const std::string& plan = *input.restore_testing_plan_name;
  const std::string& name = *input.restore_testing_selection_name;
  TM_TRY(const auto old, vault::FindTestingSelection(call.scope, plan, name));
  vault::TestingSelectionChange change;
  change.role_arn = given.iam_role_arn;
  change.tables = given.protected_resource_arns;
  if (const auto& conditions = given.protected_resource_conditions) {
    change.equals = ToKeyTests(conditions->string_equals);
    change.not_equals = ToKeyTests(conditions->string_not_equals);
  }
  if (given.restore_metadata_overrides) change.overrides = ToTags(given.restore_metadata_overrides);
  change.validation_hours = given.validation_window_hours;
  TM_TRYV(CheckTestRole(call, change.role_arn.value_or(old->role_arn),
                        change.overrides.value_or(old->overrides)));
  TM_TRY(const auto selection, vault::UpdateTestingSelection(call.scope, plan, name, change));
  return ChangedAnswer(call, *selection);
}

Result<std::string> GetRestoreTestingSelection(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseGetRestoreTestingSelection(body));
  TM_TRY(const auto selection,
         vault::FindTestingSelection(call.scope, *input.restore_testing_plan_name,
                                     *input.restore_testing_selection_name));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Key("RestoreTestingSelection").BeginObject();
  WriteTestingSelection(*selection, &w);
  if (!selection->creator_request_id.empty())
    w.Field("CreatorRequestId", selection->creator_request_id);
  WriteTexts("ProtectedResourceArns", selection->tables, &w);
  w.Key("ProtectedResourceConditions").BeginObject();
  WriteKeyTests("StringEquals", selection->equals, &w);
  WriteKeyTests("StringNotEquals", selection->not_equals, &w);
  w.EndObject();
  WriteTextMap("RestoreMetadataOverrides", selection->overrides, &w);
  w.EndObject().EndObject();
  return answer;
}

Result<std::string> ListRestoreTestingSelections(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListRestoreTestingSelections(body));
  TM_TRYV(vault::FindTestingPlan(call.scope, *input.restore_testing_plan_name));
  return PageAnswer(
      "RestoreTestingSelections",
      vault::TestingSelectionsOf(call.scope, *input.restore_testing_plan_name),
      {input.max_results, input.next_token}, [](const auto& one) { return one->name; },
      [](const auto& one, JsonWriter* w) { WriteTestingSelection(*one, w); });
}

Result<std::string> DeleteRestoreTestingSelection(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDeleteRestoreTestingSelection(body));
  TM_TRYV(vault::DeleteTestingSelection(call.scope, *input.restore_testing_plan_name,
                                        *input.restore_testing_selection_name));
  return std::string();
}

}  // namespace tidemark::api::vault_rest
