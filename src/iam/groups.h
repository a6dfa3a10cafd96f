// Acts on groups, as users.h.
#pragma once
#include "iam/users.h"

namespace tidemark::iam {

Result<GroupPtr> FindGroup(const Account& account, std::string_view name);

Result<GroupPtr> CreateGroup(const Scope& scope, GroupRecord group);  // kAlreadyExists
Result<void> DeleteGroup(const Scope& scope, std::string_view name);  // kResourceInUse
Result<void> EditGroup(const Scope& scope, std::string_view name,
                       const std::function<Result<void>(GroupRecord&, const Account&)>& edit);
Result<void> RenameGroup(const Scope& scope, std::string_view name,
                         const std::optional<std::string>& new_name,
                         const std::optional<std::string>& new_path);
// Whether the user is in the group afterwards. kLimitExceeded.
Result<void> SetMembership(const Scope& scope, std::string_view group, std::string_view user,
                           bool member);
std::vector<UserPtr> Members(const Account& account, const GroupRecord& group);

}  // namespace tidemark::iam
