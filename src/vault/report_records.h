// What is stored of reports: one record each of a plan, and of a job that writes one. Values.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "vault/records.h"

namespace tidemark::vault {

struct ReportPlanRecord {
  static constexpr std::string_view kKind = "report-plan";
  AccountId account;
  Region region;
  std::string name;
  std::string uuid;  // in its ARN: a plan of the same name, made later, is another one
  std::string token, description;
  std::string bucket, prefix;        // a directory below the server's, and what names begin with
  std::vector<std::string> formats;  // "CSV", "JSON"
  std::string report_template;       // "BACKUP_JOB_REPORT"
  std::vector<std::string> framework_arns;  // of reports of compliance; none: all there are
  std::vector<std::string> regions;         // "*": all; none: its own
  Tags tags;
  Timestamp created{};
  Timestamp attempted{}, succeeded{};  // last; zero: never
  Timestamp begun{};                   // the last job that was not asked for; zero: none
  bool operator==(const ReportPlanRecord&) const = default;

  const std::string& id() const { return name; }
  bool IsOpen() const { return true; }
  std::string Arn() const;  // arn:aws:backup:REGION:ACCOUNT:report-plan:NAME-UUID
};

// In the API's order, which is also the stored one.
enum class ReportJobStatus { kCreated, kRunning, kCompleted, kFailed };
std::string_view ToString(ReportJobStatus status);

struct ReportJobRecord {
  static constexpr std::string_view kKind = "report-job";
  AccountId account;
  Region region;
  std::string job_id;  // UUID
  std::string plan, plan_arn, report_template;
  std::string token;
  std::string bucket;
  std::vector<std::string> framework_arns, regions;  // as of the plan
  Timestamp since{};                 // what it tells of jobs begins there, and ends with:
  Timestamp created{}, completed{};  // completed zero: not yet
  ReportJobStatus status = ReportJobStatus::kCreated;
  std::string message;            // why it failed
  std::vector<std::string> keys;  // of the files it wrote, below the bucket
  bool operator==(const ReportJobRecord&) const = default;

  const std::string& id() const { return job_id; }
  bool IsOpen() const { return completed == Timestamp{}; }
};

std::string EncodeRecord(const ReportPlanRecord& record);
std::string EncodeRecord(const ReportJobRecord& record);
// kCorruption.
Result<void> DecodeRecord(std::string_view json, ReportPlanRecord* out);
Result<void> DecodeRecord(std::string_view json, ReportJobRecord* out);

}  // namespace tidemark::vault
