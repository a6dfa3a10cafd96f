#include "vault/compliance.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

#include "kms/keys.h"
#include "policy/evaluate.h"
#include "vault/controls.h"
#include "vault/plan_schedule.h"
#include "vault/settings.h"
#include "vault/testing_plans.h"
#include "vault/time_zone.h"

namespace tidemark::vault {

namespace {

constexpr std::string_view kTableKind = "AWS::DynamoDB::Table";
constexpr std::string_view kPlanKind = "AWS::Backup::BackupPlan";
constexpr std::string_view kVaultKind = "AWS::Backup::BackupVault";
constexpr std::string_view kPointKind = "AWS::Backup::RecoveryPoint";
constexpr std::chrono::days kRunsWithin{400};  // of a rule are looked at

struct Judgement {
  const ControlFacts& facts;
  const Place& place;
  const Control& control;
  Timestamp now;
};

bool HasTags(const Tags& wanted, const Tags& tags) {
  return std::ranges::all_of(wanted, [&](const auto& tag) {
    const auto at = tags.find(tag.first);
    return at != tags.end() && (tag.second.empty() || tag.second == at->second);
  });
}

// Whether a control judges what has one of these names and those tags.
bool IsInScope(const ControlScope& scope, const std::vector<std::string>& names, const Tags& tags) {
  const bool typed =
      scope.types.empty() || std::ranges::find(scope.types, "DynamoDB") != scope.types.end();
  const bool named = scope.ids.empty() || std::ranges::any_of(scope.ids, [&](const auto& id) {
                       return std::ranges::find(names, id) != names.end();
                     });
  return typed && named && HasTags(scope.tags, tags);
}

// "1 day", "6 hours".
std::string CountText(int64_t count, const std::string& units) {
  return fmt::format("{} {}", count, count == 1 ? units.substr(0, units.size() - 1) : units);
}

bool IsThere(const PointRecord& point) {
  return point.status == PointStatus::kCompleted || point.status == PointStatus::kExpired;
}

// --- Tables. A judge tells what a table lacks; nothing: it is not judged.

using JudgeTable =
    std::function<std::optional<std::string>(const catalog::TableRecord&, const std::string& arn)>;

std::vector<Finding> OfTables(const Judgement& j, const JudgeTable& judge) {
  std::vector<Finding> findings;
  for (const auto& table : j.facts.catalog.AllTables()) {
    if (table->account != j.place.account || table->region != j.place.region ||
        table->status != catalog::TableStatus::kActive)
      continue;
    const Tags tags = TagsOfTable(*table);
    const std::string arn = table->Arn();
    if (tags.contains(std::string(kTestTableTag)) ||
        !IsInScope(j.control.scope, {table->name, arn}, tags))
      continue;
    if (auto lacks = judge(*table, arn))
      findings.push_back({std::string(kTableKind), table->name, arn, *std::move(lacks)});
  }
  return findings;
}

// Plans that back a table up.
std::vector<Ptr<PlanRecord>> PlansOf(const std::vector<std::pair<Ptr<PlanRecord>, Selections>>& all,
                                     const catalog::TableRecord& table, bool opted_in) {
  std::vector<Ptr<PlanRecord>> plans;
  for (const auto& [plan, selections] : all) {
    if (SelectionOf(selections, table, opted_in)) plans.push_back(plan);
  }
  return plans;
}

// `lacks_of`: what a table lacks that these plans back up.
template <class LacksOf>
std::vector<Finding> OfPlannedTables(const Judgement& j, LacksOf lacks_of) {
  const VaultScope scope{j.facts.store, j.place, j.now};
  const bool opted_in = FindRegionSettings(j.facts.store, j.place).opted_in;
  std::vector<std::pair<Ptr<PlanRecord>, Selections>> all;
  for (const auto& plan : j.facts.store.List<PlanRecord>(j.place)) {
    if (!plan->deleted) all.emplace_back(plan, SelectionsOf(scope, plan->plan_id));
  }
  return OfTables(j, [&](const catalog::TableRecord& table, const auto&) {
    return std::optional<std::string>(lacks_of(PlansOf(all, table, opted_in)));
  });
}

std::vector<Finding> JudgePlanned(const Judgement& j) {
  return OfPlannedTables(j, [](const auto& plans) -> std::string {
    if (!plans.empty()) return "";
    return "No backup plan selects the table: assign it to one (CreateBackupSelection).";
  });
}

// `part_of`: of a vault's place, what is asked to be another one, and to be in the list.
template <class PartOf>
std::vector<Finding> JudgeCopies(const Judgement& j, std::string_view list, std::string_view what,
                                 PartOf part_of) {
  const auto wanted = ListOf(j.control, list);
  return OfPlannedTables(j, [&](const auto& plans) -> std::string {
    std::vector<std::string> found;
    for (const auto& plan : plans) {
      for (const PlanRule& rule : plan->document.rules) {
        for (const CopyAction& copy : rule.copies) {
          const auto to = ParseVaultArn(copy.vault_arn);
          if (to && part_of(to->place) != part_of(j.place)) found.push_back(part_of(to->place));
        }
      }
    }
    const auto is_found = [&](const auto& one) {
      return std::ranges::find(found, one) != found.end();
    };
    for (const std::string& one : wanted) {
      if (is_found(one)) continue;
      return fmt::format(
          "No rule of a backup plan copies the table's recovery points to {} {}: add a CopyAction "
          "(UpdateBackupPlan).",
          what, one);
    }
    if (!found.empty()) return "";
    return fmt::format(
        "No rule of a backup plan copies the table's recovery points to another {}: add a "
        "CopyAction (UpdateBackupPlan).",
        what);
  });
}

// `counts`: of which points one must be that is no older than the control says. `mends`: what does,
// where there is none.
template <class Counts>
std::vector<Finding> JudgeAge(const Judgement& j, std::string_view mends, Counts counts) {
  const int64_t count = *NumberOf(j.control, "recoveryPointAgeValue");
  const std::string unit = *ParameterOf(j.control, "recoveryPointAgeUnit");
  const auto age = unit == "hours" ? std::chrono::hours(count) : std::chrono::days(count);
  std::map<std::string, Timestamp> newest;  // by table
  for (const auto& point : j.facts.store.List<PointRecord>(j.place)) {
    if (!IsThere(*point) || !counts(*point)) continue;
    Timestamp& known = newest[point->table_arn];
    known = std::max(known, point->created);
  }
  return OfTables(j, [&](const auto&, const std::string& arn) -> std::optional<std::string> {
    const auto at = newest.find(arn);
    if (at != newest.end() && at->second >= j.now - age) return "";
    return fmt::format("The table has no recovery point of the last {}{}", CountText(count, unit),
                       mends);
  });
}

std::vector<Finding> JudgeLastPoint(const Judgement& j) {
  return JudgeAge(j, ": back it up (StartBackupJob), and see in the backup jobs why none was made.",
                  [](const PointRecord&) { return true; });
}

std::vector<Finding> JudgeAirGapped(const Judgement& j) {
  return JudgeAge(
      j,
      " in a logically air-gapped vault: copy one there (StartCopyJob), or name such a "
      "vault in the plan's rule (TargetLogicallyAirGappedBackupVaultArn).",
      [&](const PointRecord& point) { return IsAirGapped(j.facts.store, point.VaultArn()); });
}

std::vector<Finding> JudgeVaultLock(const Judgement& j) {
  const auto low = NumberOf(j.control, "minRetentionDays");
  const auto high = NumberOf(j.control, "maxRetentionDays");
  std::map<std::string, bool> locked;  // tables that have recovery points: one in such a vault
  for (const auto& point : j.facts.store.List<PointRecord>(j.place)) {
    if (!IsThere(*point)) continue;
    const auto vault = j.facts.store.Find<VaultRecord>(j.place, point->vault);
    const bool good = vault && vault->lock && (!low || vault->lock->min_days.value_or(0) >= *low) &&
                      (!high || (vault->lock->max_days && *vault->lock->max_days <= *high));
    locked[point->table_arn] |= good;
  }
  return OfTables(j, [&](const auto&, const std::string& arn) -> std::optional<std::string> {
    const auto at = locked.find(arn);
    if (at != locked.end() && at->second) return "";
    return "The table has no recovery point in a vault with such a lock: back it up into one, or "
           "lock its vault (PutBackupVaultLockConfiguration).";
  });
}

// The newest that is known of each table: tests' times outlive their jobs.
std::vector<Finding> JudgeRestoreTime(const Judgement& j) {
  const int64_t minutes = *NumberOf(j.control, "maxRestoreTime");
  std::map<std::string, std::pair<Timestamp, Micros>> newest;  // by table: when, how long
  const auto add = [&](const std::string& table, Timestamp created, Micros took) {
    auto& known = newest[table];
    if (created >= known.first) known = {created, took};
  };
  for (const auto& job : j.facts.store.List<RestoreJobRecord>(j.place)) {
    if (job->status == RestoreJobStatus::kCompleted)
      add(job->source_arn, job->created, job->completed - job->created);
  }
  for (const auto& test : j.facts.store.List<RestoreTestRecord>(j.place)) {
    if (test->took > Micros(0)) add(test->table_arn, test->created, test->took);
  }
  return OfTables(j, [&](const auto&, const std::string& arn) -> std::optional<std::string> {
    const auto at = newest.find(arn);
    if (at == newest.end()) return std::nullopt;
    const auto took = at->second.second;
    if (took <= std::chrono::minutes(minutes)) return "";
    return fmt::format(
        "The last restore took {} s, longer than {} min: see where its time went "
        "(DescribeTableRestore).",
        std::chrono::ceil<std::chrono::seconds>(took).count(), minutes);
  });
}

// --- Recovery points

template <class LacksOf>
std::vector<Finding> OfPoints(const Judgement& j, LacksOf lacks_of) {
  std::vector<Finding> findings;
  for (const auto& point : j.facts.store.List<PointRecord>(j.place)) {
    if (IsThere(*point) &&
        IsInScope(j.control.scope, {point->arn, point->table_arn, point->table_name}, point->tags))
      findings.push_back({std::string(kPointKind), point->arn, point->arn, lacks_of(*point)});
  }
  return findings;
}

std::vector<Finding> JudgeRetention(const Judgement& j) {
  const int64_t days = *NumberOf(j.control, "requiredRetentionDays");
  return OfPoints(j, [&](const PointRecord& point) -> std::string {
    const auto kept = point.lifecycle.delete_after_days;
    if (!kept || *kept >= days) return "";
    return fmt::format(
        "The recovery point is kept for {}, not {}: lengthen its life "
        "(UpdateRecoveryPointLifecycle).",
        CountText(*kept, "days"), days);
  });
}

// All of them are sealed; what a key of KMS seals is worth nothing without that key.
std::vector<Finding> JudgeEncrypted(const Judgement& j) {
  return OfPoints(j, [&](const PointRecord& point) -> std::string {
    if (point.key_arn.empty()) return "";
    const auto id =
        kms::KeyId::Parse(std::string_view(point.key_arn).substr(point.key_arn.rfind('/') + 1));
    const auto key = id ? j.facts.keys.Find(*id) : nullptr;
    if (!key || key->state == kms::KeyState::kDeleted)
      return fmt::format("Its key {} is gone: it can never be opened again.", point.key_arn);
    if (key->state == kms::KeyState::kEnabled) return "";
    return fmt::format(
        "Its key {} is {}: it cannot be opened until the key is enabled (CancelKeyDeletion, "
        "EnableKey).",
        point.key_arn, kms::ToString(key->state));
  });
}

// --- Plans

// Whether two runs are never farther apart than that, by the clocks of its zone.
bool RunsAtLeastEvery(const PlanRule& rule, std::chrono::minutes every, Timestamp now) {
  const auto cron = Cron::Parse(rule.schedule);
  const auto zone = TimeZone::Load(rule.zone);
  if (!cron || !zone) return false;
  const LocalMinute begin(
      std::chrono::floor<std::chrono::minutes>(now.time_since_epoch() + zone->OffsetAt(now)));
  auto run = cron->NextAfter(begin);
  if (!run || *run - begin > every) return false;
  while (*run < begin + kRunsWithin) {
    const auto next = cron->NextAfter(*run);
    if (!next || *next - *run > every) return false;
    run = next;
  }
  return true;
}

std::vector<Finding> JudgePlanRules(const Judgement& j) {
  const int64_t count = *NumberOf(j.control, "requiredFrequencyValue");
  const std::string unit = *ParameterOf(j.control, "requiredFrequencyUnit");
  const int64_t days = *NumberOf(j.control, "requiredRetentionDays");
  const std::chrono::minutes every =
      unit == "hours" ? std::chrono::hours(count) : std::chrono::days(count);
  std::vector<Finding> findings;
  for (const auto& plan : j.facts.store.List<PlanRecord>(j.place)) {
    const std::string arn = plan->Arn();
    if (plan->deleted || !IsInScope(j.control.scope, {plan->plan_id, arn}, plan->tags)) continue;
    const bool good = std::ranges::any_of(plan->document.rules, [&](const PlanRule& rule) {
      const auto kept = rule.lifecycle.delete_after_days;
      return (!kept || *kept >= days) && RunsAtLeastEvery(rule, every, j.now);
    });
    const std::string lacks =
        good ? ""
             : fmt::format(
                   "No rule of plan {} runs every {} and keeps for {}: change one "
                   "(UpdateBackupPlan).",
                   plan->document.name, CountText(count, unit), CountText(days, "days"));
    findings.push_back({std::string(kPlanKind), plan->plan_id, arn, lacks});
  }
  return findings;
}

// --- Vaults

// Who of the account may not be named by a policy's exceptions: everybody there is, and one who is
// yet to come.
std::vector<std::string> PrincipalsOf(const Judgement& j, const std::vector<std::string>& but) {
  const std::string account = "arn:aws:iam::" + j.place.account.value;
  std::vector<std::string> all = {account + ":root", account + ":role/one-yet-to-come"};
  const auto found = j.facts.directory.Find(j.place.account);
  for (const auto& [name, user] : found->users) all.push_back(user->Arn());
  for (const auto& [name, role] : found->roles) all.push_back(role->Arn());
  std::erase_if(all, [&](const auto& one) { return std::ranges::find(but, one) != but.end(); });
  return all;
}

bool Denies(const policy::Document& document, std::string_view action, const std::string& resource,
            const std::string& principal, const AccountId& account) {
  policy::ContextMap context;
  context.Set("aws:PrincipalArn", {principal});
  context.Set("aws:PrincipalAccount", {account.value});
  const policy::NamedDocument named{&document, "vault"};
  policy::Policies policies;
  policies.resource = {&named, 1};
  const policy::Request request{.action = action,
                                .resource = resource,
                                .context = context,
                                .principal_arn = principal,
                                .principal_account = account.value};
  return policy::Evaluate(request, policies).outcome == policy::Outcome::kExplicitDeny;
}

// As AWS has it: neither deleted, nor shortened, nor the policy changed that says so.
std::string LacksDenial(const Judgement& j, const VaultRecord& vault,
                        const std::vector<std::string>& principals) {
  const std::string any_point = fmt::format("arn:aws:dynamodb:{}:{}:table/any/backup/any",
                                            j.place.region.value, j.place.account.value);
  const std::pair<std::string_view, std::string> acts[] = {
      {"backup:DeleteRecoveryPoint", any_point},
      {"backup:UpdateRecoveryPointLifecycle", any_point},
      {"backup:PutBackupVaultAccessPolicy", vault.Arn()}};
  const auto document = policy::ParseDocument(vault.policy, policy::DocumentKind::kResource);
  for (const auto& [action, resource] : acts) {
    for (const std::string& principal : principals) {
      if (!vault.policy.empty() && document &&
          Denies(*document, action, resource, principal, vault.account))
        continue;
      return fmt::format(
          "The vault's access policy does not deny {} to {}: put one that does "
          "(PutBackupVaultAccessPolicy).",
          action, principal);
    }
  }
  return "";
}

std::vector<Finding> JudgeManualDeletion(const Judgement& j) {
  const auto principals = PrincipalsOf(j, ListOf(j.control, "principalArnList"));
  std::vector<Finding> findings;
  for (const auto& vault : j.facts.store.List<VaultRecord>(j.place)) {
    const std::string arn = vault->Arn();
    if (IsInScope(j.control.scope, {vault->name, arn}, vault->tags)) {
      findings.push_back(
          {std::string(kVaultKind), vault->name, arn, LacksDenial(j, *vault, principals)});
    }
  }
  return findings;
}

std::vector<Finding> Judge(ControlKind kind, const Judgement& j) {
  switch (kind) {
    case ControlKind::kLastPoint:
      return JudgeLastPoint(j);
    case ControlKind::kPlanRules:
      return JudgePlanRules(j);
    case ControlKind::kEncrypted:
      return JudgeEncrypted(j);
    case ControlKind::kManualDeletion:
      return JudgeManualDeletion(j);
    case ControlKind::kRetention:
      return JudgeRetention(j);
    case ControlKind::kPlanned:
      return JudgePlanned(j);
    case ControlKind::kVaultLock:
      return JudgeVaultLock(j);
    case ControlKind::kCrossAccount:
      return JudgeCopies(j, "crossAccountList", "account",
                         [](const Place& place) { return place.account.value; });
    case ControlKind::kCrossRegion:
      return JudgeCopies(j, "crossRegionList", "Region",
                         [](const Place& place) { return place.region.value; });
    case ControlKind::kRestoreTime:
      return JudgeRestoreTime(j);
    case ControlKind::kAirGapped:
      return JudgeAirGapped(j);
  }
  return {};
}

}  // namespace

std::vector<Finding> Evaluate(const ControlFacts& facts, const Place& place, const Control& control,
                              Timestamp now) {
  const auto kind = ControlKindOf(control.name);
  auto findings = kind ? Judge(*kind, {facts, place, control, now}) : std::vector<Finding>();
  std::ranges::sort(findings, {}, &Finding::arn);
  return findings;
}

std::string_view Compliance::status() const {
  if (others > 0) return "NON_COMPLIANT";
  return compliant > 0 ? "COMPLIANT" : "INSUFFICIENT_DATA";
}

Compliance Count(const std::vector<Finding>& findings) {
  Compliance count;
  for (const Finding& finding : findings)
    ++(finding.lacks.empty() ? count.compliant : count.others);
  return count;
}

}  // namespace tidemark::vault
