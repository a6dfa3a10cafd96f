// Jobs that copy recovery points.
#include "vault/copy_jobs.h"

#include <map>
#include <tuple>

#include "api/vaults/handlers.h"
#include "api/vaults/shapes_gen.h"
#include "vault/fault.h"

namespace tidemark::api::vault_rest {

namespace {

bool IsMeant(const ListCopyJobsInput& input, const vault::CopyJobRecord& job) {
  const bool ended = job.completed != Timestamp{};
  constexpr std::string_view kStates[] = {"CREATED", "RUNNING", "COMPLETED", "FAILED", "PARTIAL"};
  return job.table_arn == input.by_resource_arn.value_or(job.table_arn) &&
         (!input.by_state ||
          vault::ToString(job.state) == kStates[static_cast<size_t>(*input.by_state)]) &&
         (!input.by_created_before || job.created < *input.by_created_before) &&
         (!input.by_created_after || job.created > *input.by_created_after) &&
         input.by_resource_type.value_or("DynamoDB") == "DynamoDB" &&
         job.vault_arn == input.by_destination_vault_arn.value_or(job.vault_arn) &&
         (!input.by_account_id || *input.by_account_id == "*" ||
          *input.by_account_id == job.account.value) &&
         (!input.by_complete_before || (ended && job.completed < *input.by_complete_before)) &&
         (!input.by_complete_after || (ended && job.completed > *input.by_complete_after)) &&
         !input.by_parent_job_id &&
         (!input.by_message_category || *input.by_message_category == job.category) &&
         job.source_arn == input.by_source_recovery_point_arn.value_or(job.source_arn);
}

std::chrono::days LengthOf(const std::optional<AggregationPeriod>& period) {
  switch (period.value_or(AggregationPeriod::kOneDay)) {
    case AggregationPeriod::kSevenDays:
      return std::chrono::days(7);
    case AggregationPeriod::kFourteenDays:
      return std::chrono::days(14);
    default:
      return std::chrono::days(1);
  }
}

constexpr std::string_view kAll = "AGGREGATE_ALL";
constexpr std::string_view kAny = "ANY";

// The group's name for a value: itself, or one for all. Nothing: it is filtered out.
std::optional<std::string> GroupOf(const std::optional<std::string>& filter,
                                   std::string_view value) {
  if (filter == kAll) return std::string(kAll);
  if (!filter || filter == kAny || *filter == value) return std::string(value);
  return std::nullopt;
}

// State, message category, type of resource, account.
using Group = std::tuple<std::string, std::string, std::string, std::string>;

std::optional<Group> GroupOf(const ListCopyJobSummariesInput& input,
                             const vault::CopyJobRecord& job) {
  constexpr std::string_view kStatuses[] = {"CREATED",    "RUNNING",   "ABORTING", "ABORTED",
                                            "COMPLETING", "COMPLETED", "FAILING",  "FAILED",
                                            "PARTIAL",    kAll,        kAny};
  std::optional<std::string> wanted;
  if (input.state) wanted = std::string(kStatuses[static_cast<size_t>(*input.state)]);
  auto state = GroupOf(wanted, vault::ToString(job.state));
  auto category = GroupOf(input.message_category, job.category);
  auto type = GroupOf(input.resource_type, "DynamoDB");
  auto account = GroupOf(input.account_id, job.account.value);
  if (!state || !category || !type || !account) return std::nullopt;
  return Group{*state, *category, *type, *account};
}

}  // namespace

Result<std::string> StartCopyJob(const VaultCall& call, JsonValue body) {
  TM_TRY(auto input, ParseStartCopyJob(body));
  if (input.lifecycle && input.lifecycle->delete_after_event) {
    return vault::FailWith(vault::Fault::kInvalidParameter,
                           "DeleteAfterEvent: it is for air-gapped vaults");
  }
  vault::CopyJobRequest request;
  request.source_vault = *std::move(input.source_backup_vault_name);
  request.source_arn = *std::move(input.recovery_point_arn);
  request.role_arn = *std::move(input.iam_role_arn);
  request.token = input.idempotency_token.value_or("");
  request.action.vault_arn = *std::move(input.destination_backup_vault_arn);
  if (const auto& lifecycle = input.lifecycle) {
    TM_TRY(request.action.lifecycle,
           vault::MakeLifecycle(lifecycle->move_to_cold_storage_after_days,
                                lifecycle->delete_after_days));
  }
  TM_TRY(const auto job, call.services.copy_jobs.Start(call.scope, request));
  call.services.worker.Wake();
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Field("CopyJobId", job->job_id);
  w.Key("CreationDate").EpochMillis(job->created);
  w.FieldBool("IsParent", false).EndObject();
  return answer;
}

Result<std::string> DescribeCopyJob(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDescribeCopyJob(body));
  TM_TRY(const auto job, call.services.copy_jobs.Find(call.scope, *input.copy_job_id));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Key("CopyJob").BeginObject();
  WriteCopyJob(*job, &w);
  w.EndObject().EndObject();
  return answer;
}

Result<std::string> ListCopyJobs(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListCopyJobs(body));
  auto jobs = call.scope.store.List<vault::CopyJobRecord>(call.scope.place);
  std::erase_if(jobs, [&](const auto& job) { return !IsMeant(input, *job); });
  return PageAnswer(
      "CopyJobs", std::move(jobs), {input.max_results, input.next_token},
      [](const auto& job) { return NewestFirst(job->created, job->job_id); },
      [](const auto& job, JsonWriter* w) { WriteCopyJob(*job, w); });
}

Result<std::string> ListCopyJobSummaries(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListCopyJobSummaries(body));
  const Timestamp end = call.scope.now;
  const Timestamp begin = end - LengthOf(input.aggregation_period);
  std::map<Group, int64_t> counts;
  for (const auto& job : call.scope.store.List<vault::CopyJobRecord>(call.scope.place)) {
    if (job->created < begin) continue;
    if (const auto group = GroupOf(input, *job)) ++counts[*group];
  }
  return PageAnswer(
      "CopyJobSummaries", std::vector<std::pair<Group, int64_t>>(counts.begin(), counts.end()),
      {input.max_results, input.next_token},
      [](const auto& one) {
        return std::apply([](const auto&... part) { return (std::string() + ... + ("/" + part)); },
                          one.first);
      },
      [&](const auto& one, JsonWriter* w) {
        const auto& [state, category, type, account] = one.first;
        w->Field("Region", call.scope.place.region.value).Field("AccountId", account);
        w->Field("State", state).Field("ResourceType", type);
        w->Field("MessageCategory", category).Field("Count", one.second);
        w->Key("StartTime").EpochMillis(begin).Key("EndTime").EpochMillis(end);
      });
}

}  // namespace tidemark::api::vault_rest
