// Jobs that copy recovery points.
#include "vault/copy_jobs.h"

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

}  // namespace

Result<std::string> StartCopyJob(const VaultCall& call, JsonValue body) {
  TM_TRY(auto input, ParseStartCopyJob(body));
  if (input.lifecycle && input.lifecycle->delete_after_event) {
    return vault::FailWith(vault::Fault::kInvalidParameter,
                           "DeleteAfterEvent: it is told of backups for air-gapped vaults, not "
                           "asked for");
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
  WriteCopyJob(call, *job, &w);
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
      [&](const auto& job, JsonWriter* w) { WriteCopyJob(call, *job, w); });
}

}  // namespace tidemark::api::vault_rest
