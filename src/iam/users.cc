#include "iam/users.h"

#include <algorithm>

#include "iam/entity_id.h"

namespace tidemark::iam {
namespace {

constexpr size_t kUsersMax = 5000;  // of an account
constexpr size_t kTagsMax = 50;

Error UserNameTaken(std::string_view name) {
  return MakeError(ErrorKind::kAlreadyExists, "User with name {} already exists.", name);
}

Result<AccessKey*> FindKey(UserRecord& user, std::string_view id) {
  const auto at =
      std::ranges::find_if(user.keys, [&](const auto& key) { return key.id.value == id; });
  if (at != user.keys.end()) return &*at;
  return Fail(ErrorKind::kResourceNotFound, "The Access Key with id {} cannot be found.", id);
}

}  // namespace

Result<void> CheckTags(const Tags& tags, std::string_view quota) {
  for (const auto& [key, value] : tags) {
    if (policy::Lower(key).starts_with("aws:")) {
      return Fail(ErrorKind::kValidation,
                  "Invalid tag key: {}. Tag keys beginning with aws: are reserved for system use.",
                  key);
    }
  }
  if (tags.size() <= kTagsMax) return {};
  return Fail(ErrorKind::kLimitExceeded, "Cannot exceed quota for {}: {}", quota, kTagsMax);
}

Error NoSuchUser(std::string_view name) {
  return MakeError(ErrorKind::kResourceNotFound, "The user with name {} cannot be found.", name);
}

Result<UserPtr> FindUser(const Account& account, std::string_view name) {
  if (const UserPtr* user = account.FindUser(name)) return *user;
  return Fail(NoSuchUser(name));
}

Result<UserPtr> CreateUser(const Scope& scope, UserRecord user) {
  user.account = scope.account;
  user.id = MakeId("AIDA", 21, scope.random);
  user.created = scope.now;
  TM_TRYV(CheckTags(user.tags, "TagsPerUser"));
  TM_TRYV(scope.directory.Apply(scope.account, [&](const Account& account) -> Result<Change> {
    if (account.FindUser(user.name)) return Fail(UserNameTaken(user.name));
    if (!user.boundary.empty() && !account.FindPolicy(user.boundary)) {
      return Fail(ErrorKind::kResourceNotFound,
                  "Scope ARN: {} does not exist or is not attachable.", user.boundary);
    }
    if (account.users.size() >= kUsersMax) {
      return Fail(ErrorKind::kLimitExceeded, "Cannot exceed quota for UsersPerAccount: {}",
                  kUsersMax);
    }
    return Change(user);
  }));
  return FindUser(*scope.directory.Find(scope.account), user.name);
}

Result<void> DeleteUser(const Scope& scope, std::string_view name) {
  return scope.directory.Apply(scope.account, [&](const Account& account) -> Result<Change> {
    TM_TRY(const UserPtr user, FindUser(account, name));
    const auto conflict = [](std::string_view first) {
      return Fail(ErrorKind::kResourceInUse, "Cannot delete entity, must {} first.", first);
    };
    if (!user->attached.empty()) return conflict("detach all policies");
    if (!user->inline_policies.empty()) return conflict("delete policies");
    if (!user->keys.empty()) return conflict("delete access keys");
    if (!user->groups.empty()) return conflict("remove users from group");
    return Change(Erase{user->id});
  });
}

Result<void> EditUser(const Scope& scope, std::string_view name,
                      const std::function<Result<void>(UserRecord&, const Account&)>& edit) {
  return scope.directory.Apply(scope.account, [&](const Account& account) -> Result<Change> {
    TM_TRY(const UserPtr old, FindUser(account, name));
    UserRecord user = *old;
    TM_TRYV(edit(user, account));
    return Change(std::move(user));
  });
}

Result<void> RenameUser(const Scope& scope, std::string_view name,
                        const std::optional<std::string>& new_name,
                        const std::optional<std::string>& new_path) {
  return EditUser(scope, name, [&](UserRecord& user, const Account& account) -> Result<void> {
    if (new_name) {
      const UserPtr* other = account.FindUser(*new_name);
      if (other && (*other)->id != user.id) return Fail(UserNameTaken(*new_name));
      user.name = *new_name;
    }
    if (new_path) user.path = *new_path;
    return {};
  });
}

Result<void> TagUser(const Scope& scope, std::string_view name, const Tags& tags) {
  return EditUser(scope, name, [&](UserRecord& user, const Account&) -> Result<void> {
    for (const auto& [key, value] : tags) user.tags[key] = value;
    return CheckTags(user.tags, "TagsPerUser");
  });
}

Result<void> SetBoundary(const Scope& scope, std::string_view name, const std::string& policy_arn) {
  return EditUser(scope, name, [&](UserRecord& user, const Account& account) -> Result<void> {
    if (!policy_arn.empty() && !account.FindPolicy(policy_arn)) {
      return Fail(ErrorKind::kResourceNotFound, "Policy {} does not exist or is not attachable.",
                  policy_arn);
    }
    user.boundary = policy_arn;
    return {};
  });
}

Result<AccessKey> CreateAccessKey(const Scope& scope, std::string_view user) {
  TM_TRY(AccessKey key, scope.directory.MakeKey(scope.random, scope.now));
  TM_TRYV(EditUser(scope, user, [&](UserRecord& record, const Account&) -> Result<void> {
    if (record.keys.size() >= kKeysMax) {
      return Fail(ErrorKind::kLimitExceeded, "Cannot exceed quota for AccessKeysPerUser: {}",
                  kKeysMax);
    }
    record.keys.push_back(key);
    return {};
  }));
  return key;
}

Result<void> SetAccessKeyActive(const Scope& scope, std::string_view user, std::string_view key,
                                bool active) {
  return EditUser(scope, user, [&](UserRecord& record, const Account&) -> Result<void> {
    TM_TRY(AccessKey* const found, FindKey(record, key));
    found->active = active;
    return {};
  });
}

Result<void> DeleteAccessKey(const Scope& scope, std::string_view user, std::string_view key) {
  return EditUser(scope, user, [&](UserRecord& record, const Account&) -> Result<void> {
    TM_TRYV(FindKey(record, key));
    std::erase_if(record.keys, [&](const AccessKey& one) { return one.id.value == key; });
    return {};
  });
}

}  // namespace tidemark::iam
