#include "vault/role.h"

#include <algorithm>

#include "iam/authorize.h"
#include "policy/document.h"
#include "vault/fault.h"

namespace tidemark::vault {

namespace {

iam::RolePtr FindRoleByArn(const iam::Directory& directory, const AccountId& account,
                           std::string_view arn) {
  const auto found = directory.Find(account);
  const auto* role = found->FindRole(arn.substr(arn.rfind('/') + 1));
  return role && (*role)->Arn() == arn ? *role : nullptr;
}

bool SpeaksOfService(const policy::Statement& statement, const policy::Context& context) {
  const auto& services = statement.principals.service;
  const bool named = std::ranges::find(services, kBackupService) != services.end() ||
                     (statement.principals.everyone && !statement.allow);
  const bool assumes = std::ranges::any_of(statement.actions, [](const policy::Pattern& action) {
    return action.Matches("sts:assumerole");
  });
  return named && !statement.not_principal && assumes != statement.not_action &&
         std::ranges::all_of(statement.conditions, [&](const policy::Condition& condition) {
           return condition.Holds(context);
         });
}

bool Trusts(const policy::Document& trust, const AccountId& account) {
  policy::ContextMap context;
  context.Set("aws:SourceAccount", {account.value});
  bool allowed = false;
  for (const auto& statement : trust.statements) {
    if (!SpeaksOfService(statement, context)) continue;
    if (!statement.allow) return false;
    allowed = true;
  }
  return allowed;
}

policy::ContextMap ContextOf(const iam::Identity& role) {
  policy::ContextMap context;
  context.Set("aws:PrincipalArn", {role.facts().entity_arn});
  context.Set("aws:PrincipalAccount", {role.facts().account.value});
  context.Set("aws:PrincipalType", {std::string(role.facts().type)});
  context.Set("aws:ResourceAccount", {role.facts().account.value});
  context.Set("aws:ViaAWSService", {"true"});
  context.Set("aws:CalledVia", {std::string(kBackupService)});
  return context;
}

struct VaultSide {
  const std::string& policy;  // empty: none
  const AccountId& account;
};

Result<void> AskVault(const iam::Identity& role, std::string_view action, std::string_view resource,
                      const policy::Context& context, const VaultSide& side) {
  policy::Document document;
  std::vector<policy::NamedDocument> policies;
  if (!side.policy.empty()) {
    TM_TRY(document, policy::ParseDocument(side.policy, policy::DocumentKind::kResource));
    policies.push_back({&document, "vault"});
  }
  return iam::Authorize(iam::AskerOf(role), action, resource, context,
                        {.policies = policies, .account = side.account.value});
}

}  // namespace

Result<std::shared_ptr<const iam::Identity>> AssumeServiceRole(const iam::Directory& directory,
                                                               const AccountId& account,
                                                               std::string_view arn) {
  const auto role = FindRoleByArn(directory, account, arn);
  const auto identity = role ? directory.FindIdentity(account, role->id) : nullptr;
  if (!identity || !role->trust.document || !Trusts(*role->trust.document, account)) {
    return FailWith(Fault::kInvalidParameter,
                    "IAM Role {} cannot be assumed by AWS Backup: there is no such role, or its "
                    "trust policy does not name {}",
                    arn, kBackupService);
  }
  auto session = std::make_shared<iam::Session>();
  session->account = account;
  session->entity_id = role->id;
  session->name = "AWSBackup-" + role->name;
  return iam::Identity::OfSession(identity, std::move(session), {});
}

Result<void> CheckRoleAllows(const iam::Identity& role, std::string_view action,
                             std::string_view resource) {
  return iam::Authorize(role, action, resource, ContextOf(role));
}

Result<void> CheckRoleCopies(const iam::Identity& role, const CopySource& source,
                             const VaultRecord& to) {
  auto context = ContextOf(role);
  context.Set("backup:CopyTargets", {to.Arn()});
  TM_TRYV(AskVault(role, "backup:CopyFromBackupVault", source.point_arn, context,
                   {source.vault_policy, source.account}));
  context.Set("aws:ResourceAccount", {to.account.value});
  return AskVault(role, "backup:CopyIntoBackupVault", to.Arn(), context, {to.policy, to.account});
}

Result<void> CheckRoleTests(const iam::Identity& role, const std::string& point_arn,
                            const std::string& vault_policy) {
  constexpr std::string_view kStartRestore = "backup:StartRestoreJob";
  policy::Document document;
  std::vector<policy::NamedDocument> policies;
  if (!vault_policy.empty()) {
    TM_TRY(document, policy::ParseDocument(vault_policy, policy::DocumentKind::kResource));
    policies.push_back({&document, "vault"});
  }
  const iam::ResourceSide side{.policies = policies, .account = role.facts().account.value};
  const auto asker = iam::AskerOf(role);
  const auto decision = iam::Decide(asker, kStartRestore, point_arn, ContextOf(role), side);
  if (decision.outcome != policy::Outcome::kExplicitDeny) return {};
  return Fail(iam::Denial(asker, kStartRestore, point_arn, decision, side));
}

Result<void> CheckRoleSends(const iam::Identity& role, const CopySource& source,
                            const std::string& vault_arn) {
  auto context = ContextOf(role);
  context.Set("backup:CopyTargets", {vault_arn});
  const AccountId& account = role.facts().account;
  TM_TRYV(AskVault(role, "backup:CopyFromBackupVault", source.point_arn, context,
                   {source.vault_policy, source.account}));
  return AskVault(role, "backup:CopyIntoBackupVault", vault_arn, context, {std::string(), account});
}

Result<void> CheckRoleRestores(const iam::Identity& role, const std::string& point_arn,
                               const std::string& source_arn, const std::string& target_arn) {
  return iam::AuthorizeRestore(role,
                               {.action = "dynamodb:RestoreTableFromBackup",
                                .source = point_arn,
                                .source_table = source_arn,
                                .target = target_arn},
                               ContextOf(role), false);
}

}  // namespace tidemark::vault
