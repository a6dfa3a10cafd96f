// Policies of users, groups and roles, inline and attached: the same operations for all.
#include "api/iam/answers.h"
#include "api/iam/handlers.h"
#include "iam/roles.h"

namespace tidemark::api::iam_query {

namespace {

// What differs between the kinds of entity.
struct OfUser {
  using Record = iam::UserRecord;
  static constexpr std::string_view kMember = "UserName";
  static constexpr std::string_view kKind = "user";
  static constexpr std::string_view kQuota = "PoliciesPerUser";
  static constexpr size_t kInlineMax = iam::kUserInlineMax;
  static constexpr auto kFind = iam::FindUser;
  static constexpr auto kEdit = iam::EditUser;
};
struct OfGroup {
  using Record = iam::GroupRecord;
  static constexpr std::string_view kMember = "GroupName";
  static constexpr std::string_view kKind = "group";
  static constexpr std::string_view kQuota = "PoliciesPerGroup";
  static constexpr size_t kInlineMax = iam::kGroupInlineMax;
  static constexpr auto kFind = iam::FindGroup;
  static constexpr auto kEdit = iam::EditGroup;
};
struct OfRole {
  using Record = iam::RoleRecord;
  static constexpr std::string_view kMember = "RoleName";
  static constexpr std::string_view kKind = "role";
  static constexpr std::string_view kQuota = "PoliciesPerRole";
  static constexpr size_t kInlineMax = iam::kRoleInlineMax;
  static constexpr auto kFind = iam::FindRole;
  static constexpr auto kEdit = iam::EditRole;
};

template <class Kind>
Result<void> Put(const QueryCall& call) {
  const std::string& name = call.parameters.Text(Kind::kMember);
  return Kind::kEdit(call.scope, name, [&](typename Kind::Record& record, const iam::Account&) {
    return iam::PutInline(call.parameters.Text("PolicyName"),
                          call.parameters.Text("PolicyDocument"), Kind::kInlineMax,
                          fmt::format("{} {}", Kind::kKind, record.name), &record.inline_policies);
  });
}

template <class Kind>
Result<void> Get(const QueryCall& call, XmlWriter* w) {
  TM_TRY(const auto record, Kind::kFind(*call.account, call.parameters.Text(Kind::kMember)));
  const std::string& name = call.parameters.Text("PolicyName");
  TM_TRY(const auto* policy, iam::FindInline(Kind::kKind, name, record->inline_policies));
  w->Text(Kind::kMember, record->name).Text("PolicyName", name);
  WriteDocument("PolicyDocument", policy->text, w);
  return {};
}

template <class Kind>
Result<void> List(const QueryCall& call, XmlWriter* w) {
  TM_TRY(const auto record, Kind::kFind(*call.account, call.parameters.Text(Kind::kMember)));
  std::vector<std::string> names;
  for (const auto& [name, policy] : record->inline_policies) names.push_back(name);
  WritePage(
      "PolicyNames", names, call.parameters, w, [](const auto& name) { return name; },
      [&](const auto& name) { w->Text("member", name); });
  return {};
}

template <class Kind>
Result<void> Delete(const QueryCall& call) {
  const std::string& name = call.parameters.Text(Kind::kMember);
  return Kind::kEdit(call.scope, name, [&](typename Kind::Record& record, const iam::Account&) {
    return iam::DeleteInline(Kind::kKind, call.parameters.Text("PolicyName"),
                             &record.inline_policies);
  });
}

template <class Kind>
Result<void> Attach(const QueryCall& call) {
  const std::string& name = call.parameters.Text(Kind::kMember);
  return Kind::kEdit(call.scope, name,
                     [&](typename Kind::Record& record, const iam::Account& account) {
                       return iam::Attach(account, call.parameters.Text("PolicyArn"), Kind::kQuota,
                                          &record.attached);
                     });
}

template <class Kind>
Result<void> Detach(const QueryCall& call) {
  const std::string& name = call.parameters.Text(Kind::kMember);
  return Kind::kEdit(call.scope, name, [&](typename Kind::Record& record, const iam::Account&) {
    return iam::Detach(call.parameters.Text("PolicyArn"), &record.attached);
  });
}

template <class Kind>
Result<void> ListAttached(const QueryCall& call, XmlWriter* w) {
  TM_TRY(const auto record, Kind::kFind(*call.account, call.parameters.Text(Kind::kMember)));
  std::vector<iam::PolicyPtr> policies;
  for (const std::string& arn : record->attached) {
    auto policy = call.account->FindPolicy(arn);
    if (policy && policy->path.starts_with(call.parameters.Text("PathPrefix")))
      policies.push_back(std::move(policy));
  }
  std::ranges::sort(policies, {}, [](const auto& policy) { return policy->Arn(); });
  WritePage(
      "AttachedPolicies", policies, call.parameters, w,
      [](const auto& policy) { return policy->Arn(); },
      [&](const auto& policy) {
        w->Open("member").Text("PolicyName", policy->name).Text("PolicyArn", policy->Arn());
        w->Close("member");
      });
  return {};
}

}  // namespace

Result<void> PutUserPolicy(const QueryCall& call, XmlWriter*) { return Put<OfUser>(call); }
Result<void> PutGroupPolicy(const QueryCall& call, XmlWriter*) { return Put<OfGroup>(call); }
Result<void> GetUserPolicy(const QueryCall& call, XmlWriter* w) { return Get<OfUser>(call, w); }
Result<void> GetGroupPolicy(const QueryCall& call, XmlWriter* w) { return Get<OfGroup>(call, w); }
Result<void> ListUserPolicies(const QueryCall& call, XmlWriter* w) { return List<OfUser>(call, w); }
Result<void> ListGroupPolicies(const QueryCall& call, XmlWriter* w) {
  return List<OfGroup>(call, w);
}
Result<void> DeleteUserPolicy(const QueryCall& call, XmlWriter*) { return Delete<OfUser>(call); }
Result<void> DeleteGroupPolicy(const QueryCall& call, XmlWriter*) { return Delete<OfGroup>(call); }
Result<void> AttachUserPolicy(const QueryCall& call, XmlWriter*) { return Attach<OfUser>(call); }
Result<void> AttachGroupPolicy(const QueryCall& call, XmlWriter*) { return Attach<OfGroup>(call); }
Result<void> DetachUserPolicy(const QueryCall& call, XmlWriter*) { return Detach<OfUser>(call); }
Result<void> DetachGroupPolicy(const QueryCall& call, XmlWriter*) { return Detach<OfGroup>(call); }
Result<void> ListAttachedUserPolicies(const QueryCall& call, XmlWriter* w) {
  return ListAttached<OfUser>(call, w);
}
Result<void> PutRolePolicy(const QueryCall& call, XmlWriter*) { return Put<OfRole>(call); }
Result<void> GetRolePolicy(const QueryCall& call, XmlWriter* w) { return Get<OfRole>(call, w); }
Result<void> ListRolePolicies(const QueryCall& call, XmlWriter* w) { return List<OfRole>(call, w); }
Result<void> DeleteRolePolicy(const QueryCall& call, XmlWriter*) { return Delete<OfRole>(call); }
Result<void> AttachRolePolicy(const QueryCall& call, XmlWriter*) { return Attach<OfRole>(call); }
Result<void> DetachRolePolicy(const QueryCall& call, XmlWriter*) { return Detach<OfRole>(call); }
Result<void> ListAttachedRolePolicies(const QueryCall& call, XmlWriter* w) {
  return ListAttached<OfRole>(call, w);
}
Result<void> ListAttachedGroupPolicies(const QueryCall& call, XmlWriter* w) {
  return ListAttached<OfGroup>(call, w);
}

}  // namespace tidemark::api::iam_query
