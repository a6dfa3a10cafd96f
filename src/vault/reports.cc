#include "vault/reports.h"

#include <algorithm>
#include <set>

#include "base/log.h"
#include "base/region_name.h"
#include "codec/instant.h"
#include "vault/audit_names.h"
#include "vault/fault.h"
#include "vault/report_files.h"
#include "vault/report_rows.h"

namespace tidemark::vault {

namespace {

constexpr size_t kReportPlansMax = 20;  // of an account and Region
constexpr std::chrono::days kReportEvery{1};
constexpr std::chrono::seconds kReportAgain{1};
constexpr size_t kNameInKeyMax = 200;      // file systems take 255, with the job's id behind it
constexpr std::chrono::days kToldMax{30};  // of jobs; older ones are forgotten
constexpr std::string_view kNoDirectory =
    "The server writes no reports: start it with --report-directory DIR.";

// What reports of one account cannot be told.
Result<void> CheckSources(const VaultScope& scope, const ReportPlanRecord& plan) {
  if (!plan.framework_arns.empty() && !IsOfCompliance(plan.report_template)) {
    return FailWith(Fault::kInvalidParameter,
                    "FrameworkArns are for CONTROL_COMPLIANCE_REPORT and "
                    "RESOURCE_COMPLIANCE_REPORT, not for {}",
                    plan.report_template);
  }
  const auto frameworks = scope.store.All<FrameworkRecord>();
  for (const std::string& arn : plan.framework_arns) {
    const bool there = std::ranges::any_of(frameworks, [&](const auto& one) {
      return one->account == scope.place.account && one->Arn() == arn;
    });
    if (!there) return FailWith(Fault::kInvalidParameter, "Framework {} does not exist", arn);
  }
  return {};
}

Result<void> CheckReportPlan(const ReportPlanRecord& plan) {
  TM_TRYV(CheckAuditName("ReportPlanName", plan.name));
  if (!IsReportTemplate(plan.report_template)) {
    return FailWith(Fault::kInvalidParameter, "ReportTemplate must be one of {}, not {}",
                    ReportTemplateNames(), plan.report_template);
  }
  for (const std::string& format : plan.formats) {
    if (format != "CSV" && format != "JSON")
      return FailWith(Fault::kInvalidParameter, "Formats can be CSV and JSON, not {}", format);
  }
  TM_TRYV(CheckDelivery(plan.bucket, plan.prefix));
  for (const std::string& region : plan.regions) {
    if (region == "*") continue;
    const auto is_name = CheckRegionName("Each of Regions", region);
    if (!is_name) return FailWith(Fault::kInvalidParameter, "{}", is_name.error().message);
  }
  Tags tags;
  return AddTags(plan.tags, &tags);
}

// Of what happened since then, and has not ended.
ReportJobRecord ReportJobOf(const ReportPlanRecord& plan, Timestamp since, Timestamp now,
                            Random& random) {
  ReportJobRecord job;
  job.account = plan.account;
  job.region = plan.region;
  job.job_id = FormatUuid(MakeUuidBytes(random));
  job.plan = plan.name;
  job.plan_arn = plan.Arn();
  job.report_template = plan.report_template;
  job.bucket = plan.bucket;
  job.framework_arns = plan.framework_arns;
  job.regions = plan.regions;
  job.since = since;
  job.created = now;
  // PREFIX/Backup/ACCOUNT/REGION/2026/11/28/NAME_ID.csv
  const std::string day = codec::FormatInstant(now).substr(0, 10);
  const std::string stem =
      fmt::format("{}{}Backup/{}/{}/{}/{}/{}/{}_{}", plan.prefix, plan.prefix.empty() ? "" : "/",
                  plan.account.value, plan.region.value, day.substr(0, 4), day.substr(5, 2),
                  day.substr(8, 2), plan.name.substr(0, kNameInKeyMax), job.job_id);
  const std::set<std::string> formats(plan.formats.begin(), plan.formats.end());
  if (formats.empty() || formats.contains("CSV")) job.keys.push_back(stem + ".csv");
  if (formats.contains("JSON")) job.keys.push_back(stem + ".json");
  return job;
}

bool IsMadeByThat(ReportPlanRecord made, const ReportPlanRecord& wanted) {
  made.uuid = wanted.uuid;
  made.created = made.begun = wanted.created;
  made.attempted = made.succeeded = Timestamp{};
  return !wanted.token.empty() && made == wanted;
}

}  // namespace

Result<Ptr<ReportPlanRecord>> FindReportPlan(const VaultScope& scope, std::string_view name) {
  if (auto plan = scope.store.Find<ReportPlanRecord>(scope.place, name)) return plan;
  return FailWith(Fault::kNotFound, "Report plan {} does not exist", name);
}

Ptr<ReportPlanRecord> FindReportPlanByArn(const VaultScope& scope, std::string_view arn) {
  for (auto& plan : scope.store.List<ReportPlanRecord>(scope.place)) {
    if (plan->Arn() == arn) return plan;
  }
  return nullptr;
}

Result<Ptr<ReportPlanRecord>> CreateReportPlan(const VaultScope& scope, ReportPlanRecord plan,
                                               Random& random) {
  TM_TRYV(CheckReportPlan(plan));
  plan.account = scope.place.account;
  plan.region = scope.place.region;
  plan.uuid = FormatUuid(MakeUuidBytes(random));
  plan.created = plan.begun = scope.now;
  TM_TRYV(scope.store.Apply([&]() -> Result<Changes> {
    if (const auto old = scope.store.Find<ReportPlanRecord>(scope.place, plan.name)) {
      if (IsMadeByThat(*old, plan)) return Changes{};
      return Fail(AuditNameTaken("Report plan", old->name, old->Arn()));
    }
    TM_TRYV(CheckSources(scope, plan));
    if (scope.store.List<ReportPlanRecord>(scope.place).size() >= kReportPlansMax)
      return FailWith(Fault::kLimitExceeded, "There are {} report plans already", kReportPlansMax);
    return Changes{plan};
  }));
  return FindReportPlan(scope, plan.name);
}

Result<Ptr<ReportPlanRecord>> UpdateReportPlan(const VaultScope& scope, std::string_view name,
                                               const ReportPlanEdit& edit) {
  TM_TRYV(scope.store.Apply([&]() -> Result<Changes> {
    TM_TRY(const auto old, FindReportPlan(scope, name));
    ReportPlanRecord plan = *old;
    TM_TRYV(edit(plan));
    TM_TRYV(CheckReportPlan(plan));
    TM_TRYV(CheckSources(scope, plan));
    return Changes{std::move(plan)};
  }));
  return FindReportPlan(scope, name);
}

Result<void> DeleteReportPlan(const VaultScope& scope, std::string_view name) {
  return scope.store.Apply([&]() -> Result<Changes> {
    TM_TRY(const auto plan, FindReportPlan(scope, name));
    return Changes{Erase{PathOf(*plan)}};
  });
}

Result<Ptr<ReportJobRecord>> StartReport(const VaultScope& scope, std::string_view plan,
                                         const std::string& token, Random& random) {
  std::string id;
  TM_TRYV(scope.store.Apply([&]() -> Result<Changes> {
    TM_TRY(const auto found, FindReportPlan(scope, plan));
    for (const auto& old : scope.store.List<ReportJobRecord>(scope.place)) {
      if (token.empty() || old->token != token || old->plan_arn != found->Arn()) continue;
      id = old->job_id;
      return Changes{};
    }
    ReportJobRecord job = ReportJobOf(*found, scope.now - kReportEvery, scope.now, random);
    job.token = token;
    id = job.job_id;
    ReportPlanRecord tried = *found;
    tried.attempted = scope.now;
    return Changes{std::move(job), std::move(tried)};
  }));
  return FindReportJob(scope, id);
}

Result<Ptr<ReportJobRecord>> FindReportJob(const VaultScope& scope, std::string_view id) {
  if (auto job = scope.store.Find<ReportJobRecord>(scope.place, id)) return job;
  return FailWith(Fault::kNotFound, "Report job {} does not exist", id);
}

void ReportJobs::Begin(const std::function<Timestamp(const Region&)>& now) {
  for (const auto& plan : facts_.store.Open<ReportPlanRecord>()) {
    const Timestamp time = now(plan->region);
    if (time < plan->begun + kReportEvery) continue;
    if (auto begun = BeginDaily(*plan, time); !begun)
      LogWarn("the report {} is still to begin: {}", plan->name, begun.error().message);
  }
}

void ReportJobs::Step(const std::function<Timestamp(const Region&)>& now) {
  if (std::chrono::steady_clock::now() < again_) return;
  for (const auto& job : facts_.store.Open<ReportJobRecord>()) {
    if (auto done = Finish(*job, now(job->region)); !done) {
      LogWarn("report job {} tries again: {}", job->job_id, done.error().message);
      again_ = std::chrono::steady_clock::now() + kReportAgain;
    }
  }
}

Result<void> ReportJobs::BeginDaily(const ReportPlanRecord& plan, Timestamp now) {
  return facts_.store.Apply([&]() -> Result<Changes> {
    const auto newest = facts_.store.Find<ReportPlanRecord>(PlaceOf(plan), plan.name);
    if (!newest || newest->uuid != plan.uuid) return Changes{};
    // Where the last one ended: what a stop of the server delayed is told as well.
    ReportJobRecord job =
        ReportJobOf(*newest, std::max(newest->begun, now - kToldMax), now, random_);
    ReportPlanRecord begun = *newest;
    begun.begun = begun.attempted = now;
    return Changes{std::move(begun), std::move(job)};
  });
}

Result<void> ReportJobs::Finish(const ReportJobRecord& job, Timestamp now) {
  const auto written = Write(job, now);
  return facts_.store.Apply([&]() -> Result<Changes> {
    const auto newest = facts_.store.Find<ReportJobRecord>(PlaceOf(job), job.job_id);
    if (!newest) return Changes{};
    ReportJobRecord ended = *newest;
    ended.completed = now;
    ended.status = written ? ReportJobStatus::kCompleted : ReportJobStatus::kFailed;
    if (!written) {
      ended.message = written.error().message;
      ended.keys.clear();
    }
    Changes changes{std::move(ended)};
    const auto plan = facts_.store.Find<ReportPlanRecord>(PlaceOf(job), job.plan);
    if (plan && written && plan->Arn() == job.plan_arn) {
      ReportPlanRecord done = *plan;
      done.succeeded = now;
      changes.emplace_back(std::move(done));
    }
    return changes;
  });
}

Result<void> ReportJobs::Write(const ReportJobRecord& job, Timestamp now) const {
  if (directory_.empty()) return Fail(ErrorKind::kValidation, "{}", kNoDirectory);
  const Report report = MakeReport(facts_, job, now);
  for (const std::string& key : job.keys) {
    TM_TRYV(WriteReportFile(directory_, job.bucket, key,
                            key.ends_with(".csv") ? ToCsv(report) : ToJson(report)));
  }
  return {};
}

}  // namespace tidemark::vault
