#include "vault/plans.h"

#include <algorithm>
#include <set>

#include "codec/base64.h"
#include "policy/pattern.h"
#include "vault/fault.h"
#include "vault/time_zone.h"

namespace tidemark::vault {

namespace {

constexpr size_t kPlansMax = 300;  // of an account and Region
constexpr size_t kVersionsMax = 2000;
constexpr size_t kRulesMax = 10;
constexpr size_t kCopiesMax = 5;  // of a rule
constexpr size_t kSelectionsMax = 100;
constexpr size_t kArnsMax = 500;
constexpr size_t kArnsWithWildcardsMax = 30;
constexpr size_t kTestsMax = 30;
constexpr int64_t kMinutesMin = 60;
constexpr int64_t kMinutesMax = 52'560'000;

Error InRule(const PlanRule& rule, std::string_view text, std::string code = {}) {
  return MakeFault(Fault::kInvalidParameter, fmt::format("Error in rule {} : {}", rule.name, text),
                   std::move(code));
}

Result<void> CheckRule(const Place& place, const PlanRule& rule) {
  const auto cron = Cron::Parse(rule.schedule);
  if (!cron) return Fail(InRule(rule, cron.error().message));
  if (cron->RunsWithinAnHour()) {
    return Fail(InRule(rule,
                       "Invalid schedule expression: backups cannot be more often than "
                       "hourly"));
  }
  if (const auto zone = TimeZone::Load(rule.zone); !zone)
    return Fail(InRule(rule, zone.error().message));
  if (rule.start_minutes < kMinutesMin || rule.start_minutes > kMinutesMax) {
    return Fail(InRule(rule, fmt::format("StartWindowMinutes must be between {} and {} minutes",
                                         kMinutesMin, kMinutesMax)));
  }
  if (rule.complete_minutes <= rule.start_minutes || rule.complete_minutes > kMinutesMax)
    return Fail(InRule(rule, "CompletionWindowMinutes must be greater than StartWindowMinutes"));
  const auto& [cold, end] = rule.lifecycle;
  if (rule.continuous && cold) {
    return Fail(InRule(rule, "Invalid lifecycle. MoveToColdStorageAfterDays is unavailable"));
  }
  if (rule.copies.size() > kCopiesMax)
    return Fail(InRule(rule, fmt::format("There can be {} copy actions", kCopiesMax)));
  for (const CopyAction& copy : rule.copies) {
    const auto destination = ParseVaultArn(copy.vault_arn);
    if (!destination) {
      return Fail(InRule(rule, fmt::format("DestinationBackupVaultArn is no backup vault's ARN: {}",
                                           copy.vault_arn)));
    }
    if (destination->place.account == place.account && destination->place.region == place.region &&
        destination->name == rule.vault)
      return Fail(InRule(rule, "A recovery point cannot be copied to its own vault"));
    const auto kept =
        MakeLifecycle(copy.lifecycle.cold_after_days, copy.lifecycle.delete_after_days);
    if (!kept) return Fail(InRule(rule, kept.error().message, "ERROR_3015"));
  }
  if (!rule.air_gapped_arn.empty() && !ParseVaultArn(rule.air_gapped_arn)) {
    return Fail(InRule(rule, fmt::format("TargetLogicallyAirGappedBackupVaultArn is no backup "
                                         "vault's ARN: {}",
                                         rule.air_gapped_arn)));
  }
  const auto lifecycle = MakeLifecycle(cold, end);
  if (!lifecycle) return Fail(InRule(rule, lifecycle.error().message, "ERROR_3015"));
  Tags tags;
  return AddTags(rule.tags, &tags);
}

Result<void> CheckComing(const PlanRule& rule, Timestamp now) {
  TM_TRY(const auto cron, Cron::Parse(rule.schedule));
  TM_TRY(const auto zone, TimeZone::Load(rule.zone));
  if (NextRun(cron, zone, now)) return {};
  return Fail(InRule(
      rule, fmt::format("Invalid schedule expression: {} names no time to come", rule.schedule)));
}

std::string NewId(Random& random) { return FormatUuid(MakeUuidBytes(random)); }

void NameRules(PlanDocument* document, Random& random) {
  for (PlanRule& rule : document->rules) rule.id = NewId(random);
}

bool AreSame(PlanDocument a, PlanDocument b) {
  for (auto* document : {&a, &b}) {
    for (PlanRule& rule : document->rules) rule.id.clear();
  }
  return a == b;
}

// Version ids stand in paths of the store: without '/'.
std::string NewVersion(Random& random) {
  std::string version = codec::EncodeBase64(random.String(36));
  std::ranges::replace(version, '/', '_');
  std::ranges::replace(version, '+', '-');
  return version;
}

PlanVersionRecord VersionOf(const PlanRecord& plan, Timestamp now) {
  return {.account = plan.account,
          .region = plan.region,
          .plan_id = plan.plan_id,
          .version = plan.version,
          .created = now,
          .document = plan.document};
}

Error PlanThere(const PlanRecord& plan) {
  Error error =
      MakeFault(Fault::kAlreadyExists, "Backup plan with the same plan document already exists");
  auto detail = std::make_shared<FaultDetail>(*FaultOf(error));
  detail->arn = plan.Arn();
  detail->creator_request_id = plan.creator_request_id;
  error.detail = std::move(detail);
  return error;
}

Result<void> CheckArns(const std::vector<std::string>& arns) {
  size_t wild = 0;
  for (const std::string& arn : arns) {
    if (arn != "*" && !arn.starts_with("arn:"))
      return FailWith(Fault::kInvalidParameter, "Invalid backup selection. {} is no ARN", arn);
    if (arn.find('*') != std::string::npos) ++wild;
  }
  if (arns.size() > kArnsMax || wild > kArnsWithWildcardsMax) {
    return FailWith(Fault::kLimitExceeded,
                    "Invalid backup selection. There can be {} ARNs, {} of them with wildcards",
                    kArnsMax, kArnsWithWildcardsMax);
  }
  return {};
}

Result<void> CheckSelection(const SelectionRecord& selection) {
  if (selection.resources.empty() && selection.any_tag.empty()) {
    return FailWith(Fault::kInvalidParameter,
                    "Invalid backup selection. Either 'ListOfTags' or 'Resources' section must be "
                    "non-empty.");
  }
  TM_TRYV(CheckArns(selection.resources));
  TM_TRYV(CheckArns(selection.not_resources));
  size_t tests = selection.any_tag.size();
  for (const auto* conditions :
       {&selection.equals, &selection.not_equals, &selection.like, &selection.not_like})
    tests += conditions->size();
  if (tests > kTestsMax) {
    return FailWith(Fault::kLimitExceeded,
                    "Invalid backup selection. There can be {} tags and conditions", kTestsMax);
  }
  return {};
}

bool MatchesText(std::string_view pattern, std::string_view text) {
  const auto parsed = policy::Pattern::Parse(pattern, {});
  return parsed && parsed->Matches(text);
}

std::optional<std::string> TagValue(const Tags& tags, std::string_view key) {
  constexpr std::string_view kPrefix = "aws:ResourceTag/";
  if (key.starts_with(kPrefix)) key.remove_prefix(kPrefix.size());
  const auto at = tags.find(std::string(key));
  return at == tags.end() ? std::nullopt : std::optional(at->second);
}

}  // namespace

Result<void> CheckDocument(const VaultScope& scope, const PlanDocument& document,
                           const PlanDocument* before) {
  constexpr size_t kNameMax = 50;
  if (document.name.empty() || document.name.size() > kNameMax) {
    return FailWith(Fault::kInvalidParameter, "BackupPlanName must have 1 to {} characters",
                    kNameMax);
  }
  if (document.rules.empty() || document.rules.size() > kRulesMax)
    return FailWith(Fault::kInvalidParameter, "A plan must have 1 to {} rules", kRulesMax);
  std::set<std::string_view> names;
  for (const PlanRule& rule : document.rules) {
    if (!names.insert(rule.name).second)
      return FailWith(Fault::kInvalidParameter, "Two rules are named {}", rule.name);
    TM_TRYV(CheckRule(scope.place, rule));
    const bool goes_on = before && std::ranges::find(before->rules, rule.schedule,
                                                     &PlanRule::schedule) != before->rules.end();
    if (!goes_on) TM_TRYV(CheckComing(rule, scope.now));
  }
  return {};
}

Result<Ptr<PlanRecord>> FindPlan(const VaultScope& scope, std::string_view plan_id) {
  auto plan = scope.store.Find<PlanRecord>(scope.place, plan_id);
  if (plan && !plan->deleted) return plan;
  return FailWith(Fault::kNotFound, "Failed reading Backup plan with provided version");
}

Result<Ptr<PlanVersionRecord>> FindPlanVersion(const VaultScope& scope, std::string_view plan_id,
                                               std::string_view version) {
  auto found =
      scope.store.Find<PlanVersionRecord>(scope.place, fmt::format("{}/{}", plan_id, version));
  if (found) return found;
  return FailWith(Fault::kNotFound, "Failed reading Backup plan with provided version");
}

Result<Ptr<PlanRecord>> CreatePlan(const VaultScope& scope, PlanRecord plan, Random& random) {
  TM_TRYV(CheckDocument(scope, plan.document));
  Tags tags;
  TM_TRYV(AddTags(plan.tags, &tags));
  plan.account = scope.place.account;
  plan.region = scope.place.region;
  plan.plan_id = NewId(random);
  plan.version = NewVersion(random);
  plan.created = plan.done_until = scope.now;
  NameRules(&plan.document, random);
  std::string id = plan.plan_id;
  TM_TRYV(scope.store.Apply([&]() -> Result<Changes> {
    size_t count = 0;
    for (const auto& old : scope.store.List<PlanRecord>(scope.place)) {
      if (old->deleted) continue;
      ++count;
      if (!AreSame(old->document, plan.document)) continue;
      if (old->creator_request_id.empty() || old->creator_request_id != plan.creator_request_id)
        return Fail(PlanThere(*old));
      id = old->plan_id;
      return Changes{};
    }
    if (count >= kPlansMax)
      return FailWith(Fault::kLimitExceeded, "There are {} backup plans already", kPlansMax);
    return Changes{plan, VersionOf(plan, scope.now)};
  }));
  return FindPlan(scope, id);
}

Result<Ptr<PlanRecord>> UpdatePlan(const VaultScope& scope, std::string_view plan_id,
                                   PlanDocument document, Random& random) {
  TM_TRY(const auto before, FindPlan(scope, plan_id));
  TM_TRYV(CheckDocument(scope, document, &before->document));
  NameRules(&document, random);
  TM_TRYV(scope.store.Apply([&]() -> Result<Changes> {
    TM_TRY(const auto old, FindPlan(scope, plan_id));
    const auto versions =
        std::ranges::count_if(scope.store.List<PlanVersionRecord>(scope.place),
                              [&](const auto& version) { return version->plan_id == plan_id; });
    if (static_cast<size_t>(versions) >= kVersionsMax)
      return FailWith(Fault::kLimitExceeded, "The plan has {} versions already", kVersionsMax);
    PlanRecord plan = *old;
    // A rule that goes on under its name is the same one.
    for (PlanRule& rule : document.rules) {
      for (const PlanRule& before : old->document.rules) {
        if (before.name == rule.name) rule.id = before.id;
      }
    }
    plan.document = document;
    plan.version = NewVersion(random);
    plan.done_until = scope.now;
    PlanVersionRecord version = VersionOf(plan, scope.now);
    return Changes{std::move(plan), std::move(version)};
  }));
  return FindPlan(scope, plan_id);
}

Result<Ptr<PlanRecord>> DeletePlan(const VaultScope& scope, std::string_view plan_id) {
  TM_TRYV(scope.store.Apply([&]() -> Result<Changes> {
    TM_TRY(const auto old, FindPlan(scope, plan_id));
    if (!SelectionsOf(scope, plan_id).empty()) {
      return FailWith(Fault::kInvalidRequest,
                      "Related backup plan selections must be deleted prior to backup plan "
                      "deletion");
    }
    PlanRecord plan = *old;
    plan.deleted = scope.now;
    return Changes{std::move(plan)};
  }));
  return scope.store.Find<PlanRecord>(scope.place, plan_id);
}

Result<Ptr<SelectionRecord>> FindSelection(const VaultScope& scope, std::string_view plan_id,
                                           std::string_view selection_id) {
  auto found =
      scope.store.Find<SelectionRecord>(scope.place, fmt::format("{}/{}", plan_id, selection_id));
  if (found) return found;
  return FailWith(Fault::kNotFound, "Backup selection {} does not exist", selection_id);
}

std::vector<Ptr<SelectionRecord>> SelectionsOf(const VaultScope& scope, std::string_view plan_id) {
  auto selections = scope.store.List<SelectionRecord>(scope.place);
  std::erase_if(selections, [&](const auto& one) { return one->plan_id != plan_id; });
  return selections;
}

Result<Ptr<SelectionRecord>> CreateSelection(const VaultScope& scope, SelectionRecord selection,
                                             Random& random) {
  TM_TRYV(CheckSelection(selection));
  selection.account = scope.place.account;
  selection.region = scope.place.region;
  selection.selection_id = NewId(random);
  selection.created = scope.now;
  std::string id = selection.selection_id;
  TM_TRYV(scope.store.Apply([&]() -> Result<Changes> {
    TM_TRYV(FindPlan(scope, selection.plan_id));
    const auto others = SelectionsOf(scope, selection.plan_id);
    for (const auto& other : others) {
      if (other->name != selection.name) continue;
      SelectionRecord same = *other;
      same.selection_id = selection.selection_id;
      same.created = selection.created;
      if (selection.creator_request_id.empty() || same != selection)
        return FailWith(Fault::kAlreadyExists, "Backup selection {} already exists", other->name);
      id = other->selection_id;
      return Changes{};
    }
    if (others.size() >= kSelectionsMax)
      return FailWith(Fault::kLimitExceeded, "The plan has {} selections already", kSelectionsMax);
    return Changes{selection};
  }));
  return FindSelection(scope, selection.plan_id, id);
}

Result<void> DeleteSelection(const VaultScope& scope, std::string_view plan_id,
                             std::string_view selection_id) {
  return scope.store.Apply([&]() -> Result<Changes> {
    TM_TRY(const auto selection, FindSelection(scope, plan_id, selection_id));
    return Changes{Erase{PathOf(*selection)}};
  });
}

bool MatchesAny(const std::vector<std::string>& patterns, std::string_view arn) {
  return std::ranges::any_of(patterns,
                             [&](const auto& pattern) { return MatchesText(pattern, arn); });
}

bool Selects(const SelectionRecord& selection, std::string_view arn, const Tags& tags) {
  const auto equals = [&](const TagTest& test) { return TagValue(tags, test.key) == test.value; };
  const auto like = [&](const TagTest& test) {
    const auto value = TagValue(tags, test.key);
    return value && MatchesText(test.value, *value);
  };
  const bool named =
      MatchesAny(selection.resources, arn) || std::ranges::any_of(selection.any_tag, equals);
  return named && !MatchesAny(selection.not_resources, arn) &&
         std::ranges::all_of(selection.equals, equals) &&
         std::ranges::none_of(selection.not_equals, equals) &&
         std::ranges::all_of(selection.like, like) &&
         std::ranges::none_of(selection.not_like, like);
}

}  // namespace tidemark::vault
