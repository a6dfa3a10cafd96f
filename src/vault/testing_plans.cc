#include "vault/testing_plans.h"

#include <algorithm>
#include <charconv>

#include "policy/context.h"
#include "vault/fault.h"
#include "vault/plans.h"
#include "vault/restore_jobs.h"
#include "vault/time_zone.h"

namespace tidemark::vault {

namespace {

constexpr size_t kTestingPlansMax = 100;  // of an account and Region
constexpr size_t kTestingSelectionsMax = 30;
constexpr size_t kTestedTablesMax = 30;
constexpr size_t kTestingNameMax = 50;
constexpr int64_t kHoursMax = 168;
constexpr int64_t kWindowDaysMax = 365;
constexpr double kObjectiveMin = 1e-6, kObjectiveMax = 1e9;  // seconds

Result<void> CheckTestingName(std::string_view member, std::string_view name) {
  constexpr std::string_view kLegal =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  if (!name.empty() && name.size() <= kTestingNameMax &&
      name.find_first_not_of(kLegal) == std::string_view::npos)
    return {};
  return FailWith(Fault::kInvalidParameter,
                  "{} must have 1 to {} of the characters a-z, A-Z, 0-9 and '_': {}", member,
                  kTestingNameMax, name);
}

Result<void> CheckRange(std::string_view member, int64_t value, int64_t low, int64_t high) {
  if (value >= low && value <= high) return {};
  return FailWith(Fault::kInvalidParameter, "{} must be between {} and {}", member, low, high);
}

Result<void> CheckChoice(const PointChoice& choice) {
  if (choice.vaults.empty()) {
    return FailWith(Fault::kMissingParameter,
                    "RecoveryPointSelection must have IncludeVaults: ARNs of vaults, or *");
  }
  if (!choice.snapshots && !choice.continuous) {
    return FailWith(Fault::kMissingParameter,
                    "RecoveryPointSelection must have RecoveryPointTypes: SNAPSHOT, CONTINUOUS");
  }
  for (const auto* vaults : {&choice.vaults, &choice.other_vaults}) {
    for (const std::string& vault : *vaults) {
      if (vault != "*" && !vault.starts_with("arn:aws:backup:"))
        return FailWith(Fault::kInvalidParameter, "{} is no backup vault's ARN, nor *", vault);
    }
  }
  return CheckRange("SelectionWindowDays", choice.window_days, 1, kWindowDaysMax);
}

Result<void> CheckTestingPlan(const TestingPlanRecord& plan) {
  TM_TRYV(CheckTestingName("RestoreTestingPlanName", plan.name));
  TM_TRY(const auto cron, Cron::Parse(plan.schedule));
  if (cron.RunsWithinAnHour()) {
    return FailWith(Fault::kInvalidParameter,
                    "Invalid schedule expression: restore tests cannot be more often than hourly");
  }
  TM_TRYV(TimeZone::Load(plan.zone));
  TM_TRYV(CheckRange("StartWindowHours", plan.start_hours, 1, kHoursMax));
  TM_TRYV(CheckChoice(plan.choice));
  TM_TRYV(ObjectiveOf(plan.tags));
  Tags tags;
  return AddTags(plan.tags, &tags);
}

Result<void> CheckTestingSelection(const TestingSelectionRecord& selection) {
  TM_TRYV(CheckTestingName("RestoreTestingSelectionName", selection.name));
  TM_TRYV(CheckRange("ValidationWindowHours", selection.validation_hours, 0, kHoursMax));
  const auto& tables = selection.tables;
  const bool conditions = !selection.equals.empty() || !selection.not_equals.empty();
  if (tables.empty() && !conditions) {
    return FailWith(Fault::kInvalidParameter,
                    "The selection names no resource; ProtectedResourceArns [\"*\"] are all");
  }
  const bool all = tables.empty() || tables == std::vector<std::string>{"*"};
  if (!all && conditions) {
    return FailWith(Fault::kInvalidParameter,
                    "ProtectedResourceConditions go with ProtectedResourceArns [\"*\"] only");
  }
  for (const std::string& arn : tables) {
    if (!all && (!arn.starts_with("arn:") || arn.find('*') != std::string::npos)) {
      return FailWith(Fault::kInvalidParameter,
                      "ProtectedResourceArns must be whole ARNs, or * alone: {}", arn);
    }
  }
  if (tables.size() > kTestedTablesMax ||
      selection.equals.size() + selection.not_equals.size() > kTestedTablesMax) {
    return FailWith(Fault::kLimitExceeded, "A selection can have {} ARNs, and as many conditions",
                    kTestedTablesMax);
  }
  return {};
}

Error TestingThere(std::string_view what, std::string_view name, const std::string& arn,
                   const std::string& creator_request_id) {
  Error error = MakeFault(Fault::kAlreadyExists,
                          fmt::format("Restore testing {} {} already exists", what, name));
  auto detail = std::make_shared<FaultDetail>(*FaultOf(error));
  detail->arn = arn;
  detail->creator_request_id = creator_request_id;
  error.detail = std::move(detail);
  return error;
}

// Whether a plan or selection is what the same request made.
template <class Record>
bool IsMadeBy(Record made, const Record& wanted) {
  made.created = wanted.created;
  if constexpr (std::is_same_v<Record, TestingPlanRecord>) {
    made.uuid = wanted.uuid;
    made.executed = wanted.executed;
    made.done_until = wanted.done_until;
  }
  return !wanted.creator_request_id.empty() && made == wanted;
}

}  // namespace

Result<Micros> ObjectiveOf(const Tags& tags) {
  const auto at = tags.find(std::string(kObjectiveTag));
  if (at == tags.end()) return Micros(0);
  const std::string& text = at->second;
  double seconds = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool whole = fault == std::errc() && end == text.data() + text.size();
  if (whole && seconds >= kObjectiveMin && seconds <= kObjectiveMax)
    return Micros(static_cast<int64_t>(seconds * 1e6));
  return FailWith(Fault::kInvalidParameter, "The tag {} must be a number of seconds, like 900: {}",
                  kObjectiveTag, text);
}

std::string SecondsText(Micros time) {
  std::string text = fmt::format("{:.6f}", static_cast<double>(time.count()) / 1e6);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

Result<Ptr<TestingPlanRecord>> FindTestingPlan(const VaultScope& scope, std::string_view name) {
  if (auto plan = scope.store.Find<TestingPlanRecord>(scope.place, name)) return plan;
  return FailWith(Fault::kNotFound, "Restore testing plan {} does not exist", name);
}

Ptr<TestingPlanRecord> FindTestingPlanByArn(const VaultScope& scope, std::string_view arn) {
  for (auto& plan : scope.store.List<TestingPlanRecord>(scope.place)) {
    if (plan->Arn() == arn) return plan;
  }
  return nullptr;
}

Result<Ptr<TestingPlanRecord>> CreateTestingPlan(const VaultScope& scope, TestingPlanRecord plan,
                                                 Random& random) {
  TM_TRYV(CheckTestingPlan(plan));
  plan.account = scope.place.account;
  plan.region = scope.place.region;
  plan.uuid = FormatUuid(MakeUuidBytes(random));
  plan.created = plan.done_until = scope.now;
  TM_TRYV(scope.store.Apply([&]() -> Result<Changes> {
    if (const auto old = scope.store.Find<TestingPlanRecord>(scope.place, plan.name)) {
      if (IsMadeBy(*old, plan)) return Changes{};
      return Fail(TestingThere("plan", plan.name, old->Arn(), old->creator_request_id));
    }
    if (scope.store.List<TestingPlanRecord>(scope.place).size() >= kTestingPlansMax) {
      return FailWith(Fault::kLimitExceeded, "There are {} restore testing plans already",
                      kTestingPlansMax);
    }
    return Changes{plan};
  }));
  return FindTestingPlan(scope, plan.name);
}

Result<Ptr<TestingPlanRecord>> UpdateTestingPlan(const VaultScope& scope, std::string_view name,
                                                 const TestingPlanChange& change) {
  TM_TRYV(scope.store.Apply([&]() -> Result<Changes> {
    TM_TRY(const auto old, FindTestingPlan(scope, name));
    TestingPlanRecord plan = *old;
    plan.schedule = change.schedule.value_or(plan.schedule);
    plan.zone = change.zone.value_or(plan.zone);
    plan.start_hours = change.start_hours.value_or(plan.start_hours);
    plan.choice = change.choice.value_or(plan.choice);
    TM_TRYV(CheckTestingPlan(plan));
    plan.updated = plan.done_until = scope.now;
    return Changes{std::move(plan)};
  }));
  return FindTestingPlan(scope, name);
}

Result<void> DeleteTestingPlan(const VaultScope& scope, std::string_view name) {
  return scope.store.Apply([&]() -> Result<Changes> {
    TM_TRY(const auto plan, FindTestingPlan(scope, name));
    if (!TestingSelectionsOf(scope, name).empty()) {
      return FailWith(Fault::kInvalidRequest,
                      "Restore testing plan {} has selections; delete them first", name);
    }
    return Changes{Erase{PathOf(*plan)}};
  });
}

Result<Ptr<TestingSelectionRecord>> FindTestingSelection(const VaultScope& scope,
                                                         std::string_view plan,
                                                         std::string_view name) {
  TM_TRYV(FindTestingPlan(scope, plan));
  auto found =
      scope.store.Find<TestingSelectionRecord>(scope.place, fmt::format("{}/{}", plan, name));
  if (found) return found;
  return FailWith(Fault::kNotFound, "Restore testing selection {} does not exist in plan {}", name,
                  plan);
}

std::vector<Ptr<TestingSelectionRecord>> TestingSelectionsOf(const VaultScope& scope,
                                                             std::string_view plan) {
  auto selections = scope.store.List<TestingSelectionRecord>(scope.place);
  std::erase_if(selections, [&](const auto& one) { return one->plan != plan; });
  return selections;
}

Result<Ptr<TestingSelectionRecord>> CreateTestingSelection(const VaultScope& scope,
                                                           TestingSelectionRecord selection) {
  TM_TRYV(CheckTestingSelection(selection));
  selection.account = scope.place.account;
  selection.region = scope.place.region;
  selection.created = scope.now;
  TM_TRYV(scope.store.Apply([&]() -> Result<Changes> {
    TM_TRY(const auto plan, FindTestingPlan(scope, selection.plan));
    if (const auto old = scope.store.Find<TestingSelectionRecord>(scope.place, selection.id())) {
      if (IsMadeBy(*old, selection)) return Changes{};
      return Fail(TestingThere("selection", selection.name, plan->Arn(), old->creator_request_id));
    }
    if (TestingSelectionsOf(scope, selection.plan).size() >= kTestingSelectionsMax) {
      return FailWith(Fault::kLimitExceeded, "The plan has {} selections already",
                      kTestingSelectionsMax);
    }
    return Changes{selection};
  }));
  return FindTestingSelection(scope, selection.plan, selection.name);
}

Result<Ptr<TestingSelectionRecord>> UpdateTestingSelection(const VaultScope& scope,
                                                           std::string_view plan,
                                                           std::string_view name,
                                                           const TestingSelectionChange& change) {
  TM_TRYV(scope.store.Apply([&]() -> Result<Changes> {
    TM_TRY(const auto old, FindTestingSelection(scope, plan, name));
    TestingSelectionRecord selection = *old;
    selection.role_arn = change.role_arn.value_or(selection.role_arn);
    selection.tables = change.tables.value_or(selection.tables);
    selection.equals = change.equals.value_or(selection.equals);
    selection.not_equals = change.not_equals.value_or(selection.not_equals);
    selection.overrides = change.overrides.value_or(selection.overrides);
    selection.validation_hours = change.validation_hours.value_or(selection.validation_hours);
    TM_TRYV(CheckTestingSelection(selection));
    selection.updated = scope.now;
    return Changes{std::move(selection)};
  }));
  return FindTestingSelection(scope, plan, name);
}

Result<void> DeleteTestingSelection(const VaultScope& scope, std::string_view plan,
                                    std::string_view name) {
  return scope.store.Apply([&]() -> Result<Changes> {
    TM_TRY(const auto selection, FindTestingSelection(scope, plan, name));
    return Changes{Erase{PathOf(*selection)}};
  });
}

Tags TestMetadata(const Tags& overrides, Random& random) {
  Tags metadata = overrides;
  const bool encrypted = std::ranges::any_of(
      overrides, [](const auto& one) { return policy::Lower(one.first) == "encryptiontype"; });
  if (!encrypted) metadata["encryptionType"] = "Default";
  metadata["targetTableName"] = std::string(kTestTablePrefix) + FormatUuid(MakeUuidBytes(random));
  return metadata;
}

Result<void> CheckOverrides(const Tags& overrides, Random& random) {
  for (const auto& [key, value] : overrides) {
    const std::string name = policy::Lower(key);
    if (name != "encryptiontype" && name != "kmsmasterkeyarn") {
      return FailWith(Fault::kInvalidParameter,
                      "RestoreMetadataOverrides can be encryptionType and kmsMasterKeyArn, not {}",
                      key);
    }
  }
  RestoreJobRecord job;
  return RestoreJobs::ReadMetadata(TestMetadata(overrides, random), &job);
}

bool TestSelects(const TestingSelectionRecord& selection, std::string_view table_arn,
                 const Tags& tags) {
  SelectionRecord same;
  same.resources = selection.tables.empty() ? std::vector<std::string>{"*"} : selection.tables;
  same.equals = selection.equals;
  same.not_equals = selection.not_equals;
  return Selects(same, table_arn, tags);
}

bool MayChoose(const PointChoice& choice, const PointRecord& point, Timestamp now) {
  const std::string vault = point.VaultArn();
  return choice.snapshots && point.status == PointStatus::kCompleted &&
         MatchesAny(choice.vaults, vault) && !MatchesAny(choice.other_vaults, vault) &&
         point.created >= now - std::chrono::days(choice.window_days);
}

}  // namespace tidemark::vault
