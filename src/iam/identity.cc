#include "iam/identity.h"

namespace tidemark::iam {

Identity::Identity(UserPtr user, std::vector<GroupPtr> groups, std::vector<PolicyPtr> managed,
                   PolicyPtr boundary)
    : user_(std::move(user)),
      groups_(std::move(groups)),
      managed_(std::move(managed)),
      boundary_policy_(std::move(boundary)),
      arn_(user_->Arn()) {
  const auto add = [](const std::string& name, const PolicyText& policy,
                      std::vector<policy::NamedDocument>* to) {
    to->push_back({policy.document.get(), name});
  };
  for (const auto& [name, policy] : user_->inline_policies) add(name, policy, &identity_);
  for (const GroupPtr& group : groups_) {
    for (const auto& [name, policy] : group->inline_policies) add(name, policy, &identity_);
  }
  for (const PolicyPtr& policy : managed_) add(policy->name, policy->Default().text, &identity_);
  // A boundary that is set counts even if its policy were missing: it then allows nothing.
  has_boundary_ = !user_->boundary.empty();
  if (boundary_policy_) {
    add(boundary_policy_->name, boundary_policy_->Default().text, &boundary_);
  }
}

}  // namespace tidemark::iam
