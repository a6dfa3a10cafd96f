#include "vault/controls.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/region_name.h"
#include "vault/fault.h"

namespace tidemark::vault {

namespace {

enum class ParameterForm { kNumber, kUnit, kList, kRegions };

struct ParameterRule {
  std::string_view name;  // empty: there is no further one
  ParameterForm form = ParameterForm::kNumber;
  std::string_view fallback;  // empty: none
};

struct ControlRule {
  std::string_view name;
  ControlKind kind;
  std::array<ParameterRule, 3> parameters = {};
};

constexpr int64_t kParameterMax = 36500;
constexpr size_t kScopedIdsMax = 100;

// Sorted by name. The fallbacks are those of the service's console.
constexpr ControlRule kControlRules[] = {
    {"BACKUP_LAST_RECOVERY_POINT_CREATED",
     ControlKind::kLastPoint,
     {{{"recoveryPointAgeUnit", ParameterForm::kUnit, "days"},
       {"recoveryPointAgeValue", ParameterForm::kNumber, "1"}}}},
    {"BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK",
     ControlKind::kPlanRules,
     {{{"requiredFrequencyUnit", ParameterForm::kUnit, "days"},
       {"requiredFrequencyValue", ParameterForm::kNumber, "1"},
       {"requiredRetentionDays", ParameterForm::kNumber, "35"}}}},
    {"BACKUP_RECOVERY_POINT_ENCRYPTED", ControlKind::kEncrypted},
    {"BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED",
     ControlKind::kManualDeletion,
     {{{"principalArnList", ParameterForm::kList, ""}}}},
    {"BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK",
     ControlKind::kRetention,
     {{{"requiredRetentionDays", ParameterForm::kNumber, "35"}}}},
    {"BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN", ControlKind::kPlanned},
    {"BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK",
     ControlKind::kVaultLock,
     {{{"maxRetentionDays", ParameterForm::kNumber, ""},
       {"minRetentionDays", ParameterForm::kNumber, ""}}}},
    {"BACKUP_RESOURCES_PROTECTED_BY_CROSS_ACCOUNT",
     ControlKind::kCrossAccount,
     {{{"crossAccountList", ParameterForm::kList, ""}}}},
    {"BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION",
     ControlKind::kCrossRegion,
     {{{"crossRegionList", ParameterForm::kRegions, ""}}}},
    {"RESOURCES_IN_LOGICALLY_AIR_GAPPED_VAULT",
     ControlKind::kAirGapped,
     {{{"recoveryPointAgeUnit", ParameterForm::kUnit, "days"},
       {"recoveryPointAgeValue", ParameterForm::kNumber, "1"}}}},
    {"RESTORE_TIME_FOR_RESOURCES_MEET_TARGET",
     ControlKind::kRestoreTime,
     {{{"maxRestoreTime", ParameterForm::kNumber, "720"}}}},
};
static_assert(std::ranges::is_sorted(kControlRules, {}, &ControlRule::name));

const ControlRule* FindControlRule(std::string_view name) {
  const auto* at = std::ranges::lower_bound(kControlRules, name, {}, &ControlRule::name);
  return at != std::end(kControlRules) && at->name == name ? at : nullptr;
}

const ParameterRule* FindParameterRule(const ControlRule& rule, std::string_view name) {
  const auto* at = std::ranges::find(rule.parameters, name, &ParameterRule::name);
  return at == rule.parameters.end() ? nullptr : at;
}

std::optional<int64_t> ReadWhole(std::string_view text) {
  int64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "a, b" -> the two.
std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> all;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view one = text.substr(begin, end - begin);
    const size_t first = one.find_first_not_of(' ');
    if (first != std::string_view::npos)
      all.emplace_back(one.substr(first, one.find_last_not_of(' ') - first + 1));
    begin = end + 1;
  }
  return all;
}

Result<void> CheckParameter(const ControlRule& rule, std::string_view name,
                            const std::string& value) {
  const auto* parameter = name.empty() ? nullptr : FindParameterRule(rule, name);
  if (!parameter) {
    return FailWith(Fault::kInvalidParameter, "Control {} has no parameter {}", rule.name, name);
  }
  if (parameter->form == ParameterForm::kUnit && value != "hours" && value != "days")
    return FailWith(Fault::kInvalidParameter, "{} must be hours or days, not {}", name, value);
  if (parameter->form == ParameterForm::kRegions) {
    for (const std::string& region : SplitList(value)) {
      const auto is_name = CheckRegionName(fmt::format("Each of {}", name), region);
      if (!is_name) return FailWith(Fault::kInvalidParameter, "{}", is_name.error().message);
    }
  }
  if (parameter->form != ParameterForm::kNumber) return {};
  const auto number = ReadWhole(value);
  if (number && *number >= 1 && *number <= kParameterMax) return {};
  return FailWith(Fault::kInvalidParameter, "{} must be a number from 1 to {}, not {}", name,
                  kParameterMax, value);
}

}  // namespace

std::optional<ControlKind> ControlKindOf(std::string_view name) {
  const auto* rule = FindControlRule(name);
  return rule ? std::optional(rule->kind) : std::nullopt;
}

Result<void> CheckControl(const Control& control) {
  const auto* rule = FindControlRule(control.name);
  if (!rule) {
    std::string known;
    for (const auto& one : kControlRules) known += fmt::format(" {}", one.name);
    return FailWith(Fault::kInvalidParameter, "There is no control {}; those of tables are:{}",
                    control.name, known);
  }
  for (const auto& [name, value] : control.parameters) TM_TRYV(CheckParameter(*rule, name, value));
  const auto low = NumberOf(control, "minRetentionDays");
  const auto high = NumberOf(control, "maxRetentionDays");
  if (low && high && *low > *high) {
    return FailWith(Fault::kInvalidParameter,
                    "minRetentionDays must not be greater than maxRetentionDays");
  }
  if (control.scope.tags.size() > 1) {
    return FailWith(Fault::kInvalidParameter, "ControlScope can have one tag, not {}",
                    control.scope.tags.size());
  }
  if (control.scope.ids.size() > kScopedIdsMax) {
    return FailWith(Fault::kInvalidParameter, "ComplianceResourceIds can have {} ids",
                    kScopedIdsMax);
  }
  return {};
}

std::optional<std::string> ParameterOf(const Control& control, std::string_view name) {
  const auto given = control.parameters.find(std::string(name));
  if (given != control.parameters.end()) return given->second;
  const auto* rule = FindControlRule(control.name);
  const auto* parameter = rule ? FindParameterRule(*rule, name) : nullptr;
  if (!parameter || parameter->fallback.empty()) return std::nullopt;
  return std::string(parameter->fallback);
}

std::optional<int64_t> NumberOf(const Control& control, std::string_view name) {
  const auto text = ParameterOf(control, name);
  return text ? ReadWhole(*text) : std::nullopt;
}

std::vector<std::string> ListOf(const Control& control, std::string_view name) {
  return SplitList(ParameterOf(control, name).value_or(""));
}

}  // namespace tidemark::vault
