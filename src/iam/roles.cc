#include "iam/roles.h"

#include "iam/entity_id.h"

namespace tidemark::iam {
namespace {

constexpr size_t kRolesMax = 1000;      // of an account
constexpr size_t kTrustSizeMax = 2048;  // characters without white space

Result<PolicyText> ParseTrust(std::string text) {
  TM_TRY(auto trust, PolicyText::Parse(std::move(text), policy::DocumentKind::kTrust));
  for (const policy::Statement& statement : trust.document->statements) {
    if (statement.not_principal)
      return Fail(ErrorKind::kSerialization, "Has prohibited field NotPrincipal");
  }
  if (PolicySize(trust.text) <= kTrustSizeMax) return trust;
  return Fail(ErrorKind::kLimitExceeded, "Cannot exceed quota for ACLSizePerRole: {}",
              kTrustSizeMax);
}

}  // namespace

Result<RolePtr> FindRole(const Account& account, std::string_view name) {
  if (const RolePtr* role = account.FindRole(name)) return *role;
  return Fail(ErrorKind::kResourceNotFound, "The role with name {} cannot be found.", name);
}

Result<RolePtr> CreateRole(const Scope& scope, RoleRecord role, std::string trust) {
  role.account = scope.account;
  role.id = MakeId("AROA", 21, scope.random);
  role.created = scope.now;
  TM_TRY(role.trust, ParseTrust(std::move(trust)));
  TM_TRYV(CheckTags(role.tags, "TagsPerRole"));
  TM_TRYV(scope.directory.Apply(scope.account, [&](const Account& account) -> Result<Change> {
    if (account.FindRole(role.name)) {
      return Fail(ErrorKind::kAlreadyExists, "Role with name {} already exists.", role.name);
    }
    if (!role.boundary.empty() && !account.FindPolicy(role.boundary)) {
      return Fail(ErrorKind::kResourceNotFound,
                  "Scope ARN: {} does not exist or is not attachable.", role.boundary);
    }
    if (account.roles.size() >= kRolesMax) {
      return Fail(ErrorKind::kLimitExceeded, "Cannot exceed quota for RolesPerAccount: {}",
                  kRolesMax);
    }
    return Change(role);
  }));
  return FindRole(*scope.directory.Find(scope.account), role.name);
}

Result<void> DeleteRole(const Scope& scope, std::string_view name) {
  return scope.directory.Apply(scope.account, [&](const Account& account) -> Result<Change> {
    TM_TRY(const RolePtr role, FindRole(account, name));
    const auto conflict = [](std::string_view first) {
      return Fail(ErrorKind::kResourceInUse, "Cannot delete entity, must {} first.", first);
    };
    if (!role->attached.empty()) return conflict("detach all policies");
    if (!role->inline_policies.empty()) return conflict("delete policies");
    return Change(Erase{role->id});
  });
}

Result<void> EditRole(const Scope& scope, std::string_view name,
                      const std::function<Result<void>(RoleRecord&, const Account&)>& edit) {
  return scope.directory.Apply(scope.account, [&](const Account& account) -> Result<Change> {
    TM_TRY(const RolePtr old, FindRole(account, name));
    RoleRecord role = *old;
    TM_TRYV(edit(role, account));
    return Change(std::move(role));
  });
}

Result<void> SetTrust(const Scope& scope, std::string_view name, std::string trust) {
  TM_TRYV(FindRole(*scope.directory.Find(scope.account), name));
  TM_TRY(const auto text, ParseTrust(std::move(trust)));
  return EditRole(scope, name, [&](RoleRecord& role, const Account&) -> Result<void> {
    role.trust = text;
    return {};
  });
}

Result<void> TagRole(const Scope& scope, std::string_view name, const Tags& tags) {
  return EditRole(scope, name, [&](RoleRecord& role, const Account&) -> Result<void> {
    for (const auto& [key, value] : tags) role.tags[key] = value;
    return CheckTags(role.tags, "TagsPerRole");
  });
}

Result<void> SetRoleBoundary(const Scope& scope, std::string_view name,
                             const std::string& policy_arn) {
  return EditRole(scope, name, [&](RoleRecord& role, const Account& account) -> Result<void> {
    if (!policy_arn.empty() && !account.FindPolicy(policy_arn)) {
      return Fail(ErrorKind::kResourceNotFound, "Policy {} does not exist or is not attachable.",
                  policy_arn);
    }
    role.boundary = policy_arn;
    return {};
  });
}

}  // namespace tidemark::iam
