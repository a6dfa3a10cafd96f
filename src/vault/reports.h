// Acts on plans of reports, and the jobs that write them. Errors: faults (fault.h), beside those of
// storing.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "vault/compliance.h"
#include "vault/report_records.h"
#include "vault/vaults.h"

namespace tidemark::vault {

Result<Ptr<ReportPlanRecord>> FindReportPlan(const VaultScope& scope, std::string_view name);
// Null: there is no such plan.
Ptr<ReportPlanRecord> FindReportPlanByArn(const VaultScope& scope, std::string_view arn);
// The same request with the same token is answered with the plan it made. kAlreadyExists,
// kInvalidParameter, kLimitExceeded. Durable, and the following as well.
Result<Ptr<ReportPlanRecord>> CreateReportPlan(const VaultScope& scope, ReportPlanRecord plan,
                                               Random& random);
// `edit` changes what the request gives, or refuses it.
using ReportPlanEdit = std::function<Result<void>(ReportPlanRecord&)>;
Result<Ptr<ReportPlanRecord>> UpdateReportPlan(const VaultScope& scope, std::string_view name,
                                               const ReportPlanEdit& edit);
Result<void> DeleteReportPlan(const VaultScope& scope, std::string_view name);

// A job for the plan as it is. The same token is answered with the same job.
Result<Ptr<ReportJobRecord>> StartReport(const VaultScope& scope, std::string_view plan,
                                         const std::string& token, Random& random);
Result<Ptr<ReportJobRecord>> FindReportJob(const VaultScope& scope, std::string_view id);

// What the worker does about them. Thread: the worker's.
class ReportJobs {
 public:
  // `directory`: reports go below it; empty: nowhere, and jobs fail.
  ReportJobs(const ControlFacts& facts, std::string directory, Random& random)
      : facts_(facts), directory_(std::move(directory)), random_(random) {}

  // Begins a job of each plan whose last one, of those that nobody asked for, is a day old by `now`
  // of its Region.
  void Begin(const std::function<Timestamp(const Region&)>& now);
  // Does those that have not ended. A crash between has them done again: the same files, replaced
  // whole.
  void Step(const std::function<Timestamp(const Region&)>& now);

 private:
  Result<void> BeginDaily(const ReportPlanRecord& plan, Timestamp now);
  Result<void> Finish(const ReportJobRecord& job, Timestamp now);
  Result<void> Write(const ReportJobRecord& job, Timestamp now) const;

  const ControlFacts facts_;
  const std::string directory_;
  Random& random_;
  std::chrono::steady_clock::time_point again_;  // after one could not be stored
};

}  // namespace tidemark::vault
