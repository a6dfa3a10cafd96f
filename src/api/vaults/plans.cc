// Plans.
#include "vault/plans.h"

#include "api/vaults/handlers.h"
#include "api/vaults/shapes_gen.h"
#include "base/random.h"
#include "vault/fault.h"
#include "vault/plan_schedule.h"

namespace tidemark::api::vault_rest {

namespace {

template <class List>
bool IsGiven(const std::optional<List>& list) {
  return list && !list->empty();
}

Result<void> RefuseParts(const BackupRuleInput& rule) {
  const auto refuse = [&](std::string_view member, std::string_view why) {
    return vault::FailWith(vault::Fault::kInvalidParameter, "Error in rule {} : {}: {}",
                           *rule.rule_name, member, why);
  };
  if (IsGiven(rule.index_actions)) return refuse("IndexActions", "DynamoDB has no backup index");
  if (IsGiven(rule.scan_actions)) return refuse("ScanActions", "DynamoDB has no scans for malware");
  if (rule.lifecycle && rule.lifecycle->delete_after_event)
    return refuse("DeleteAfterEvent", "it is told of backups for air-gapped vaults, not asked for");
  return {};
}

// What is wrong with days is told with the rule's name, later.
vault::Lifecycle DaysOf(const std::optional<Lifecycle>& given) {
  if (!given) return {};
  const auto days = [](std::optional<int64_t> one) { return one == -1 ? std::nullopt : one; };
  return {days(given->move_to_cold_storage_after_days), days(given->delete_after_days)};
}

Result<vault::PlanRule> ToRule(const BackupRuleInput& input) {
  TM_TRYV(RefuseParts(input));
  vault::PlanRule rule;
  rule.name = *input.rule_name;
  rule.vault = *input.target_backup_vault_name;
  rule.schedule = input.schedule_expression.value_or(std::string(vault::kDefaultSchedule));
  rule.zone = input.schedule_expression_timezone.value_or(std::string(vault::kDefaultZone));
  rule.start_minutes = input.start_window_minutes.value_or(vault::kDefaultStartMinutes);
  rule.complete_minutes = input.completion_window_minutes.value_or(vault::kDefaultCompleteMinutes);
  rule.tags = ToTags(input.recovery_point_tags);
  rule.air_gapped_arn = input.target_logically_air_gapped_backup_vault_arn.value_or("");
  rule.continuous = input.enable_continuous_backup.value_or(false);
  rule.lifecycle = DaysOf(input.lifecycle);
  for (const auto& copy : input.copy_actions.value_or(std::vector<CopyAction>())) {
    if (copy.lifecycle && copy.lifecycle->delete_after_event) {
      return vault::FailWith(vault::Fault::kInvalidParameter,
                             "Error in rule {} : DeleteAfterEvent: it is told of backups for "
                             "air-gapped vaults, not asked for",
                             rule.name);
    }
    rule.copies.push_back({*copy.destination_backup_vault_arn, DaysOf(copy.lifecycle)});
  }
  return rule;
}

Result<vault::PlanDocument> ToDocument(const BackupPlanInput& input) {
  if (IsGiven(input.advanced_backup_settings) || IsGiven(input.scan_settings)) {
    return vault::FailWith(vault::Fault::kInvalidParameter,
                           "AdvancedBackupSettings and ScanSettings are not for DynamoDB");
  }
  vault::PlanDocument document{.name = *input.backup_plan_name, .rules = {}};
  for (const auto& rule : *input.rules) {
    TM_TRY(document.rules.emplace_back(), ToRule(rule));
  }
  return document;
}

void WriteRule(const vault::PlanRule& rule, JsonWriter* w) {
  w->BeginObject().Field("RuleName", rule.name);
  if (!rule.id.empty()) w->Field("RuleId", rule.id);
  w->Field("TargetBackupVaultName", rule.vault);
  if (!rule.air_gapped_arn.empty())
    w->Field("TargetLogicallyAirGappedBackupVaultArn", rule.air_gapped_arn);
  w->Field("ScheduleExpression", rule.schedule).Field("ScheduleExpressionTimezone", rule.zone);
  w->Field("StartWindowMinutes", rule.start_minutes);
  w->Field("CompletionWindowMinutes", rule.complete_minutes);
  if (rule.lifecycle != vault::Lifecycle()) WriteLifecycle("Lifecycle", rule.lifecycle, w);
  if (!rule.tags.empty()) WriteTextMap("RecoveryPointTags", rule.tags, w);
  if (!rule.copies.empty()) {
    w->Key("CopyActions").BeginArray();
    for (const auto& copy : rule.copies) {
      w->BeginObject();
      if (copy.lifecycle != vault::Lifecycle()) WriteLifecycle("Lifecycle", copy.lifecycle, w);
      w->Field("DestinationBackupVaultArn", copy.vault_arn).EndObject();
    }
    w->EndArray();
  }
  w->FieldBool("EnableContinuousBackup", rule.continuous).EndObject();
}

void WriteIds(const vault::PlanRecord& plan, std::string_view version, JsonWriter* w) {
  w->Field("BackupPlanId", plan.plan_id).Field("BackupPlanArn", plan.Arn());
  w->Field("VersionId", version);
}

// Members that a plan and its place in a list have both, beside its document.
void WritePlan(const vault::PlanRecord& plan, std::string_view version, Timestamp created,
               JsonWriter* w) {
  WriteIds(plan, version, w);
  w->Key("CreationDate").EpochMillis(created);
  if (plan.deleted) w->Key("DeletionDate").EpochMillis(*plan.deleted);
  if (plan.executed != Timestamp{}) w->Key("LastExecutionDate").EpochMillis(plan.executed);
  if (!plan.creator_request_id.empty()) w->Field("CreatorRequestId", plan.creator_request_id);
}

void WriteRuns(const vault::PlanDocument& document, Timestamp now, int64_t limit, JsonWriter* w) {
  w->Key("ScheduledRunsPreview").BeginArray();
  for (const auto& run : vault::NextRuns(document, now, static_cast<size_t>(limit))) {
    w->BeginObject().Key("ExecutionTime").EpochMillis(run.time).Field("RuleId", run.rule_id);
    w->Field("RuleExecutionType", "SNAPSHOT").EndObject();
  }
  w->EndArray();
}

std::string CreatedAnswer(const vault::PlanRecord& plan, std::string_view date, Timestamp time) {
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject();
  WriteIds(plan, plan.version, &w);
  w.Key(date).EpochMillis(time).EndObject();
  return answer;
}

}  // namespace

void WritePlanDocument(const vault::PlanDocument& document, JsonWriter* w) {
  w->BeginObject().Field("BackupPlanName", document.name);
  w->Key("Rules").BeginArray();
  for (const auto& rule : document.rules) WriteRule(rule, w);
  w->EndArray().EndObject();
}

Result<vault::PlanDocument> ReadPlanDocument(JsonValue json) {
  TM_TRY(const auto input, ParseCreateBackupPlan(json));
  return ToDocument(*input.backup_plan);
}

Result<std::string> CreateBackupPlan(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseCreateBackupPlan(body));
  vault::PlanRecord wanted;
  TM_TRY(wanted.document, ToDocument(*input.backup_plan));
  wanted.tags = ToTags(input.backup_plan_tags);
  wanted.creator_request_id = input.creator_request_id.value_or("");
  TM_TRYV(vault::CheckDocument(call.scope, wanted.document));
  TM_TRYV(EnsureDefaultVault(call, wanted.document));
  TM_TRY(const auto plan, vault::CreatePlan(call.scope, std::move(wanted), TheSystemRandom()));
  return CreatedAnswer(*plan, "CreationDate", plan->created);
}

