#include "vault/report_records.h"

#include <fmt/format.h>

#include "vault/record_json.h"

namespace tidemark::vault {

namespace {

namespace json = boost::json;
using catalog::Fields;

constexpr std::array<std::string_view, 4> kReportJobNames = {"CREATED", "RUNNING", "COMPLETED",
                                                             "FAILED"};

ReportPlanRecord ReadReportPlan(Fields fields) {
  auto record = BeginRecord<ReportPlanRecord>(fields);
  record.name = fields.Text("name");
  record.uuid = fields.Text("uuid");
  record.token = fields.Text("token");
  record.description = fields.Text("description");
  record.bucket = fields.Text("bucket");
  record.prefix = fields.Text("prefix");
  record.formats = fields.Texts("formats");
  record.report_template = fields.Text("template");
  record.framework_arns = fields.Texts("frameworks");
  record.regions = fields.Texts("regions");
  record.tags = TagsFromJson(fields.Object("tags"));
  record.created = fields.Time("created");
  record.attempted = fields.Time("attempted");
  record.succeeded = fields.Time("succeeded");
  record.begun = fields.Time("begun");
  return record;
}

ReportJobRecord ReadReportJob(Fields fields) {
  auto record = BeginRecord<ReportJobRecord>(fields);
  record.job_id = fields.Text("job");
  record.plan = fields.Text("plan");
  record.plan_arn = fields.Text("plan_arn");
  record.report_template = fields.Text("template");
  record.token = fields.Text("token");
  record.bucket = fields.Text("bucket");
  record.framework_arns = fields.Texts("frameworks");
  record.regions = fields.Texts("regions");
  record.since = fields.Time("since");
  record.created = fields.Time("created");
  record.completed = fields.Time("completed");
  record.status = static_cast<ReportJobStatus>(fields.Int("status", 0, kReportJobNames.size() - 1));
  record.message = fields.Text("message");
  record.keys = fields.Texts("keys");
  return record;
}

// What plans and jobs have both.
template <class Record>
void PutSources(const Record& record, json::object* out) {
  (*out)["frameworks"] = json::array(record.framework_arns.begin(), record.framework_arns.end());
  (*out)["regions"] = json::array(record.regions.begin(), record.regions.end());
}

}  // namespace

std::string_view ToString(ReportJobStatus status) {
  return kReportJobNames[static_cast<size_t>(status)];
}

std::string ReportPlanRecord::Arn() const {
  return fmt::format("arn:aws:backup:{}:{}:report-plan:{}-{}", region.value, account.value, name,
                     uuid);
}

std::string EncodeRecord(const ReportPlanRecord& record) {
  auto out = BeginJson(record);
  out["name"] = record.name;
  out["uuid"] = record.uuid;
  out["token"] = record.token;
  out["description"] = record.description;
  out["bucket"] = record.bucket;
  out["prefix"] = record.prefix;
  out["formats"] = json::array(record.formats.begin(), record.formats.end());
  out["template"] = record.report_template;
  PutSources(record, &out);
  out["tags"] = TagsToJson(record.tags);
  out["created"] = ToMicros(record.created);
  out["attempted"] = ToMicros(record.attempted);
  out["succeeded"] = ToMicros(record.succeeded);
  out["begun"] = ToMicros(record.begun);
  return json::serialize(out);
}

std::string EncodeRecord(const ReportJobRecord& record) {
  auto out = BeginJson(record);
  out["job"] = record.job_id;
  out["plan"] = record.plan;
  out["plan_arn"] = record.plan_arn;
  out["template"] = record.report_template;
  out["token"] = record.token;
  out["bucket"] = record.bucket;
  PutSources(record, &out);
  out["since"] = ToMicros(record.since);
  out["created"] = ToMicros(record.created);
  out["completed"] = ToMicros(record.completed);
  out["status"] = static_cast<int64_t>(record.status);
  out["message"] = record.message;
  out["keys"] = json::array(record.keys.begin(), record.keys.end());
  return json::serialize(out);
}

Result<void> DecodeRecord(std::string_view text, ReportPlanRecord* out) {
  return DecodeInto(text, ReadReportPlan, out);
}
Result<void> DecodeRecord(std::string_view text, ReportJobRecord* out) {
  return DecodeInto(text, ReadReportJob, out);
}

}  // namespace tidemark::vault
