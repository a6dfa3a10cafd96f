#include "iam/roles.h"

#include "api/iam/answers.h"
#include "api/iam/handlers.h"

namespace tidemark::api::iam_query {

Result<void> CreateRole(const QueryCall& call, XmlWriter* w) {
  const auto& p = call.parameters;
  iam::RoleRecord role;
  role.name = p.Text("RoleName");
  role.path = p.Optional("Path").value_or("/");
  role.description = p.Text("Description");
  role.session_max = std::chrono::seconds(p.Int("MaxSessionDuration", role.session_max.count()));
  role.boundary = p.Text("PermissionsBoundary");
  role.tags = TagsOf(p);
  TM_TRY(const auto made,
         iam::CreateRole(call.scope, std::move(role), p.Text("AssumeRolePolicyDocument")));
  WriteRole("Role", *made, {.with_all = true}, w);
  return {};
}

Result<void> GetRole(const QueryCall& call, XmlWriter* w) {
  TM_TRY(const auto role, iam::FindRole(*call.account, call.parameters.Text("RoleName")));
  const auto used = call.services.sessions.LastUseOf(role->id);
  WriteRole("Role", *role, {.with_all = true, .last_use = &used}, w);
  return {};
}

Result<void> ListRoles(const QueryCall& call, XmlWriter* w) {
  std::vector<iam::RolePtr> roles;
  for (const auto& [name, role] : call.account->roles) {
    if (role->path.starts_with(call.parameters.Text("PathPrefix"))) roles.push_back(role);
  }
  WritePage(
      "Roles", roles, call.parameters, w,
      [](const auto& role) { return policy::Lower(role->name); },
      [&](const auto& role) { WriteRole("member", *role, {}, w); });
  return {};
}

// Like the service: a longest session that is left out becomes an hour.
Result<void> UpdateRole(const QueryCall& call, XmlWriter*) {
  const auto& p = call.parameters;
  return iam::EditRole(call.scope, p.Text("RoleName"),
                       [&](iam::RoleRecord& role, const iam::Account&) -> Result<void> {
                         role.description = p.Optional("Description").value_or(role.description);
                         role.session_max = std::chrono::seconds(p.Int("MaxSessionDuration", 3600));
                         return {};
                       });
}

Result<void> DeleteRole(const QueryCall& call, XmlWriter*) {
  return iam::DeleteRole(call.scope, call.parameters.Text("RoleName"));
}

Result<void> UpdateAssumeRolePolicy(const QueryCall& call, XmlWriter*) {
  return iam::SetTrust(call.scope, call.parameters.Text("RoleName"),
                       call.parameters.Text("PolicyDocument"));
}

Result<void> TagRole(const QueryCall& call, XmlWriter*) {
  return iam::TagRole(call.scope, call.parameters.Text("RoleName"), TagsOf(call.parameters));
}

Result<void> UntagRole(const QueryCall& call, XmlWriter*) {
  return iam::EditRole(call.scope, call.parameters.Text("RoleName"),
                       [&](iam::RoleRecord& role, const iam::Account&) -> Result<void> {
                         for (const auto& key : call.parameters.List("TagKeys"))
                           role.tags.erase(key);
                         return {};
                       });
}

Result<void> ListRoleTags(const QueryCall& call, XmlWriter* w) {
  TM_TRY(const auto role, iam::FindRole(*call.account, call.parameters.Text("RoleName")));
  WriteTagPage(role->tags, call.parameters, w);
  return {};
}

Result<void> PutRolePermissionsBoundary(const QueryCall& call, XmlWriter*) {
  return iam::SetRoleBoundary(call.scope, call.parameters.Text("RoleName"),
                              call.parameters.Text("PermissionsBoundary"));
}

Result<void> DeleteRolePermissionsBoundary(const QueryCall& call, XmlWriter*) {
  return iam::SetRoleBoundary(call.scope, call.parameters.Text("RoleName"), "");
}

}  // namespace tidemark::api::iam_query
