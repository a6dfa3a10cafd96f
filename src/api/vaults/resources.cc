// Tables that have recovery points; tags of vaults and recovery points.
#include <map>

#include "api/vaults/handlers.h"
#include "api/vaults/shapes_gen.h"
#include "vault/fault.h"
#include "vault/frameworks.h"
#include "vault/holds.h"
#include "vault/reports.h"
#include "vault/testing_plans.h"

namespace tidemark::api::vault_rest {

namespace {

using PointPtr = vault::Ptr<vault::PointRecord>;

// The newest finished recovery point of each table, of one vault or (empty) of all.
std::vector<PointPtr> NewestPoints(const vault::VaultScope& scope, std::string_view vault) {
  std::map<std::string, PointPtr> newest;  // by table
  for (const auto& point : scope.store.List<vault::PointRecord>(scope.place)) {
    if (!vault.empty() && point->vault != vault) continue;
    if (point->status == vault::PointStatus::kCreating) continue;
    PointPtr& known = newest[point->table_arn];
    if (!known || known->created < point->created) known = point;
  }
  std::vector<PointPtr> points;
  for (auto& [table, point] : newest) points.push_back(std::move(point));
  return points;
}

void WriteResource(const vault::PointRecord& newest, JsonWriter* w) {
  w->Field("ResourceArn", newest.table_arn).Field("ResourceType", "DynamoDB");
  w->Field("ResourceName", newest.table_name);
  w->Key("LastBackupTime").EpochMillis(newest.created);
  w->Field("LastBackupVaultArn", newest.VaultArn());
  w->Field("LastRecoveryPointArn", newest.arn);
}

void WriteLatestRestore(const VaultCall& call, std::string_view table_arn, JsonWriter* w) {
  vault::Ptr<vault::RestoreJobRecord> latest;
  for (const auto& job : call.scope.store.List<vault::RestoreJobRecord>(call.scope.place)) {
    if (job->source_arn != table_arn || job->status != vault::RestoreJobStatus::kCompleted)
      continue;
    if (!latest || latest->created < job->created) latest = job;
  }
  if (!latest) return;
  const auto took = std::chrono::ceil<std::chrono::minutes>(latest->completed - latest->created);
  w->Field("LatestRestoreExecutionTimeMinutes", static_cast<int64_t>(took.count()));
  w->Key("LatestRestoreJobCreationDate").EpochMillis(latest->created);
  w->Key("LatestRestoreRecoveryPointCreationDate").EpochMillis(latest->point_created);
}

Result<std::string> PageOfResources(const vault::VaultScope& scope, std::string_view vault,
                                    const PageRequest& page) {
  return PageAnswer(
      "Results", NewestPoints(scope, vault), page,
      [](const PointPtr& point) { return point->table_arn; },
      [](const PointPtr& point, JsonWriter* w) { WriteResource(*point, w); });
}

// Changes the tags of what has that ARN: a vault, plan, recovery point, legal hold, restore testing
// plan, framework or report plan.
Result<void> EditTags(const VaultCall& call, const std::string& arn,
                      const std::function<Result<void>(vault::Tags*)>& edit) {
  const auto& scope = call.scope;
  return scope.store.Apply([&]() -> Result<vault::Changes> {
    if (const auto point = scope.store.Find<vault::PointRecord>(scope.place, arn)) {
      vault::PointRecord tagged = *point;
      TM_TRYV(edit(&tagged.tags));
      return vault::Changes{std::move(tagged)};
    }
    for (const auto& vault : scope.store.List<vault::VaultRecord>(scope.place)) {
      if (vault->Arn() != arn) continue;
      vault::VaultRecord tagged = *vault;
      TM_TRYV(edit(&tagged.tags));
      return vault::Changes{std::move(tagged)};
    }
    if (const auto plan = FindPlanByArn(scope, arn)) {
      vault::PlanRecord tagged = *plan;
      TM_TRYV(edit(&tagged.tags));
      return vault::Changes{std::move(tagged)};
    }
    if (const auto hold = vault::FindHoldByArn(scope, arn)) {
      vault::HoldRecord tagged = *hold;
      TM_TRYV(edit(&tagged.tags));
      return vault::Changes{std::move(tagged)};
    }
    if (const auto plan = vault::FindTestingPlanByArn(scope, arn)) {
      vault::TestingPlanRecord tagged = *plan;
      TM_TRYV(edit(&tagged.tags));
      TM_TRYV(vault::ObjectiveOf(tagged.tags));
      return vault::Changes{std::move(tagged)};
    }
    if (const auto framework = vault::FindFrameworkByArn(scope, arn)) {
      vault::FrameworkRecord tagged = *framework;
      TM_TRYV(edit(&tagged.tags));
      return vault::Changes{std::move(tagged)};
    }
    if (const auto plan = vault::FindReportPlanByArn(scope, arn)) {
      vault::ReportPlanRecord tagged = *plan;
      TM_TRYV(edit(&tagged.tags));
      return vault::Changes{std::move(tagged)};
    }
    return vault::FailWith(vault::Fault::kNotFound, "Resource {} does not exist", arn);
  });
}

}  // namespace

Result<std::string> ListProtectedResources(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListProtectedResources(body));
  return PageOfResources(call.scope, "", {input.max_results, input.next_token});
}

