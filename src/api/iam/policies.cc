// Managed policies and their versions.
#include "api/iam/answers.h"
#include "api/iam/handlers.h"
#include "iam/managed_policies.h"

namespace tidemark::api::iam_query {

namespace {

std::string SortArn(const iam::PolicyPtr& policy) { return policy->Arn(); }

template <class Entity>
void WriteEntities(std::string_view list, std::string_view kind,
                   const std::vector<std::shared_ptr<const Entity>>& entities,
                   const std::string& prefix, XmlWriter* w) {
  w->Open(list);
  for (const auto& entity : entities) {
    if (!entity->path.starts_with(prefix)) continue;
    w->Open("member").Text(fmt::format("{}Name", kind), entity->name);
    w->Text(fmt::format("{}Id", kind), entity->id).Close("member");
  }
  w->Close(list);
}

}  // namespace

Result<void> CreatePolicy(const QueryCall& call, XmlWriter* w) {
  iam::PolicyRecord policy;
  policy.name = call.parameters.Text("PolicyName");
  policy.path = call.parameters.Optional("Path").value_or("/");
  policy.description = call.parameters.Text("Description");
  policy.tags = TagsOf(call.parameters);
  TM_TRY(const auto created,
         iam::CreatePolicy(call.scope, std::move(policy), call.parameters.Text("PolicyDocument")));
  WritePolicy("Policy", *call.account, *created, w);
  return {};
}

Result<void> GetPolicy(const QueryCall& call, XmlWriter* w) {
  TM_TRY(const auto policy, iam::FindPolicy(*call.account, call.parameters.Text("PolicyArn")));
  WritePolicy("Policy", *call.account, *policy, w);
  return {};
}

Result<void> ListPolicies(const QueryCall& call, XmlWriter* w) {
  const auto& p = call.parameters;
  const std::string& scope = p.Text("Scope");
  std::vector<iam::PolicyPtr> policies;
  const auto add = [&](const iam::PolicyPtr& policy) {
    if (!policy->path.starts_with(p.Text("PathPrefix"))) return;
    const auto attached = iam::AttachmentsOf(*call.account, policy->Arn());
    const bool permits = attached.permits() > 0;
    const bool bounds = attached.bounds() > 0;
    const std::string& usage = p.Text("PolicyUsageFilter");
    const bool used =
        usage.empty() ? permits || bounds : (usage == "PermissionsBoundary" ? bounds : permits);
    if (!p.Bool("OnlyAttached") || used) policies.push_back(policy);
  };
  if (scope != "AWS") {
    for (const auto& [arn, policy] : call.account->policies) add(policy);
  }
  if (scope != "Local") {
    for (const auto& policy : iam::AwsPolicies()) add(policy);
  }
  std::ranges::sort(policies, {}, SortArn);
  WritePage("Policies", policies, p, w, SortArn,
            [&](const auto& policy) { WritePolicy("member", *call.account, *policy, w); });
  return {};
}

Result<void> DeletePolicy(const QueryCall& call, XmlWriter*) {
  return iam::DeletePolicy(call.scope, call.parameters.Text("PolicyArn"));
}

Result<void> CreatePolicyVersion(const QueryCall& call, XmlWriter* w) {
  const std::string& arn = call.parameters.Text("PolicyArn");
  TM_TRY(const int64_t number,
         iam::CreatePolicyVersion(call.scope, arn, call.parameters.Text("PolicyDocument"),
                                  call.parameters.Bool("SetAsDefault")));
  TM_TRY(const auto policy,
         iam::FindPolicy(*call.services.directory.Find(call.scope.account), arn));
  const auto* version = policy->Find(number);
  if (version) WriteVersion("PolicyVersion", *policy, *version, false, w);
  return {};
}

Result<void> GetPolicyVersion(const QueryCall& call, XmlWriter* w) {
  TM_TRY(const auto policy, iam::FindPolicy(*call.account, call.parameters.Text("PolicyArn")));
  TM_TRY(const auto* version, iam::FindVersion(*policy, call.parameters.Text("VersionId")));
  WriteVersion("PolicyVersion", *policy, *version, true, w);
  return {};
}

Result<void> ListPolicyVersions(const QueryCall& call, XmlWriter* w) {
  TM_TRY(const auto policy, iam::FindPolicy(*call.account, call.parameters.Text("PolicyArn")));
  WritePage(
      "Versions", policy->versions, call.parameters, w,
      [](const auto& version) { return fmt::format("v{:019}", version.number); },
      [&](const auto& version) { WriteVersion("member", *policy, version, false, w); });
  return {};
}

Result<void> SetDefaultPolicyVersion(const QueryCall& call, XmlWriter*) {
  return iam::SetDefaultVersion(call.scope, call.parameters.Text("PolicyArn"),
                                call.parameters.Text("VersionId"));
}

Result<void> DeletePolicyVersion(const QueryCall& call, XmlWriter*) {
  return iam::DeletePolicyVersion(call.scope, call.parameters.Text("PolicyArn"),
                                  call.parameters.Text("VersionId"));
}

Result<void> TagPolicy(const QueryCall& call, XmlWriter*) {
  return iam::EditPolicy(call.scope, call.parameters.Text("PolicyArn"),
                         [&](iam::PolicyRecord& policy, const iam::Account&) -> Result<void> {
                           for (const auto& [key, value] : TagsOf(call.parameters))
                             policy.tags[key] = value;
                           return iam::CheckTags(policy.tags, "TagsPerPolicy");
                         });
}

Result<void> UntagPolicy(const QueryCall& call, XmlWriter*) {
  return iam::EditPolicy(call.scope, call.parameters.Text("PolicyArn"),
                         [&](iam::PolicyRecord& policy, const iam::Account&) -> Result<void> {
                           for (const auto& key : call.parameters.List("TagKeys"))
                             policy.tags.erase(key);
                           return {};
                         });
}

Result<void> ListPolicyTags(const QueryCall& call, XmlWriter* w) {
  TM_TRY(const auto policy, iam::FindPolicy(*call.account, call.parameters.Text("PolicyArn")));
  WriteTagPage(policy->tags, call.parameters, w);
  return {};
}

// All on one page: an account has few entities.
Result<void> ListEntitiesForPolicy(const QueryCall& call, XmlWriter* w) {
  const auto& p = call.parameters;
  TM_TRY(const auto policy, iam::FindPolicy(*call.account, p.Text("PolicyArn")));
  auto attached = iam::AttachmentsOf(*call.account, policy->Arn());
  const std::string& filter = p.Text("EntityFilter");
  if (p.Text("PolicyUsageFilter") == "PermissionsBoundary") {
    attached.users = attached.bounded;
    attached.roles = attached.bounded_roles;
    attached.groups.clear();
  }
  if (!filter.empty() && filter != "User") attached.users.clear();
  if (!filter.empty() && filter != "Group") attached.groups.clear();
  if (!filter.empty() && filter != "Role") attached.roles.clear();
  WriteEntities("PolicyGroups", "Group", attached.groups, p.Text("PathPrefix"), w);
  WriteEntities("PolicyUsers", "User", attached.users, p.Text("PathPrefix"), w);
  WriteEntities("PolicyRoles", "Role", attached.roles, p.Text("PathPrefix"), w);
  w->Bool("IsTruncated", false);
  return {};
}

}  // namespace tidemark::api::iam_query