Result<std::string> UpdateBackupPlan(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseUpdateBackupPlan(body));
  TM_TRY(auto document, ToDocument(*input.backup_plan));
  TM_TRY(const auto before, vault::FindPlan(call.scope, *input.backup_plan_id));
  TM_TRYV(vault::CheckDocument(call.scope, document, &before->document));
  TM_TRYV(EnsureDefaultVault(call, document));
  TM_TRY(const auto plan, vault::UpdatePlan(call.scope, *input.backup_plan_id, std::move(document),
                                            TheSystemRandom()));
  return CreatedAnswer(*plan, "CreationDate", plan->done_until);
}

Result<std::string> DeleteBackupPlan(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDeleteBackupPlan(body));
  TM_TRY(const auto plan, vault::DeletePlan(call.scope, *input.backup_plan_id));
  return CreatedAnswer(*plan, "DeletionDate", *plan->deleted);
}

Result<std::string> GetBackupPlan(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseGetBackupPlan(body));
  const auto& scope = call.scope;
  const auto plan = scope.store.Find<vault::PlanRecord>(scope.place, *input.backup_plan_id);
  if (!plan) TM_TRYV(vault::FindPlan(scope, *input.backup_plan_id));
  TM_TRY(const auto version,
         vault::FindPlanVersion(scope, plan->plan_id, input.version_id.value_or(plan->version)));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject();
  WritePlan(*plan, version->version, plan->created, &w);
  w.Key("BackupPlan");
  WritePlanDocument(version->document, &w);
  if (input.max_scheduled_runs_preview.value_or(0) > 0)
    WriteRuns(version->document, scope.now, *input.max_scheduled_runs_preview, &w);
  w.EndObject();
  return answer;
}

Result<std::string> ListBackupPlans(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListBackupPlans(body));
  auto plans = call.scope.store.List<vault::PlanRecord>(call.scope.place);
  const bool deleted = input.include_deleted.value_or(false);
  std::erase_if(plans, [&](const auto& plan) { return plan->deleted && !deleted; });
  return PageAnswer(
      "BackupPlansList", std::move(plans), {input.max_results, input.next_token},
      [](const auto& plan) { return NewestFirst(plan->created, plan->plan_id); },
      [](const auto& plan, JsonWriter* w) {
        WritePlan(*plan, plan->version, plan->created, w);
        w->Field("BackupPlanName", plan->document.name);
      });
}

Result<std::string> ListBackupPlanVersions(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListBackupPlanVersions(body));
  TM_TRY(const auto plan, vault::FindPlan(call.scope, *input.backup_plan_id));
  auto versions = call.scope.store.List<vault::PlanVersionRecord>(call.scope.place);
  std::erase_if(versions, [&](const auto& one) { return one->plan_id != plan->plan_id; });
  return PageAnswer(
      "BackupPlanVersionsList", std::move(versions), {input.max_results, input.next_token},
      [](const auto& one) { return NewestFirst(one->created, one->version); },
      [&](const auto& one, JsonWriter* w) {
        WritePlan(*plan, one->version, one->created, w);
        w->Field("BackupPlanName", one->document.name);
      });
}

}  // namespace tidemark::api::vault_rest
