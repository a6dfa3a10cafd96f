// Acts on plans and their selections, with the service's rules and texts. All that change something
// block and are durable on return. Errors: faults (fault.h), beside those of storing.
#pragma once
#include <string>

#include "base/random.h"
#include "vault/vaults.h"

namespace tidemark::vault {

inline constexpr std::string_view kDefaultSchedule = "cron(0 5 ? * * *)";
inline constexpr std::string_view kDefaultZone = "Etc/UTC";
inline constexpr int64_t kDefaultStartMinutes = 8 * 60;
inline constexpr int64_t kDefaultCompleteMinutes = 7 * 24 * 60;

// kInvalidParameter: there cannot be such a plan.
// `before`: that of the plan it changes, whose schedules may be over; null: there is none.
Result<void> CheckDocument(const VaultScope& scope, const PlanDocument& document,
                           const PlanDocument* before = nullptr);
// kNotFound: there is none, or it is deleted.
Result<Ptr<PlanRecord>> FindPlan(const VaultScope& scope, std::string_view plan_id);
// Of one that may be deleted. kNotFound.
Result<Ptr<PlanVersionRecord>> FindPlanVersion(const VaultScope& scope, std::string_view plan_id,
                                               std::string_view version);

// The same request with the same id is answered with the plan it made. kAlreadyExists (a plan with
// the same document), kInvalidParameter, kLimitExceeded.
Result<Ptr<PlanRecord>> CreatePlan(const VaultScope& scope, PlanRecord plan, Random& random);
// Another version, in force from now on.
Result<Ptr<PlanRecord>> UpdatePlan(const VaultScope& scope, std::string_view plan_id,
                                   PlanDocument document, Random& random);
// kInvalidRequest: it has selections. The record stays, deleted.
Result<Ptr<PlanRecord>> DeletePlan(const VaultScope& scope, std::string_view plan_id);

Result<Ptr<SelectionRecord>> FindSelection(const VaultScope& scope, std::string_view plan_id,
                                           std::string_view selection_id);
std::vector<Ptr<SelectionRecord>> SelectionsOf(const VaultScope& scope, std::string_view plan_id);
// kAlreadyExists: of that name; kInvalidParameter, kLimitExceeded.
Result<Ptr<SelectionRecord>> CreateSelection(const VaultScope& scope, SelectionRecord selection,
                                             Random& random);
Result<void> DeleteSelection(const VaultScope& scope, std::string_view plan_id,
                             std::string_view selection_id);
// Of ARNs with '*'. Pure.
bool MatchesAny(const std::vector<std::string>& patterns, std::string_view arn);
// Whether it names a resource with that ARN and those tags. Pure.
bool Selects(const SelectionRecord& selection, std::string_view arn, const Tags& tags);

}  // namespace tidemark::vault
