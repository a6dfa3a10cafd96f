// Plans that come with the service, to begin with.
#pragma once
#include <string_view>
#include <vector>

#include "vault/plan_records.h"

namespace tidemark::vault {

// The vault that their rules name, and that AWS's console makes at its first use.
inline constexpr std::string_view kDefaultVault = "Default";

struct PlanTemplate {
  std::string id;  // UUID; the same in all accounts
  PlanDocument document;
};

const std::vector<PlanTemplate>& PlanTemplates();
// Null: there is none.
const PlanTemplate* FindPlanTemplate(std::string_view id);

}  // namespace tidemark::vault
