// Acts on users and their access keys: rules, quotas, texts of IAM. Each is durable on return and
// blocks (see Directory). Errors of all: kResourceNotFound, and what is said at each.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "iam/directory.h"

namespace tidemark::iam {

// Of one account.
struct Scope {
  Directory& directory;
  AccountId account;
  Random& random;
  Timestamp now;
};

inline constexpr size_t kKeysMax = 2;       // of a user
inline constexpr size_t kAttachedMax = 10;  // managed policies, of a user or a group
inline constexpr size_t kGroupsMax = 10;    // of a user

Error NoSuchUser(std::string_view name);
Result<UserPtr> FindUser(const Account& account, std::string_view name);

// kAlreadyExists, kLimitExceeded, kValidation (tags).
Result<UserPtr> CreateUser(const Scope& scope, UserRecord user);
// kResourceInUse: something hangs on it still.
Result<void> DeleteUser(const Scope& scope, std::string_view name);
// Applies `edit` to the newest record. An error of `edit` is returned.
Result<void> EditUser(const Scope& scope, std::string_view name,
                      const std::function<Result<void>(UserRecord&, const Account&)>& edit);
// kAlreadyExists.
Result<void> RenameUser(const Scope& scope, std::string_view name,
                        const std::optional<std::string>& new_name,
                        const std::optional<std::string>& new_path);
// kValidation, kLimitExceeded: of a user or role. `quota` names it.
Result<void> CheckTags(const Tags& tags, std::string_view quota);
Result<void> TagUser(const Scope& scope, std::string_view name, const Tags& tags);
Result<void> SetBoundary(const Scope& scope, std::string_view name, const std::string& policy_arn);

// kLimitExceeded. The only time the secret is told.
Result<AccessKey> CreateAccessKey(const Scope& scope, std::string_view user);
Result<void> SetAccessKeyActive(const Scope& scope, std::string_view user, std::string_view key,
                                bool active);
Result<void> DeleteAccessKey(const Scope& scope, std::string_view user, std::string_view key);

}  // namespace tidemark::iam
