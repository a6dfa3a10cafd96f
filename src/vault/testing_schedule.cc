#include "vault/testing_schedule.h"

#include <algorithm>

#include "base/log.h"
#include "vault/backup_jobs.h"
#include "vault/plan_schedule.h"
#include "vault/restore_jobs.h"
#include "vault/time_zone.h"

namespace tidemark::vault {

namespace {

// When a schedule is to be looked at again.
Timestamp NextLook(const TestingPlanRecord& plan, Timestamp now) {
  const auto cron = Cron::Parse(plan.schedule);
  const auto zone = TimeZone::Load(plan.zone);
  if (!cron || !zone) return Timestamp::max();
  return NextRun(*cron, *zone, now).value_or(Timestamp::max());
}

RestoreJobRecord JobOf(const PointRecord& point, const TestingSelectionRecord& selection,
                       Timestamp now, Random& random) {
  RestoreJobRecord job;
  job.account = point.account;
  job.region = point.region;
  job.job_id = MakeJobId(random);
  job.vault = point.vault;
  job.point_arn = point.arn;
  job.source_arn = point.table_arn;
  job.point_created = point.created;
  job.role_arn = selection.role_arn;
  job.metadata = TestMetadata(selection.overrides, random);
  job.created = now;
  job.bytes = point.bytes;
  return job;
}

}  // namespace

void TestingSchedule::Begin(const std::function<Timestamp(const Region&)>& now) {
  for (const auto& plan : store_.Open<TestingPlanRecord>()) {
    const Timestamp time = now(plan->region);
    const auto quiet = quiet_.find(plan->Arn());
    if (quiet != quiet_.end() && quiet->second.done_until == plan->done_until &&
        quiet->second.updated == plan->updated && time < quiet->second.next)
      continue;
    const Timestamp next = NextLook(*plan, time);
    // Runs before their start window are lost.
    const Timestamp after =
        std::max(plan->done_until, time - std::chrono::hours(plan->start_hours));
    const auto run = DueRun(plan->schedule, plan->zone, after, time);
    const auto begun = run ? BeginPlan(*plan, *run, time) : Result<void>();
    if (begun) {
      quiet_[plan->Arn()] = {plan->done_until, plan->updated, next};
    } else {
      LogWarn("a run of restore testing plan {} is still to begin: {}", plan->name,
              begun.error().message);
    }
  }
}

Result<void> TestingSchedule::BeginPlan(const TestingPlanRecord& plan, Timestamp run,
                                        Timestamp now) {
  return store_.Apply([&]() -> Result<Changes> {
    const auto newest = store_.Find<TestingPlanRecord>(PlaceOf(plan), plan.name);
    // Changed or deleted meanwhile: that decides, the next time.
    if (!newest || newest->uuid != plan.uuid || newest->updated != plan.updated) return Changes{};
    TestingPlanRecord begun = *newest;
    begun.done_until = begun.executed = now;
    Changes changes;
    AddTests(*newest, run, now, &changes);
    changes.emplace_back(std::move(begun));
    return changes;
  });
}

void TestingSchedule::AddTests(const TestingPlanRecord& plan, Timestamp run, Timestamp now,
                               Changes* changes) {
  const auto selections = TestingSelectionsOf({store_, PlaceOf(plan), now}, plan.name);
  const Micros objective = ObjectiveOf(plan.tags).value_or(Micros(0));
  std::map<std::string, std::vector<Ptr<PointRecord>>> points;  // by table
  for (const auto& point : store_.List<PointRecord>(PlaceOf(plan)))
    points[point->table_arn].push_back(point);
  for (auto& [table_arn, all] : points) {
    const Tags tags =
        TagsOf(PlaceOf(plan),
               **std::ranges::max_element(all, {}, [](const auto& one) { return one->created; }));
    const auto selection = std::ranges::find_if(
        selections, [&, arn = table_arn](const auto& one) { return TestSelects(*one, arn, tags); });
    std::erase_if(all, [&](const auto& one) { return !MayChoose(plan.choice, *one, now); });
    if (selection == selections.end() || all.empty()) continue;
    const auto& point =
        plan.choice.random
            ? all[random_.Next() % all.size()]
            : *std::ranges::max_element(all, {}, [](const auto& one) { return one->created; });
    RestoreJobRecord job = JobOf(*point, **selection, now, random_);
    if (const auto read = RestoreJobs::ReadMetadata(job.metadata, &job); !read) {
      LogWarn("restore testing selection {} cannot be tested: {}", (*selection)->name,
              read.error().message);
      continue;
    }
    RestoreTestRecord test;
    test.account = plan.account;
    test.region = plan.region;
    test.job_id = job.job_id;
    test.plan = plan.name;
    test.plan_arn = plan.Arn();
    test.selection = (*selection)->name;
    test.table_arn = table_arn;
    test.created = now;
    test.start_by = run + std::chrono::hours(plan.start_hours);
    test.kept_hours = (*selection)->validation_hours;
    test.objective = objective;
    changes->emplace_back(std::move(job));
    changes->emplace_back(std::move(test));
  }
}

Tags TestingSchedule::TagsOf(const Place& place, const PointRecord& newest) const {
  Tags tags = newest.tags;
  const auto table = catalog_.FindTable(place.account, place.region, newest.table_name);
  if (table && table->Arn() == newest.table_arn) tags.merge(TagsOfTable(*table));
  return tags;
}

}  // namespace tidemark::vault
