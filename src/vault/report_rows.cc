#include "vault/report_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "codec/instant.h"
#include "codec/json_writer.h"

namespace tidemark::vault {

namespace {

constexpr std::array<std::string_view, 5> kReportTemplates = {
    "BACKUP_JOB_REPORT", "CONTROL_COMPLIANCE_REPORT", "COPY_JOB_REPORT",
    "RESOURCE_COMPLIANCE_REPORT", "RESTORE_JOB_REPORT"};

std::string InstantOrNone(Timestamp time) {
  return time == Timestamp{} ? std::string() : codec::FormatInstant(time);
}

// --- Jobs. What all of them begin and end with is not in the tables.

template <class Record>
struct Column {
  std::string_view name;
  ReportCell (*cell)(const Record& job);
};

std::string PlanArnOf(const BackupJobRecord& job) {
  if (!job.created_by || job.created_by->plan_id.empty()) return "";
  return fmt::format("arn:aws:backup:{}:{}:backup-plan:{}", job.region.value, job.account.value,
                     job.created_by->plan_id);
}

template <class Record>
ReportCell TableText(const Record&) {
  return "DynamoDB";
}

constexpr Column<BackupJobRecord> kBackupColumns[] = {
    {"backupJobId", [](const auto& job) -> ReportCell { return job.job_id; }},
    {"jobStatus", [](const auto& job) -> ReportCell { return std::string(ToString(job.state)); }},
    {"statusMessage", [](const auto& job) -> ReportCell { return job.message; }},
    {"resourceType", TableText},
    {"resourceArn", [](const auto& job) -> ReportCell { return job.table_arn; }},
    {"backupPlanArn", [](const auto& job) -> ReportCell { return PlanArnOf(job); }},
    {"backupRuleId",
     [](const auto& job) -> ReportCell {
       return job.created_by ? job.created_by->rule_id : std::string();
     }},
    {"recoveryPointArn", [](const auto& job) -> ReportCell { return job.point_arn; }},
    {"backupVaultName", [](const auto& job) -> ReportCell { return job.vault; }},
    {"backupVaultArn", [](const auto& job) -> ReportCell { return job.VaultArn(); }},
    {"iamRoleArn", [](const auto& job) -> ReportCell { return job.role_arn; }},
    {"backupSizeInBytes", [](const auto& job) -> ReportCell { return job.bytes; }},
};

constexpr Column<CopyJobRecord> kCopyColumns[] = {
    {"copyJobId", [](const auto& job) -> ReportCell { return job.job_id; }},
    {"jobStatus", [](const auto& job) -> ReportCell { return std::string(ToString(job.state)); }},
    {"statusMessage", [](const auto& job) -> ReportCell { return job.message; }},
    {"resourceType", TableText},
    {"resourceArn", [](const auto& job) -> ReportCell { return job.table_arn; }},
    {"sourceRecoveryPointArn", [](const auto& job) -> ReportCell { return job.source_arn; }},
    {"sourceBackupVaultArn", [](const auto& job) -> ReportCell { return job.SourceVaultArn(); }},
    {"destinationRecoveryPointArn", [](const auto& job) -> ReportCell { return job.point_arn; }},
    {"destinationBackupVaultArn", [](const auto& job) -> ReportCell { return job.vault_arn; }},
    {"iamRoleArn", [](const auto& job) -> ReportCell { return job.role_arn; }},
    {"backupSizeInBytes", [](const auto& job) -> ReportCell { return job.bytes; }},
};

constexpr Column<RestoreJobRecord> kRestoreColumns[] = {
    {"restoreJobId", [](const auto& job) -> ReportCell { return job.job_id; }},
    {"jobStatus", [](const auto& job) -> ReportCell { return std::string(ToString(job.status)); }},
    {"statusMessage", [](const auto& job) -> ReportCell { return job.message; }},
    {"resourceType", TableText},
    {"resourceArn", [](const auto& job) -> ReportCell { return job.source_arn; }},
    {"recoveryPointArn", [](const auto& job) -> ReportCell { return job.point_arn; }},
    {"backupVaultName", [](const auto& job) -> ReportCell { return job.vault; }},
    {"backupVaultArn", [](const auto& job) -> ReportCell { return job.VaultArn(); }},
    {"createdResourceArn",
     [](const auto& job) -> ReportCell {
       return job.status == RestoreJobStatus::kCompleted ? job.TargetArn() : std::string();
     }},
    {"iamRoleArn", [](const auto& job) -> ReportCell { return job.role_arn; }},
    {"backupSizeInBytes", [](const auto& job) -> ReportCell { return job.bytes; }},
};

// "01:02:03".
std::string RunTime(Micros took) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(took).count();
  return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

template <class Record, size_t size>
void AddJobs(const Column<Record> (&columns)[size], const VaultStore& store,
             const std::vector<Place>& places, const ReportJobRecord& job, Report* report) {
  report->header = {"reportTimePeriodStart", "reportTimePeriodEnd", "accountId", "region"};
  for (const auto& column : columns) report->header.emplace_back(column.name);
  for (const auto* name : {"creationDate", "completionDate", "jobRunTime"})
    report->header.emplace_back(name);
  std::vector<Ptr<Record>> told;
  for (const Place& place : places) {
    for (const auto& one : store.List<Record>(place)) {
      const bool ended = one->completed != Timestamp{};
      if (one->created < job.created && (!ended || one->completed > job.since)) told.push_back(one);
    }
  }
  std::ranges::sort(told, {}, [](const auto& one) { return std::pair(one->created, one->id()); });
  for (const auto& one : told) {
    const bool ended = one->completed != Timestamp{};
    std::vector<ReportCell> row = {codec::FormatInstant(job.since),
                                   codec::FormatInstant(job.created), one->account.value,
                                   one->region.value};
    for (const auto& column : columns) row.push_back(column.cell(*one));
    row.emplace_back(codec::FormatInstant(one->created));
    row.emplace_back(InstantOrNone(one->completed));
    row.emplace_back(ended ? RunTime(one->completed - one->created) : "");
    report->rows.push_back(std::move(row));
  }
}

// --- Compliance

template <class Pairs>
std::string PairsText(const Pairs& pairs) {
  std::string text;
  codec::JsonWriter w(&text);
  w.BeginObject();
  for (const auto& [key, value] : pairs) w.Field(key, value);
  w.EndObject();
  return text;
}

std::string ScopeText(const ControlScope& scope) {
  if (scope == ControlScope{}) return "";
  std::string text;
  codec::JsonWriter w(&text);
  w.BeginObject();
  const auto add = [&](std::string_view name, const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    w.Key(name).BeginArray();
    for (const std::string& one : texts) w.String(one);
    w.EndArray();
  };
  add("ComplianceResourceIds", scope.ids);
  add("ComplianceResourceTypes", scope.types);
  if (!scope.tags.empty()) {
    w.Key("Tags").BeginObject();
    for (const auto& [key, value] : scope.tags) w.Field(key, value);
    w.EndObject();
  }
  w.EndObject();
  return text;
}

std::vector<Ptr<FrameworkRecord>> FrameworksOf(const VaultStore& store,
                                               const std::vector<Place>& places,
                                               const std::vector<std::string>& arns) {
  std::vector<Ptr<FrameworkRecord>> all;
  if (!arns.empty()) {  // of whatever Region
    all = store.All<FrameworkRecord>();
    std::erase_if(
        all, [&](const auto& one) { return std::ranges::find(arns, one->Arn()) == arns.end(); });
    return all;
  }
  for (const Place& place : places)
    std::ranges::move(store.List<FrameworkRecord>(place), std::back_inserter(all));
  return all;
}

// What rows of both templates begin with.
std::vector<ReportCell> RowOfControl(const FrameworkRecord& framework, const Control& control) {
  return {framework.account.value, framework.region.value, framework.name, framework.description,
          control.name};
}

void AddControl(const FrameworkRecord& framework, const Control& control,
                const std::vector<Finding>& findings, Timestamp now, Report* report) {
  const Compliance count = Count(findings);
  auto row = RowOfControl(framework, control);
  row.emplace_back(std::string(count.status()));
  row.emplace_back(codec::FormatInstant(now));
  row.emplace_back(static_cast<int64_t>(count.compliant));
  row.emplace_back(static_cast<int64_t>(count.others));
  row.emplace_back(ScopeText(control.scope));
  row.emplace_back(control.parameters.empty() ? "" : PairsText(control.parameters));
  report->rows.push_back(std::move(row));
}

void AddResources(const FrameworkRecord& framework, const Control& control,
                  const std::vector<Finding>& findings, Timestamp now, Report* report) {
  for (const Finding& finding : findings) {
    auto row = RowOfControl(framework, control);
    row.emplace_back(finding.id);
    row.emplace_back(fmt::format("{}/{}", finding.type, finding.id));
    row.emplace_back(finding.type);
    row.emplace_back(finding.lacks.empty() ? "COMPLIANT" : "NON_COMPLIANT");
    row.emplace_back(codec::FormatInstant(now));
    row.emplace_back(finding.lacks);
    report->rows.push_back(std::move(row));
  }
}

void AddCompliance(const ControlFacts& facts, const std::vector<Place>& places,
                   const ReportJobRecord& job, Timestamp now, Report* report) {
  const bool by_resource = job.report_template == "RESOURCE_COMPLIANCE_REPORT";
  report->header = {"accountId", "region", "frameworkName", "frameworkDescription", "controlName"};
  const std::vector<std::string> rest =
      by_resource ? std::vector<std::string>{"resourceName",       "resourceId",
                                             "resourceType",       "resourceComplianceStatus",
                                             "lastEvaluationTime", "resourceComplianceReason"}
                  : std::vector<std::string>{
                        "controlComplianceStatus",  "lastEvaluationTime", "numResourcesCompliant",
                        "numResourcesNonCompliant", "controlScope",       "controlParameters"};
  report->header.insert(report->header.end(), rest.begin(), rest.end());
  for (const auto& framework : FrameworksOf(facts.store, places, job.framework_arns)) {
    for (const Control& control : framework->controls) {
      const auto findings = Evaluate(facts, PlaceOf(*framework), control, now);
      (by_resource ? AddResources : AddControl)(*framework, control, findings, now, report);
    }
  }
}

// Of which account and Regions a report tells.
std::vector<Place> PlacesOf(const VaultStore& store, const ReportJobRecord& job) {
  std::set<std::string> regions(job.regions.begin(), job.regions.end());
  if (regions.empty()) regions.insert(job.region.value);
  if (regions.erase("*") > 0) {
    regions.insert(job.region.value);
    for (const auto& vault : store.All<VaultRecord>()) {
      if (vault->account == job.account) regions.insert(vault->region.value);
    }
  }
  std::vector<Place> places;
  for (const std::string& region : regions) places.push_back({job.account, Region(region)});
  return places;
}

}  // namespace

bool IsReportTemplate(std::string_view name) {
  return std::ranges::find(kReportTemplates, name) != kReportTemplates.end();
}

std::string ReportTemplateNames() { return fmt::format("{}", fmt::join(kReportTemplates, ", ")); }

bool IsOfCompliance(std::string_view report_template) {
  return report_template.ends_with("_COMPLIANCE_REPORT");
}

Report MakeReport(const ControlFacts& facts, const ReportJobRecord& job, Timestamp now) {
  Report report;
  const auto places = PlacesOf(facts.store, job);
  if (IsOfCompliance(job.report_template)) {
    AddCompliance(facts, places, job, now, &report);
  } else if (job.report_template == "BACKUP_JOB_REPORT") {
    AddJobs(kBackupColumns, facts.store, places, job, &report);
  } else if (job.report_template == "COPY_JOB_REPORT") {
    AddJobs(kCopyColumns, facts.store, places, job, &report);
  } else {
    AddJobs(kRestoreColumns, facts.store, places, job, &report);
  }
  return report;
}

}  // namespace tidemark::vault
