// Names of frameworks and report plans.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemark::vault {

// `member`: which it is of the request. Fault::kInvalidParameter.
Result<void> CheckAuditName(std::string_view member, std::string_view name);
// Fault::kAlreadyExists. `what`: "Framework".
Error AuditNameTaken(std::string_view what, std::string_view name, const std::string& arn);

}  // namespace tidemark::vault
