// Acts on roles, as users.h.
#pragma once
#include "iam/policies.h"

namespace tidemark::iam {

Result<RolePtr> FindRole(const Account& account, std::string_view name);

// `trust`: the text of its trust policy. kAlreadyExists, kLimitExceeded, kSerialization (the
// policy), kValidation (tags).
Result<RolePtr> CreateRole(const Scope& scope, RoleRecord role, std::string trust);
Result<void> DeleteRole(const Scope& scope, std::string_view name);  // kResourceInUse
Result<void> EditRole(const Scope& scope, std::string_view name,
                      const std::function<Result<void>(RoleRecord&, const Account&)>& edit);
Result<void> SetTrust(const Scope& scope, std::string_view name, std::string trust);
Result<void> TagRole(const Scope& scope, std::string_view name, const Tags& tags);
Result<void> SetRoleBoundary(const Scope& scope, std::string_view name,
                             const std::string& policy_arn);

}  // namespace tidemark::iam
