#include "api/iam/answers.h"
#include "api/iam/handlers.h"

namespace tidemark::api::iam_query {

Result<void> CreateGroup(const QueryCall& call, XmlWriter* w) {
  iam::GroupRecord group;
  group.name = call.parameters.Text("GroupName");
  group.path = call.parameters.Optional("Path").value_or("/");
  TM_TRY(const auto created, iam::CreateGroup(call.scope, std::move(group)));
  WriteGroup("Group", *created, w);
  return {};
}

Result<void> GetGroup(const QueryCall& call, XmlWriter* w) {
  TM_TRY(const auto group, iam::FindGroup(*call.account, call.parameters.Text("GroupName")));
  WriteGroup("Group", *group, w);
  WritePage(
      "Users", iam::Members(*call.account, *group), call.parameters, w,
      [](const auto& user) { return policy::Lower(user->name); },
      [&](const auto& user) { WriteUser("member", *user, false, w); });
  return {};
}

Result<void> ListGroups(const QueryCall& call, XmlWriter* w) {
  std::vector<iam::GroupPtr> groups;
  for (const auto& [name, group] : call.account->groups) {
    if (group->path.starts_with(call.parameters.Text("PathPrefix"))) groups.push_back(group);
  }
  WritePage(
      "Groups", groups, call.parameters, w,
      [](const auto& group) { return policy::Lower(group->name); },
      [&](const auto& group) { WriteGroup("member", *group, w); });
  return {};
}

Result<void> UpdateGroup(const QueryCall& call, XmlWriter*) {
  return iam::RenameGroup(call.scope, call.parameters.Text("GroupName"),
                          call.parameters.Optional("NewGroupName"),
                          call.parameters.Optional("NewPath"));
}

Result<void> DeleteGroup(const QueryCall& call, XmlWriter*) {
  return iam::DeleteGroup(call.scope, call.parameters.Text("GroupName"));
}

Result<void> AddUserToGroup(const QueryCall& call, XmlWriter*) {
  return iam::SetMembership(call.scope, call.parameters.Text("GroupName"),
                            call.parameters.Text("UserName"), true);
}

Result<void> RemoveUserFromGroup(const QueryCall& call, XmlWriter*) {
  return iam::SetMembership(call.scope, call.parameters.Text("GroupName"),
                            call.parameters.Text("UserName"), false);
}

}  // namespace tidemark::api::iam_query
