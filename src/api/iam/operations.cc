#include "api/iam/operations.h"

#include <algorithm>

#include "api/iam/handlers.h"

namespace tidemark::api::iam_query {

namespace {

constexpr QueryOperation kOperations[] = {
    {"AddUserToGroup", AddUserToGroup},
    {"AttachGroupPolicy", AttachGroupPolicy},
    {"AttachRolePolicy", AttachRolePolicy},
    {"AttachUserPolicy", AttachUserPolicy},
    {"CreateAccessKey", CreateAccessKey},
    {"CreateGroup", CreateGroup},
    {"CreatePolicy", CreatePolicy},
    {"CreatePolicyVersion", CreatePolicyVersion},
    {"CreateRole", CreateRole},
    {"CreateUser", CreateUser},
    {"DeleteAccessKey", DeleteAccessKey},
    {"DeleteGroup", DeleteGroup},
    {"DeleteGroupPolicy", DeleteGroupPolicy},
    {"DeletePolicy", DeletePolicy},
    {"DeletePolicyVersion", DeletePolicyVersion},
    {"DeleteRole", DeleteRole},
    {"DeleteRolePermissionsBoundary", DeleteRolePermissionsBoundary},
    {"DeleteRolePolicy", DeleteRolePolicy},
    {"DeleteUser", DeleteUser},
    {"DeleteUserPermissionsBoundary", DeleteUserPermissionsBoundary},
    {"DeleteUserPolicy", DeleteUserPolicy},
    {"DetachGroupPolicy", DetachGroupPolicy},
    {"DetachRolePolicy", DetachRolePolicy},
    {"DetachUserPolicy", DetachUserPolicy},
    {"GetAccessKeyLastUsed", GetAccessKeyLastUsed},
    {"GetGroup", GetGroup},
    {"GetGroupPolicy", GetGroupPolicy},
    {"GetPolicy", GetPolicy},
    {"GetPolicyVersion", GetPolicyVersion},
    {"GetRole", GetRole},
    {"GetRolePolicy", GetRolePolicy},
    {"GetUser", GetUser},
    {"GetUserPolicy", GetUserPolicy},
    {"ListAccessKeys", ListAccessKeys},
    {"ListAttachedGroupPolicies", ListAttachedGroupPolicies},
    {"ListAttachedRolePolicies", ListAttachedRolePolicies},
    {"ListAttachedUserPolicies", ListAttachedUserPolicies},
    {"ListEntitiesForPolicy", ListEntitiesForPolicy},
    {"ListGroupPolicies", ListGroupPolicies},
    {"ListGroups", ListGroups},
    {"ListGroupsForUser", ListGroupsForUser},
    {"ListPolicies", ListPolicies},
    {"ListPolicyTags", ListPolicyTags},
    {"ListPolicyVersions", ListPolicyVersions},
    {"ListRolePolicies", ListRolePolicies},
    {"ListRoleTags", ListRoleTags},
    {"ListRoles", ListRoles},
    {"ListUserPolicies", ListUserPolicies},
    {"ListUserTags", ListUserTags},
    {"ListUsers", ListUsers},
    {"PutGroupPolicy", PutGroupPolicy},
    {"PutRolePermissionsBoundary", PutRolePermissionsBoundary},
    {"PutRolePolicy", PutRolePolicy},
    {"PutUserPermissionsBoundary", PutUserPermissionsBoundary},
    {"PutUserPolicy", PutUserPolicy},
    {"RemoveUserFromGroup", RemoveUserFromGroup},
    {"SetDefaultPolicyVersion", SetDefaultPolicyVersion},
    {"SimulateCustomPolicy", SimulateCustomPolicy},
    {"SimulatePrincipalPolicy", SimulatePrincipalPolicy},
    {"TagPolicy", TagPolicy},
    {"TagRole", TagRole},
    {"TagUser", TagUser},
    {"UntagPolicy", UntagPolicy},
    {"UntagRole", UntagRole},
    {"UntagUser", UntagUser},
    {"UpdateAccessKey", UpdateAccessKey},
    {"UpdateAssumeRolePolicy", UpdateAssumeRolePolicy},
    {"UpdateGroup", UpdateGroup},
    {"UpdateRole", UpdateRole, true},
    {"UpdateUser", UpdateUser},
};
static_assert(std::ranges::is_sorted(kOperations, {}, &QueryOperation::name));

std::string ArnOf(const QueryCall& call, std::string_view kind, std::string_view path,
                  std::string_view name) {
  return fmt::format("arn:aws:iam::{}:{}{}{}", call.scope.account.value, kind,
                     path.empty() ? "/" : path, name);
}

}  // namespace

std::span<const QueryOperation> Operations() { return kOperations; }

std::string ResourceOf(Resource resource, const QueryCall& call) {
  const auto& p = call.parameters;
  const auto arn = [&](std::string_view kind, std::string_view path, std::string_view name) {
    return ArnOf(call, kind, path, name);
  };
  switch (resource) {
    case Resource::kEverything:
      return "*";
    case Resource::kAllUsers:
      return arn("user", p.Text("PathPrefix"), "");
    case Resource::kAllGroups:
      return arn("group", p.Text("PathPrefix"), "");
    case Resource::kNewUser:
      return arn("user", p.Text("Path"), p.Text("UserName"));
    case Resource::kNewGroup:
      return arn("group", p.Text("Path"), p.Text("GroupName"));
    case Resource::kAllRoles:
      return arn("role", p.Text("PathPrefix"), "");
    case Resource::kNewRole:
      return arn("role", p.Text("Path"), p.Text("RoleName"));
    case Resource::kNewPolicy:
      return arn("policy", p.Text("Path"), p.Text("PolicyName"));
    case Resource::kPolicy:
      return p.Text("PolicyArn");
    case Resource::kSource:
      return p.Text("PolicySourceArn");
    case Resource::kUser: {
      // Without a name, who asks. The path of one that is there.
      const std::string& name = p.Text("UserName");
      if (name.empty()) return call.principal.arn;
      const auto* user = call.account->FindUser(name);
      return user ? (*user)->Arn() : arn("user", "", name);
    }
    case Resource::kRole: {
      const auto* role = call.account->FindRole(p.Text("RoleName"));
      return role ? (*role)->Arn() : arn("role", "", p.Text("RoleName"));
    }
    case Resource::kGroup: {
      const auto* group = call.account->FindGroup(p.Text("GroupName"));
      return group ? (*group)->Arn() : arn("group", "", p.Text("GroupName"));
    }
  }
  return "*";
}

std::optional<std::string> RenamedTo(Resource resource, const QueryCall& call) {
  const auto& p = call.parameters;
  const auto renamed = [&](std::string_view kind, std::string_view member, const auto* old) {
    const auto given = [&](const std::string& value, const std::string& otherwise) {
      return value.empty() ? otherwise : value;
    };
    return ArnOf(call, kind, given(p.Text("NewPath"), old ? (*old)->path : ""),
                 given(p.Text(fmt::format("New{}", member)), p.Text(member)));
  };
  if (!p.Find("NewPath") && !p.Find("NewUserName") && !p.Find("NewGroupName")) return std::nullopt;
  if (resource == Resource::kUser)
    return renamed("user", "UserName", call.account->FindUser(p.Text("UserName")));
  if (resource == Resource::kGroup)
    return renamed("group", "GroupName", call.account->FindGroup(p.Text("GroupName")));
  return std::nullopt;
}

}  // namespace tidemark::api::iam_query
