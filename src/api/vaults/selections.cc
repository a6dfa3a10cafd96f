// Which tables a plan backs up.
#include "api/vaults/handlers.h"
#include "api/vaults/shapes_gen.h"
#include "base/random.h"
#include "vault/backup_jobs.h"
#include "vault/role.h"

namespace tidemark::api::vault_rest {

namespace {

using Parameters = std::vector<ConditionParameter>;

std::vector<vault::TagTest> ToTests(const std::optional<Parameters>& parameters) {
  std::vector<vault::TagTest> tests;
  if (!parameters) return tests;
  for (const auto& one : *parameters)
    tests.push_back({one.condition_key.value_or(""), one.condition_value.value_or("")});
  return tests;
}

vault::SelectionRecord ToSelection(const CreateBackupSelectionInput& input) {
  const BackupSelection& given = *input.backup_selection;
  vault::SelectionRecord selection;
  selection.plan_id = *input.backup_plan_id;
  selection.name = *given.selection_name;
  selection.role_arn = *given.iam_role_arn;
  selection.creator_request_id = input.creator_request_id.value_or("");
  selection.resources = given.resources.value_or(std::vector<std::string>());
  selection.not_resources = given.not_resources.value_or(std::vector<std::string>());
  if (given.list_of_tags) {
    for (const auto& tag : *given.list_of_tags)
      selection.any_tag.push_back({*tag.condition_key, *tag.condition_value});
  }
  if (const auto& conditions = given.conditions) {
    selection.equals = ToTests(conditions->string_equals);
    selection.not_equals = ToTests(conditions->string_not_equals);
    selection.like = ToTests(conditions->string_like);
    selection.not_like = ToTests(conditions->string_not_like);
  }
  return selection;
}

void WriteTests(std::string_view name, const std::vector<vault::TagTest>& tests, bool typed,
                JsonWriter* w) {
  w->Key(name).BeginArray();
  for (const auto& test : tests) {
    w->BeginObject();
    if (typed) w->Field("ConditionType", "STRINGEQUALS");
    w->Field("ConditionKey", test.key).Field("ConditionValue", test.value).EndObject();
  }
  w->EndArray();
}

// Members that a selection and its place in a list have both.
void WriteSelectionIds(const vault::SelectionRecord& selection, JsonWriter* w) {
  w->Field("SelectionId", selection.selection_id).Field("BackupPlanId", selection.plan_id);
  w->Key("CreationDate").EpochMillis(selection.created);
  if (!selection.creator_request_id.empty())
    w->Field("CreatorRequestId", selection.creator_request_id);
}

void WriteSelection(const vault::SelectionRecord& selection, JsonWriter* w) {
  w->Key("BackupSelection").BeginObject().Field("SelectionName", selection.name);
  w->Field("IamRoleArn", selection.role_arn);
  WriteTexts("Resources", selection.resources, w);
  WriteTexts("NotResources", selection.not_resources, w);
  WriteTests("ListOfTags", selection.any_tag, true, w);
  w->Key("Conditions").BeginObject();
  WriteTests("StringEquals", selection.equals, false, w);
  WriteTests("StringNotEquals", selection.not_equals, false, w);
  WriteTests("StringLike", selection.like, false, w);
  WriteTests("StringNotLike", selection.not_like, false, w);
  w->EndObject().EndObject();
}

}  // namespace

Result<std::string> CreateBackupSelection(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseCreateBackupSelection(body));
  const std::string& role = *input.backup_selection->iam_role_arn;
  TM_TRYV(AuthorizePassRole(call, role));
  TM_TRYV(vault::AssumeServiceRole(call.services.directory, call.scope.place.account, role));
  TM_TRY(const auto selection,
         vault::CreateSelection(call.scope, ToSelection(input), TheSystemRandom()));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject();
  WriteSelectionIds(*selection, &w);
  w.EndObject();
  return answer;
}

Result<std::string> GetBackupSelection(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseGetBackupSelection(body));
  TM_TRY(const auto selection,
         vault::FindSelection(call.scope, *input.backup_plan_id, *input.selection_id));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject();
  WriteSelectionIds(*selection, &w);
  WriteSelection(*selection, &w);
  w.EndObject();
  return answer;
}

Result<std::string> DeleteBackupSelection(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDeleteBackupSelection(body));
  TM_TRYV(vault::DeleteSelection(call.scope, *input.backup_plan_id, *input.selection_id));
  return std::string();
}

Result<std::string> ListBackupSelections(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListBackupSelections(body));
  TM_TRYV(vault::FindPlan(call.scope, *input.backup_plan_id));
  return PageAnswer(
      "BackupSelectionsList", vault::SelectionsOf(call.scope, *input.backup_plan_id),
      {input.max_results, input.next_token},
      [](const auto& one) { return NewestFirst(one->created, one->selection_id); },
      [](const auto& one, JsonWriter* w) {
        WriteSelectionIds(*one, w);
        w->Field("SelectionName", one->name).Field("IamRoleArn", one->role_arn);
      });
}

}  // namespace tidemark::api::vault_rest
