// Plans of reports, and the jobs that write them.
#include "vault/reports.h"

#include "api/vaults/handlers.h"
#include "api/vaults/shapes_gen.h"
#include "base/random.h"
#include "vault/fault.h"

namespace tidemark::api::vault_rest {

namespace {

// What reports of one account cannot be told; the rest into the plan.
Result<void> PutSetting(const VaultCall& call, const ReportSetting& setting,
                        vault::ReportPlanRecord* plan) {
  const std::vector<std::string> none;
  if (!setting.organization_units.value_or(none).empty()) {
    return vault::FailWith(vault::Fault::kInvalidParameter,
                           "OrganizationUnits: there are no organizations here; leave it out");
  }
  for (const std::string& account : setting.accounts.value_or(none)) {
    if (account == call.scope.place.account.value) continue;
    return vault::FailWith(vault::Fault::kInvalidParameter,
                           "Accounts: reports are of the own account, {}, not of {}",
                           call.scope.place.account.value, account);
  }
  plan->report_template = *setting.report_template;
  plan->framework_arns = setting.framework_arns.value_or(none);
  plan->regions = setting.regions.value_or(none);
  return {};
}

void PutChannel(const ReportDeliveryChannel& channel, vault::ReportPlanRecord* plan) {
  plan->bucket = *channel.s3_bucket_name;
  plan->prefix = channel.s3_key_prefix.value_or("");
  plan->formats = channel.formats.value_or(std::vector<std::string>());
}

std::string ReportPlanAnswer(const vault::ReportPlanRecord& plan) {
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Field("ReportPlanName", plan.name).Field("ReportPlanArn", plan.Arn());
  w.Key("CreationTime").EpochMillis(plan.created).EndObject();
  return answer;
}

void WriteReportTime(std::string_view name, Timestamp time, JsonWriter* w) {
  if (time != Timestamp{}) w->Key(name).EpochMillis(time);
}

void WriteReportPlan(const vault::ReportPlanRecord& plan, JsonWriter* w) {
  w->Field("ReportPlanName", plan.name).Field("ReportPlanArn", plan.Arn());
  w->Field("ReportPlanDescription", plan.description);
  w->Key("ReportSetting").BeginObject().Field("ReportTemplate", plan.report_template);
  WriteTexts("FrameworkArns", plan.framework_arns, w);
  w->Field("NumberOfFrameworks", static_cast<int64_t>(plan.framework_arns.size()));
  WriteTexts("Regions", plan.regions, w);
  w->EndObject();
  w->Key("ReportDeliveryChannel").BeginObject().Field("S3BucketName", plan.bucket);
  w->Field("S3KeyPrefix", plan.prefix);
  WriteTexts("Formats", plan.formats, w);
  w->EndObject().Field("DeploymentStatus", "COMPLETED");
  w->Key("CreationTime").EpochMillis(plan.created);
  WriteReportTime("LastAttemptedExecutionTime", plan.attempted, w);
  WriteReportTime("LastSuccessfulExecutionTime", plan.succeeded, w);
}

void WriteReportJob(const vault::ReportJobRecord& job, JsonWriter* w) {
  w->Field("ReportJobId", job.job_id).Field("ReportPlanArn", job.plan_arn);
  w->Field("ReportTemplate", job.report_template);
  w->Key("CreationTime").EpochMillis(job.created);
  WriteReportTime("CompletionTime", job.completed, w);
  w->Field("Status", vault::ToString(job.status));
  if (!job.message.empty()) w->Field("StatusMessage", job.message);
  w->Key("ReportDestination").BeginObject().Field("S3BucketName", job.bucket);
  WriteTexts("S3Keys", job.keys, w);
  w->EndObject();
}

}  // namespace

Result<std::string> CreateReportPlan(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseCreateReportPlan(body));
  vault::ReportPlanRecord wanted;
  TM_TRYV(PutSetting(call, *input.report_setting, &wanted));
  wanted.name = *input.report_plan_name;
  wanted.token = input.idempotency_token.value_or("");
  wanted.description = input.report_plan_description.value_or("");
  PutChannel(*input.report_delivery_channel, &wanted);
  wanted.tags = ToTags(input.report_plan_tags);
  TM_TRY(const auto plan,
         vault::CreateReportPlan(call.scope, std::move(wanted), TheSystemRandom()));
  return ReportPlanAnswer(*plan);
}

Result<std::string> UpdateReportPlan(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseUpdateReportPlan(body));
  const auto edit = [&](vault::ReportPlanRecord& plan) -> Result<void> {
    if (input.report_plan_description) plan.description = *input.report_plan_description;
    if (input.report_delivery_channel) PutChannel(*input.report_delivery_channel, &plan);
    return input.report_setting ? PutSetting(call, *input.report_setting, &plan) : Result<void>();
  };
  TM_TRY(const auto plan, vault::UpdateReportPlan(call.scope, *input.report_plan_name, edit));
  return ReportPlanAnswer(*plan);
}

Result<std::string> DescribeReportPlan(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDescribeReportPlan(body));
  TM_TRY(const auto plan, vault::FindReportPlan(call.scope, *input.report_plan_name));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Key("ReportPlan").BeginObject();
  WriteReportPlan(*plan, &w);
  w.EndObject().EndObject();
  return answer;
}

Result<std::string> ListReportPlans(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListReportPlans(body));
  return PageAnswer(
      "ReportPlans", call.scope.store.List<vault::ReportPlanRecord>(call.scope.place),
      {input.max_results, input.next_token}, [](const auto& plan) { return plan->name; },
      [](const auto& plan, JsonWriter* w) { WriteReportPlan(*plan, w); });
}

Result<std::string> DeleteReportPlan(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDeleteReportPlan(body));
  TM_TRYV(vault::DeleteReportPlan(call.scope, *input.report_plan_name));
  return std::string();
}

Result<std::string> StartReportJob(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseStartReportJob(body));
  TM_TRY(const auto job,
         vault::StartReport(call.scope, *input.report_plan_name,
                            input.idempotency_token.value_or(""), TheSystemRandom()));
  call.services.worker.Wake();
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Field("ReportJobId", job->job_id).EndObject();
  return answer;
}

Result<std::string> DescribeReportJob(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDescribeReportJob(body));
  TM_TRY(const auto job, vault::FindReportJob(call.scope, *input.report_job_id));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Key("ReportJob").BeginObject();
  WriteReportJob(*job, &w);
  w.EndObject().EndObject();
  return answer;
}

Result<std::string> ListReportJobs(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListReportJobs(body));
  auto jobs = call.scope.store.List<vault::ReportJobRecord>(call.scope.place);
  std::erase_if(jobs, [&](const auto& job) {
    return (input.by_report_plan_name && job->plan != *input.by_report_plan_name) ||
           (input.by_creation_before && job->created >= *input.by_creation_before) ||
           (input.by_creation_after && job->created <= *input.by_creation_after) ||
           (input.by_status && vault::ToString(job->status) != *input.by_status);
  });
  return PageAnswer(
      "ReportJobs", std::move(jobs), {input.max_results, input.next_token},
      [](const auto& job) { return NewestFirst(job->created, job->job_id); },
      [](const auto& job, JsonWriter* w) { WriteReportJob(*job, w); });
}

}  // namespace tidemark::api::vault_rest
