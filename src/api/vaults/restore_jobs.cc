// Jobs that restore.
#include "api/vaults/handlers.h"
#include "api/vaults/shapes_gen.h"
#include "vault/fault.h"
#include "vault/role.h"
#include "vault/testing_runs.h"

namespace tidemark::api::vault_rest {

namespace {

Result<void> RefuseUnknown(const StartRestoreJobInput& input) {
  using vault::Fault;
  if (!input.iam_role_arn)
    return vault::FailWith(Fault::kMissingParameter, "IamRoleArn is missing");
  if (input.resource_type.value_or("DynamoDB") != "DynamoDB") {
    return vault::FailWith(Fault::kInvalidParameter, "ResourceType must be DynamoDB, not {}",
                           *input.resource_type);
  }
  if (input.copy_source_tags_to_restored_resource.value_or(false)) {
    return vault::FailWith(Fault::kInvalidParameter,
                           "CopySourceTagsToRestoredResource: recovery points have no tags of "
                           "their tables");
  }
  return {};
}

bool IsMeant(const VaultCall&, const ListRestoreJobsByProtectedResourceInput& input,
             const vault::RestoreJobRecord& job) {
  const auto& after = input.by_recovery_point_creation_date_after;
  const auto& before = input.by_recovery_point_creation_date_before;
  return job.source_arn == *input.resource_arn &&
         (!input.by_status ||
          job.status == static_cast<vault::RestoreJobStatus>(*input.by_status)) &&
         (!after || job.point_created > *after) && (!before || job.point_created < *before);
}

bool IsOfPlan(const VaultCall& call, const std::string& plan_arn,
              const vault::RestoreJobRecord& job) {
  const auto test = vault::TestOf(call.scope.store, job);
  return test && test->plan_arn == plan_arn;
}

bool IsMeant(const VaultCall& call, const ListRestoreJobsInput& input,
             const vault::RestoreJobRecord& job) {
  const bool ended = job.completed != Timestamp{};
  return (!input.by_account_id || *input.by_account_id == job.account.value) &&
         input.by_resource_type.value_or("DynamoDB") == "DynamoDB" &&
         (!input.by_created_before || job.created < *input.by_created_before) &&
         (!input.by_created_after || job.created > *input.by_created_after) &&
         (!input.by_status ||
          job.status == static_cast<vault::RestoreJobStatus>(*input.by_status)) &&
         (!input.by_complete_before || (ended && job.completed < *input.by_complete_before)) &&
         (!input.by_complete_after || (ended && job.completed > *input.by_complete_after)) &&
         (!input.by_restore_testing_plan_arn ||
          IsOfPlan(call, *input.by_restore_testing_plan_arn, job)) &&
         !input.by_parent_job_id;
}

template <class Input>
Result<std::string> ListJobs(const VaultCall& call, const Input& input) {
  auto jobs = call.scope.store.List<vault::RestoreJobRecord>(call.scope.place);
  std::erase_if(jobs, [&](const auto& job) { return !IsMeant(call, input, *job); });
  return PageAnswer(
      "RestoreJobs", std::move(jobs), {input.max_results, input.next_token},
      [](const auto& job) { return NewestFirst(job->created, job->job_id); },
      [&](const auto& job, JsonWriter* w) { WriteRestoreJob(call, *job, w); });
}

}  // namespace

Result<void> AuthorizeKeyOfTable(const VaultCall& call, const std::string& role_arn,
                                 const vault::Tags& metadata) {
  vault::RestoreJobRecord wanted;
  TM_TRYV(vault::RestoreJobs::ReadMetadata(metadata, &wanted));
  if (!wanted.own_key) return {};
  const AccountId& account = call.scope.place.account;
  TM_TRY(const auto role, vault::AssumeServiceRole(call.services.directory, account, role_arn));
  const auth::Principal who{.account = account,
                            .region = call.scope.place.region,
                            .access_key = {},
                            .arn = role->arn(),
                            .is_root = false,
                            .identity = role,
                            .session = nullptr};
  std::string text;
  JsonWriter w(&text);
  w.BeginObject().Field("TargetTableName", wanted.target);
  w.Key("SSESpecificationOverride").BeginObject().Field("KMSMasterKeyId", wanted.key_arn);
  w.EndObject().EndObject();
  codec::JsonParser parser;
  TM_TRY(const auto document, parser.Parse(text));
  return call.services.kms.CheckTableKey(who, call.request, "RestoreTableFromBackup", document,
                                         account);
}

Result<std::string> StartRestoreJob(const VaultCall& call, JsonValue body) {
  TM_TRY(auto input, ParseStartRestoreJob(body));
  TM_TRYV(RefuseUnknown(input));
  vault::RestoreJobRequest request;
  request.point_arn = *std::move(input.recovery_point_arn);
  request.role_arn = *std::move(input.iam_role_arn);
  request.token = input.idempotency_token.value_or("");
  request.metadata = ToTags(input.metadata);
  const auto verify = call.request.Find("X-Tidemark-Restore-Verify").value_or("later");
  if (verify != "full" && verify != "later") {
    return vault::FailWith(vault::Fault::kInvalidParameter,
                           "X-Tidemark-Restore-Verify must be full or later, not {}", verify);
  }
  request.verifies_first = verify == "full";
  TM_TRYV(AuthorizeKeyOfTable(call, request.role_arn, request.metadata));
  TM_TRY(const auto job, call.services.restore_jobs.Start(call.scope, request));
  call.services.worker.Wake();
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Field("RestoreJobId", job->job_id).EndObject();
  return answer;
}

Result<std::string> DescribeRestoreJob(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDescribeRestoreJob(body));
  TM_TRY(const auto job, call.services.restore_jobs.Find(call.scope, *input.restore_job_id));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject();
  WriteRestoreJob(call, *job, &w);
  w.EndObject();
  return answer;
}

Result<std::string> GetRestoreJobMetadata(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseGetRestoreJobMetadata(body));
  TM_TRY(const auto job, call.services.restore_jobs.Find(call.scope, *input.restore_job_id));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Field("RestoreJobId", job->job_id);
  WriteTextMap("Metadata", job->metadata, &w);
  w.EndObject();
  return answer;
}

Result<std::string> ListRestoreJobs(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListRestoreJobs(body));
  return ListJobs(call, input);
}

Result<std::string> ListRestoreJobsByProtectedResource(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListRestoreJobsByProtectedResource(body));
  return ListJobs(call, input);
}

}  // namespace tidemark::api::vault_rest