Result<std::string> ListProtectedResourcesByBackupVault(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListProtectedResourcesByBackupVault(body));
  const auto scope = OwnerScope(call, input.backup_vault_account_id);
  TM_TRYV(vault::FindVault(scope, *input.backup_vault_name));
  return PageOfResources(scope, *input.backup_vault_name, {input.max_results, input.next_token});
}

Result<std::string> DescribeProtectedResource(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDescribeProtectedResource(body));
  for (const auto& point : NewestPoints(call.scope, "")) {
    if (point->table_arn != *input.resource_arn) continue;
    std::string answer;
    JsonWriter w(&answer);
    w.BeginObject();
    WriteResource(*point, &w);
    WriteLatestRestore(call, point->table_arn, &w);
    w.EndObject();
    return answer;
  }
  return vault::FailWith(vault::Fault::kNotFound, "Resource {} has no recovery point",
                         *input.resource_arn);
}

Result<std::string> GetSupportedResourceTypes(const VaultCall&, JsonValue body) {
  TM_TRYV(ParseGetSupportedResourceTypes(body));
  return R"({"ResourceTypes":["DynamoDB"]})";
}

Result<std::string> TagResource(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseTagResource(body));
  TM_TRYV(EditTags(call, *input.resource_arn,
                   [&](vault::Tags* tags) { return vault::AddTags(ToTags(input.tags), tags); }));
  return std::string();
}

Result<std::string> UntagResource(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseUntagResource(body));
  TM_TRYV(EditTags(call, *input.resource_arn, [&](vault::Tags* tags) -> Result<void> {
    for (const std::string& key : *input.tag_key_list) tags->erase(key);
    return {};
  }));
  return std::string();
}

Result<std::string> ListTags(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListTags(body));
  const auto& scope = call.scope;
  vault::Tags tags;
  bool found = false;
  if (const auto point = scope.store.Find<vault::PointRecord>(scope.place, *input.resource_arn)) {
    tags = point->tags;
    found = true;
  }
  for (const auto& vault : scope.store.List<vault::VaultRecord>(scope.place)) {
    if (vault->Arn() != *input.resource_arn) continue;
    tags = vault->tags;
    found = true;
  }
  if (const auto plan = FindPlanByArn(scope, *input.resource_arn)) {
    tags = plan->tags;
    found = true;
  }
  if (const auto hold = vault::FindHoldByArn(scope, *input.resource_arn)) {
    tags = hold->tags;
    found = true;
  }
  if (const auto plan = vault::FindTestingPlanByArn(scope, *input.resource_arn)) {
    tags = plan->tags;
    found = true;
  }
  if (const auto framework = vault::FindFrameworkByArn(scope, *input.resource_arn)) {
    tags = framework->tags;
    found = true;
  }
  if (const auto plan = vault::FindReportPlanByArn(scope, *input.resource_arn)) {
    tags = plan->tags;
    found = true;
  }
  if (!found) {
    return vault::FailWith(vault::Fault::kNotFound, "Resource {} does not exist",
                           *input.resource_arn);
  }
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject();
  WriteTextMap("Tags", tags, &w);
  w.EndObject();
  return answer;
}

}  // namespace tidemark::api::vault_rest
