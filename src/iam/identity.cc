#include "iam/identity.h"

#include "base/assert.h"
#include "iam/managed_policies.h"

namespace tidemark::iam {

namespace {

policy::NamedDocument Named(const PolicyPtr& policy) {
  return {policy->Default().text.document.get(), policy->name};
}

}  // namespace

void Identity::AddInline(const InlinePolicies& policies) {
  for (const auto& [name, policy] : policies) identity_.push_back({policy.document.get(), name});
}

void Identity::AddManaged(std::vector<PolicyPtr> policies) {
  for (PolicyPtr& policy : policies) {
    identity_.push_back(Named(policy));
    held_.push_back(std::move(policy));
  }
}

void Identity::SetBoundary(const std::string& arn, PolicyPtr policy) {
  // A boundary that is set counts even if its policy were missing: it then allows nothing.
  has_boundary_ = !arn.empty();
  if (!policy) return;
  boundary_.push_back(Named(policy));
  held_.push_back(std::move(policy));
}

std::shared_ptr<const Identity> Identity::OfUser(UserPtr user, std::vector<GroupPtr> groups,
                                                 std::vector<PolicyPtr> managed,
                                                 PolicyPtr boundary) {
  std::shared_ptr<Identity> identity(new Identity);
  identity->facts_ = {.account = user->account,
                      .arn = user->Arn(),
                      .entity_arn = user->Arn(),
                      .user_id = user->id,
                      .user_name = user->name,
                      .type = "User",
                      .tags = user->tags};
  identity->AddInline(user->inline_policies);
  for (GroupPtr& group : groups) {
    identity->AddInline(group->inline_policies);
    identity->held_.push_back(std::move(group));
  }
  identity->AddManaged(std::move(managed));
  identity->SetBoundary(user->boundary, std::move(boundary));
  identity->held_.push_back(std::move(user));
  return identity;
}

std::shared_ptr<const Identity> Identity::OfRole(RolePtr role, std::vector<PolicyPtr> managed,
                                                 PolicyPtr boundary) {
  std::shared_ptr<Identity> identity(new Identity);
  identity->facts_ = {.account = role->account,
                      .arn = role->Arn(),
                      .entity_arn = role->Arn(),
                      .user_id = role->id,
                      .user_name = "",
                      .type = "AssumedRole",
                      .tags = role->tags};
  identity->AddInline(role->inline_policies);
  identity->AddManaged(std::move(managed));
  identity->SetBoundary(role->boundary, std::move(boundary));
  identity->held_.push_back(std::move(role));
  return identity;
}

std::shared_ptr<const Identity> Identity::OfSession(std::shared_ptr<const Identity> of,
                                                    SessionPtr session,
                                                    std::vector<PolicyPtr> managed) {
  std::shared_ptr<Identity> identity(new Identity);
  Facts& facts = identity->facts_;
  if (of) {
    facts = of->facts_;
    identity->identity_ = of->identity_;
    identity->boundary_ = of->boundary_;
    identity->has_boundary_ = of->has_boundary_;
  } else {
    static const PolicyPtr kEverything =
        FindAwsPolicy("arn:aws:iam::aws:policy/AdministratorAccess");
    TM_ASSERT(kEverything);
    facts.account = session->account;
    facts.entity_arn = fmt::format("arn:aws:iam::{}:root", session->account.value);
    identity->identity_.push_back(Named(kEverything));
  }
  const std::string& account = session->account.value;
  if (session->kind == Session::Kind::kRole) {
    const std::string role = facts.entity_arn.substr(facts.entity_arn.rfind('/') + 1);
    facts.arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", account, role, session->name);
    facts.user_id += ":" + session->name;
  } else if (session->kind == Session::Kind::kFederatedUser) {
    facts.arn = fmt::format("arn:aws:sts::{}:federated-user/{}", account, session->name);
    facts.entity_arn = facts.arn;
    facts.user_id = account + ":" + session->name;
    facts.user_name.clear();
    facts.type = "FederatedUser";
    facts.tags.clear();
  }
  for (const auto& [key, value] : session->tags) facts.tags[key] = value;
  identity->has_session_ = session->has_policies();
  if (session->policy.document)
    identity->session_.push_back({session->policy.document.get(), "session"});
  for (PolicyPtr& policy : managed) {
    identity->session_.push_back(Named(policy));
    identity->held_.push_back(std::move(policy));
  }
  identity->held_.push_back(std::move(of));
  identity->held_.push_back(std::move(session));
  return identity;
}

}  // namespace tidemark::iam
