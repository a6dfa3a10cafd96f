// What a framework can control, by the service's names. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "vault/framework_records.h"

namespace tidemark::vault {

enum class ControlKind {
  kLastPoint,
  kPlanRules,
  kEncrypted,
  kManualDeletion,
  kRetention,
  kPlanned,
  kVaultLock,
  kCrossAccount,
  kCrossRegion,
  kRestoreTime,
  kAirGapped
};

// Nothing: there is no such control.
std::optional<ControlKind> ControlKindOf(std::string_view name);
// Fault::kInvalidParameter: there is no such control, it has no such parameter, or not that value.
Result<void> CheckControl(const Control& control);

// What a control that is checked is told, or goes by if it is not; nothing: neither.
std::optional<std::string> ParameterOf(const Control& control, std::string_view name);
std::optional<int64_t> NumberOf(const Control& control, std::string_view name);
// Separated by commas.
std::vector<std::string> ListOf(const Control& control, std::string_view name);

}  // namespace tidemark::vault
