#include "vault/plan_templates.h"

#include <algorithm>

#include "vault/plans.h"

namespace tidemark::vault {

namespace {

// Into the vault Default.
PlanRule TemplateRule(std::string name, std::string schedule, int64_t days) {
  PlanRule rule;
  rule.name = std::move(name);
  rule.vault = kDefaultVault;
  rule.schedule = std::move(schedule);
  rule.zone = std::string(kDefaultZone);
  rule.start_minutes = kDefaultStartMinutes;
  rule.complete_minutes = kDefaultCompleteMinutes;
  rule.lifecycle.delete_after_days = days;
  return rule;
}

// At hours of their own: of two runs at one time the second fails, since a job is running.
PlanRule Daily() { return TemplateRule("DailyBackups", std::string(kDefaultSchedule), 35); }
PlanRule Weekly(int64_t days) { return TemplateRule("WeeklyBackups", "cron(0 6 ? * SAT *)", days); }
PlanRule Monthly(int64_t days) { return TemplateRule("MonthlyBackups", "cron(0 7 1 * ? *)", days); }

}  // namespace

const std::vector<PlanTemplate>& PlanTemplates() {
  constexpr int64_t kYear = 365;
  static const std::vector<PlanTemplate> all = {
      {"1b7a3f60-5c0e-4d57-9d0e-2a1c51d2f001", {"Daily-35day-Retention", {Daily()}}},
      {"1b7a3f60-5c0e-4d57-9d0e-2a1c51d2f002",
       {"Daily-Monthly-1yr-Retention", {Daily(), Monthly(kYear)}}},
      {"1b7a3f60-5c0e-4d57-9d0e-2a1c51d2f003",
       {"Daily-Weekly-Monthly-5yr-Retention", {Daily(), Weekly(90), Monthly(5 * kYear)}}},
      {"1b7a3f60-5c0e-4d57-9d0e-2a1c51d2f004",
       {"Daily-Weekly-Monthly-7yr-Retention", {Daily(), Weekly(90), Monthly(7 * kYear)}}},
  };
  return all;
}

const PlanTemplate* FindPlanTemplate(std::string_view id) {
  const auto at = std::ranges::find(PlanTemplates(), id, &PlanTemplate::id);
  return at == PlanTemplates().end() ? nullptr : &*at;
}

}  // namespace tidemark::vault
