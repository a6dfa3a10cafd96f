#include "vault/plan_schedule.h"

#include <algorithm>

#include "base/log.h"
#include "vault/backup_jobs.h"
#include "vault/settings.h"
#include "vault/testing_plans.h"
#include "vault/time_zone.h"

namespace tidemark::vault {

namespace {

// By its whole ARN, not by a pattern or tag.
bool NamesWhole(const SelectionRecord& selection, std::string_view arn) {
  return std::ranges::find(selection.resources, arn) != selection.resources.end();
}

// Kept for ever is the longest.
bool IsLonger(const Lifecycle& a, const Lifecycle& b) {
  if (!a.delete_after_days || !b.delete_after_days) return b.delete_after_days.has_value();
  return *a.delete_after_days > *b.delete_after_days;
}

void AddCopy(const CopyAction& copy, PlanRule* rule) {
  if (std::ranges::find(rule->copies, copy) == rule->copies.end()) rule->copies.push_back(copy);
}

void CopyInstead(PlanRule* rule) {
  if (!rule->air_gapped_arn.empty()) AddCopy({rule->air_gapped_arn, rule->lifecycle}, rule);
  rule->air_gapped_arn.clear();
}

}  // namespace

std::vector<DueRule> OneForEachVault(std::vector<DueRule> due,
                                     const std::function<bool(const PlanRule&)>& admits) {
  std::vector<DueRule> left, alone;
  for (DueRule& next : due) {
    if (!admits(next.rule)) {
      alone.push_back(std::move(next));
      continue;
    }
    const auto same = std::ranges::find_if(
        left, [&](const DueRule& one) { return one.rule.vault == next.rule.vault; });
    if (same == left.end()) {
      left.push_back(std::move(next));
      continue;
    }
    if (same->rule.air_gapped_arn != next.rule.air_gapped_arn) {
      CopyInstead(&same->rule);
      CopyInstead(&next.rule);
    }
    if (IsLonger(next.rule.lifecycle, same->rule.lifecycle)) std::swap(*same, next);
    for (const CopyAction& copy : next.rule.copies) AddCopy(copy, &same->rule);
  }
  std::ranges::move(alone, std::back_inserter(left));
  return left;
}

std::optional<Timestamp> DueRun(const std::string& schedule, const std::string& zone,
                                Timestamp after, Timestamp now) {
  const auto cron = Cron::Parse(schedule);
  const auto found = TimeZone::Load(zone);
  if (!cron || !found) return std::nullopt;
  std::optional<Timestamp> due;
  for (auto run = NextRun(*cron, *found, after); run && *run <= now;
       run = NextRun(*cron, *found, *run))
    due = run;
  return due;
}

Tags TagsOfTable(const catalog::TableRecord& table) {
  Tags tags;
  for (const auto& tag : table.tags) tags[tag.key] = tag.value;
  return tags;
}

Ptr<SelectionRecord> SelectionOf(const Selections& selections, const catalog::TableRecord& table,
                                 bool opted_in) {
  const Tags tags = TagsOfTable(table);
  if (tags.contains(std::string(kTestTableTag))) return nullptr;  // it is soon gone
  const std::string arn = table.Arn();
  const auto selection = std::ranges::find_if(selections, [&](const auto& one) {
    return (opted_in || NamesWhole(*one, arn)) && Selects(*one, arn, tags);
  });
  return selection == selections.end() ? nullptr : *selection;
}

std::vector<PlannedRun> NextRuns(const PlanDocument& document, Timestamp after, size_t limit) {
  std::vector<PlannedRun> runs;
  for (const PlanRule& rule : document.rules) {
    const auto cron = Cron::Parse(rule.schedule);
    const auto zone = TimeZone::Load(rule.zone);
    if (!cron || !zone) continue;
    auto run = NextRun(*cron, *zone, after);
    for (size_t i = 0; i < limit && run; ++i, run = NextRun(*cron, *zone, *run))
      runs.push_back({*run, rule.id});
  }
  std::ranges::stable_sort(runs, {}, &PlannedRun::time);
  if (runs.size() > limit) runs.resize(limit);
  return runs;
}

void PlanSchedule::Begin(const std::function<Timestamp(const Region&)>& now) {
  for (const auto& plan : store_.Open<PlanRecord>()) {
    const Timestamp time = now(plan->region);
    const auto known = next_.find(plan->plan_id);
    if (known != next_.end() && known->second.version == plan->version &&
        known->second.done_until == plan->done_until && time < known->second.time)
      continue;
    const auto next = NextRuns(plan->document, std::max(plan->done_until, time), 1);
    auto begun = BeginPlan(*plan, time);
    if (begun) {
      next_[plan->plan_id] = {plan->version, plan->done_until,
                              next.empty() ? Timestamp::max() : next[0].time};
    }
    if (!begun)
      LogWarn("a run of plan {} is still to begin: {}", plan->plan_id, begun.error().message);
  }
}

Result<void> PlanSchedule::BeginPlan(const PlanRecord& plan, Timestamp now) {
  std::vector<DueRule> due;
  for (const PlanRule& rule : plan.document.rules) {
    // Runs before its start window are lost anyway.
    const Timestamp after =
        std::max(plan.done_until, now - std::chrono::minutes(rule.start_minutes));
    if (const auto run = DueRun(rule.schedule, rule.zone, after, now)) due.push_back({rule, *run});
  }
  if (due.empty()) return {};
  due = OneForEachVault(std::move(due), [&](const PlanRule& rule) {
    const auto vault = store_.Find<VaultRecord>(PlaceOf(plan), rule.vault);
    return !vault || !vault->lock || Admits(*vault->lock, rule.lifecycle);
  });
  return store_.Apply([&]() -> Result<Changes> {
    const auto newest = store_.Find<PlanRecord>(PlaceOf(plan), plan.plan_id);
    // Changed, deleted or erased meanwhile: that decides, the next time.
    if (!newest || newest->version != plan.version || newest->deleted) return Changes{};
    PlanRecord begun = *newest;
    begun.done_until = now;
    begun.executed = now;
    Changes changes;
    for (const DueRule& one : due) AddJobs(plan, one, now, &changes);
    changes.emplace_back(std::move(begun));
    return changes;
  });
}

void PlanSchedule::AddJobs(const PlanRecord& plan, const DueRule& due, Timestamp now,
                           Changes* changes) {
  const auto& [rule, run] = due;
  const auto selections = SelectionsOf({store_, PlaceOf(plan), now}, plan.plan_id);
  const bool opted_in = FindRegionSettings(store_, PlaceOf(plan)).opted_in;
  for (const auto& table : catalog_.AllTables()) {
    if (table->account != plan.account || table->region != plan.region ||
        table->status != catalog::TableStatus::kActive)
      continue;
    const auto selection = SelectionOf(selections, *table, opted_in);
    if (!selection) continue;
    BackupJobRecord job;
    job.account = plan.account;
    job.region = plan.region;
    job.job_id = MakeJobId(random_);
    job.vault = rule.vault;
    job.table_arn = table->Arn();
    job.table_name = table->name;
    job.role_arn = selection->role_arn;
    job.lifecycle = rule.lifecycle;
    job.tags = rule.tags;
    job.copies = rule.copies;
    job.air_gapped_arn = rule.air_gapped_arn;
    job.created = now;
    job.start_by = run + std::chrono::minutes(rule.start_minutes);
    job.complete_by = run + std::chrono::minutes(rule.complete_minutes);
    job.created_by = PlanOrigin{.plan_id = plan.plan_id,
                                .plan_name = plan.document.name,
                                .version = plan.version,
                                .rule_id = rule.id,
                                .rule_name = rule.name,
                                .schedule = rule.schedule,
                                .zone = rule.zone};
    changes->emplace_back(std::move(job));
  }
}

}  // namespace tidemark::vault
