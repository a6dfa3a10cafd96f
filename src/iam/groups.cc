#include "iam/groups.h"

#include <algorithm>

#include "iam/entity_id.h"

namespace tidemark::iam {
namespace {

constexpr size_t kGroupsOfAccountMax = 300;

Error GroupNameTaken(std::string_view name) {
  return MakeError(ErrorKind::kAlreadyExists, "Group with name {} already exists.", name);
}

bool IsMember(const UserRecord& user, const GroupRecord& group) {
  return std::ranges::find(user.groups, group.id) != user.groups.end();
}

}  // namespace

Result<GroupPtr> FindGroup(const Account& account, std::string_view name) {
  if (const GroupPtr* group = account.FindGroup(name)) return *group;
  return Fail(ErrorKind::kResourceNotFound, "The group with name {} cannot be found.", name);
}

Result<GroupPtr> CreateGroup(const Scope& scope, GroupRecord group) {
  group.account = scope.account;
  group.id = MakeId("AGPA", 21, scope.random);
  group.created = scope.now;
  TM_TRYV(scope.directory.Apply(scope.account, [&](const Account& account) -> Result<Change> {
    if (account.FindGroup(group.name)) return Fail(GroupNameTaken(group.name));
    if (account.groups.size() >= kGroupsOfAccountMax) {
      return Fail(ErrorKind::kLimitExceeded, "Cannot exceed quota for GroupsPerAccount: {}",
                  kGroupsOfAccountMax);
    }
    return Change(group);
  }));
  return FindGroup(*scope.directory.Find(scope.account), group.name);
}

Result<void> DeleteGroup(const Scope& scope, std::string_view name) {
  return scope.directory.Apply(scope.account, [&](const Account& account) -> Result<Change> {
    TM_TRY(const GroupPtr group, FindGroup(account, name));
    const auto conflict = [](std::string_view first) {
      return Fail(ErrorKind::kResourceInUse, "Cannot delete entity, must {} first.", first);
    };
    if (!group->attached.empty()) return conflict("detach all policies");
    if (!group->inline_policies.empty()) return conflict("delete policies");
    if (!Members(account, *group).empty()) return conflict("remove users from group");
    return Change(Erase{group->id});
  });
}

Result<void> EditGroup(const Scope& scope, std::string_view name,
                       const std::function<Result<void>(GroupRecord&, const Account&)>& edit) {
  return scope.directory.Apply(scope.account, [&](const Account& account) -> Result<Change> {
    TM_TRY(const GroupPtr old, FindGroup(account, name));
    GroupRecord group = *old;
    TM_TRYV(edit(group, account));
    return Change(std::move(group));
  });
}

Result<void> RenameGroup(const Scope& scope, std::string_view name,
                         const std::optional<std::string>& new_name,
                         const std::optional<std::string>& new_path) {
  return EditGroup(scope, name, [&](GroupRecord& group, const Account& account) -> Result<void> {
    if (new_name) {
      const GroupPtr* other = account.FindGroup(*new_name);
      if (other && (*other)->id != group.id) return Fail(GroupNameTaken(*new_name));
      group.name = *new_name;
    }
    if (new_path) group.path = *new_path;
    return {};
  });
}

Result<void> SetMembership(const Scope& scope, std::string_view group, std::string_view user,
                           bool member) {
  // The group first: its absence is told first.
  TM_TRYV(FindGroup(*scope.directory.Find(scope.account), group));
  return EditUser(scope, user, [&](UserRecord& record, const Account& account) -> Result<void> {
    TM_TRY(const GroupPtr found, FindGroup(account, group));
    if (IsMember(record, *found) == member) return {};
    if (!member) {
      std::erase(record.groups, found->id);
      return {};
    }
    if (record.groups.size() >= kGroupsMax) {
      return Fail(ErrorKind::kLimitExceeded, "Cannot exceed quota for GroupsPerUser: {}",
                  kGroupsMax);
    }
    record.groups.push_back(found->id);
    return {};
  });
}

std::vector<UserPtr> Members(const Account& account, const GroupRecord& group) {
  std::vector<UserPtr> members;
  for (const auto& [name, user] : account.users) {
    if (IsMember(*user, group)) members.push_back(user);
  }
  return members;
}

}  // namespace tidemark::iam
