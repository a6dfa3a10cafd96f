// Jobs that back up.
#include "api/vaults/handlers.h"
#include "api/vaults/shapes_gen.h"
#include "vault/fault.h"

namespace tidemark::api::vault_rest {

namespace {

Result<void> RefuseOptions(const StartBackupJobInput& input) {
  using vault::Fault;
  if (input.backup_options && !input.backup_options->empty()) {
    return vault::FailWith(Fault::kInvalidParameter, "BackupOptions: DynamoDB has none");
  }
  if (input.index == Index::kEnabled)
    return vault::FailWith(Fault::kInvalidParameter, "Index: DynamoDB has no backup index");
  const auto& lifecycle = input.lifecycle;
  if (lifecycle && lifecycle->delete_after_event) {
    return vault::FailWith(Fault::kInvalidParameter,
                           "DeleteAfterEvent: it is told of backups for air-gapped vaults, not "
                           "asked for");
  }
  return {};
}

bool IsMeant(const ListBackupJobsInput& input, const vault::BackupJobRecord& job) {
  const bool ended = job.completed != Timestamp{};
  return job.table_arn == input.by_resource_arn.value_or(job.table_arn) &&
         (!input.by_state ||
          vault::ToString(job.state) ==
              vault::ToString(static_cast<vault::BackupJobState>(*input.by_state))) &&
         job.vault == input.by_backup_vault_name.value_or(job.vault) &&
         (!input.by_created_before || job.created < *input.by_created_before) &&
         (!input.by_created_after || job.created > *input.by_created_after) &&
         (!input.by_complete_before || (ended && job.completed < *input.by_complete_before)) &&
         (!input.by_complete_after || (ended && job.completed > *input.by_complete_after)) &&
         input.by_resource_type.value_or("DynamoDB") == "DynamoDB" &&
         (!input.by_account_id || *input.by_account_id == "*" ||
          *input.by_account_id == job.account.value) &&
         !input.by_parent_job_id &&
         (!input.by_message_category || *input.by_message_category == job.category);
}

}  // namespace

Result<std::string> StartBackupJob(const VaultCall& call, JsonValue body) {
  TM_TRY(auto input, ParseStartBackupJob(body));
  TM_TRYV(RefuseOptions(input));
  vault::BackupJobRequest request;
  request.vault = *std::move(input.backup_vault_name);
  request.table_arn = *std::move(input.resource_arn);
  request.role_arn = *std::move(input.iam_role_arn);
  request.token = input.idempotency_token.value_or("");
  request.start_minutes = input.start_window_minutes;
  request.complete_minutes = input.complete_window_minutes;
  request.tags = ToTags(input.recovery_point_tags);
  request.air_gapped_arn = input.logically_air_gapped_backup_vault_arn.value_or("");
  if (const auto& lifecycle = input.lifecycle) {
    TM_TRY(request.lifecycle, vault::MakeLifecycle(lifecycle->move_to_cold_storage_after_days,
                                                   lifecycle->delete_after_days));
  }
  TM_TRY(const auto job, call.services.backup_jobs.Start(call.scope, request));
  call.services.worker.Wake();
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Field("BackupJobId", job->job_id);
  w.Key("CreationDate").EpochMillis(job->created);
  w.FieldBool("IsParent", false).EndObject();
  return answer;
}

Result<std::string> DescribeBackupJob(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDescribeBackupJob(body));
  TM_TRY(const auto job, call.services.backup_jobs.Find(call.scope, *input.backup_job_id));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject();
  WriteBackupJob(*job, &w);
  w.EndObject();
  return answer;
}

Result<std::string> ListBackupJobs(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListBackupJobs(body));
  auto jobs = call.scope.store.List<vault::BackupJobRecord>(call.scope.place);
  std::erase_if(jobs, [&](const auto& job) { return !IsMeant(input, *job); });
  return PageAnswer(
      "BackupJobs", std::move(jobs), {input.max_results, input.next_token},
      [](const auto& job) { return NewestFirst(job->created, job->job_id); },
      [](const auto& job, JsonWriter* w) { WriteBackupJob(*job, w); });
}

Result<std::string> StopBackupJob(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseStopBackupJob(body));
  TM_TRYV(call.services.backup_jobs.Stop(call.scope, *input.backup_job_id));
  call.services.worker.Wake();
  return std::string();
}

}  // namespace tidemark::api::vault_rest
