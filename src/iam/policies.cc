#include "iam/policies.h"

#include <algorithm>

#include "iam/entity_id.h"

namespace tidemark::iam {
namespace {

constexpr size_t kManagedSizeMax = 6144;  // characters without white space
constexpr size_t kVersionsMax = 5;
constexpr size_t kPoliciesMax = 1500;  // of an account

Result<void> CheckManagedSize(std::string_view document) {
  if (PolicySize(document) <= kManagedSizeMax) return {};
  return Fail(ErrorKind::kLimitExceeded, "Cannot exceed quota for PolicySize: {}", kManagedSizeMax);
}

Error NoSuchPolicy(std::string_view arn) {
  return MakeError(ErrorKind::kResourceNotFound, "Policy {} does not exist or is not attachable.",
                   arn);
}

}  // namespace

size_t PolicySize(std::string_view document) {
  return static_cast<size_t>(std::ranges::count_if(
      document, [](char c) { return c != ' ' && c != '\t' && c != '\n' && c != '\r'; }));
}

Result<PolicyPtr> FindPolicy(const Account& account, std::string_view arn) {
  if (auto policy = account.FindPolicy(arn)) return policy;
  return Fail(ErrorKind::kResourceNotFound, "Policy {} was not found.", arn);
}

Result<const PolicyVersion*> FindVersion(const PolicyRecord& policy, std::string_view version) {
  for (const PolicyVersion& one : policy.versions) {
    if (version == fmt::format("v{}", one.number)) return &one;
  }
  return Fail(ErrorKind::kResourceNotFound,
              "Policy {} version {} does not exist or is not attachable.", policy.Arn(), version);
}

Result<void> EditPolicy(const Scope& scope, std::string_view arn,
                        const std::function<Result<void>(PolicyRecord&, const Account&)>& edit) {
  return scope.directory.Apply(scope.account, [&](const Account& account) -> Result<Change> {
    TM_TRY(const PolicyPtr old, FindPolicy(account, arn));
    if (old->account != scope.account) {
      return Fail(ErrorKind::kAccessDenied,
                  "The policy {} comes with the server and cannot be "
                  "changed.",
                  arn);
    }
    PolicyRecord policy = *old;
    TM_TRYV(edit(policy, account));
    return Change(std::move(policy));
  });
}

Result<PolicyPtr> CreatePolicy(const Scope& scope, PolicyRecord policy, std::string document) {
  policy.account = scope.account;
  policy.id = MakeId("ANPA", 21, scope.random);
  policy.created = policy.updated = scope.now;
  TM_TRYV(CheckManagedSize(document));
  TM_TRY(auto text, PolicyText::Parse(std::move(document)));
  policy.versions.push_back({1, std::move(text), scope.now});
  const std::string arn = policy.Arn();
  TM_TRYV(scope.directory.Apply(scope.account, [&](const Account& account) -> Result<Change> {
    const bool taken = std::ranges::any_of(account.policies, [&](const auto& entry) {
      return policy::Lower(entry.second->name) == policy::Lower(policy.name);
    });
    if (taken) {
      return Fail(ErrorKind::kAlreadyExists,
                  "A policy called {} already exists. Duplicate "
                  "names are not allowed.",
                  policy.name);
    }
    if (account.policies.size() >= kPoliciesMax) {
      return Fail(ErrorKind::kLimitExceeded, "Cannot exceed quota for PoliciesPerAccount: {}",
                  kPoliciesMax);
    }
    return Change(policy);
  }));
  return FindPolicy(*scope.directory.Find(scope.account), arn);
}

Result<void> DeletePolicy(const Scope& scope, std::string_view arn) {
  return scope.directory.Apply(scope.account, [&](const Account& account) -> Result<Change> {
    TM_TRY(const PolicyPtr policy, FindPolicy(account, arn));
    if (policy->account != scope.account) return Fail(NoSuchPolicy(arn));
    const auto attached = AttachmentsOf(account, policy->Arn());
    if (attached.permits() + attached.bounds() > 0) {
      return Fail(ErrorKind::kResourceInUse, "Cannot delete a policy attached to entities.");
    }
    if (policy->versions.size() > 1) {
      return Fail(ErrorKind::kResourceInUse,
                  "This policy has more than one version. Before you delete a policy, you must "
                  "delete the policy's versions. The default version is deleted with the policy.");
    }
    return Change(Erase{policy->id});
  });
}

Result<int64_t> CreatePolicyVersion(const Scope& scope, std::string_view arn, std::string document,
                                    bool set_default) {
  TM_TRYV(CheckManagedSize(document));
  TM_TRY(const auto text, PolicyText::Parse(std::move(document)));
  int64_t number = 0;
  TM_TRYV(EditPolicy(scope, arn, [&](PolicyRecord& policy, const Account&) -> Result<void> {
    if (policy.versions.size() >= kVersionsMax) {
      return Fail(ErrorKind::kLimitExceeded,
                  "A managed policy can have up to {} versions. Before you create a new version, "
                  "you must delete an existing version.",
                  kVersionsMax);
    }
    number = ++policy.last_version;
    policy.versions.push_back({number, text, scope.now});
    policy.updated = scope.now;
    if (set_default) policy.default_version = number;
    return {};
  }));
  return number;
}

Result<void> DeletePolicyVersion(const Scope& scope, std::string_view arn,
                                 std::string_view version) {
  return EditPolicy(scope, arn, [&](PolicyRecord& policy, const Account&) -> Result<void> {
    TM_TRY(const auto* found, FindVersion(policy, version));
    const int64_t number = found->number;
    if (number == policy.default_version) {
      return Fail(ErrorKind::kResourceInUse, "Cannot delete the default version of a policy.");
    }
    std::erase_if(policy.versions, [&](const auto& one) { return one.number == number; });
    return {};
  });
}

Result<void> SetDefaultVersion(const Scope& scope, std::string_view arn, std::string_view version) {
  return EditPolicy(scope, arn, [&](PolicyRecord& policy, const Account&) -> Result<void> {
    TM_TRY(const auto* found, FindVersion(policy, version));
    policy.default_version = found->number;
    policy.updated = scope.now;
    return {};
  });
}

Attachments AttachmentsOf(const Account& account, const std::string& arn) {
  Attachments found;
  const auto has = [&](const std::vector<std::string>& attached) {
    return std::ranges::find(attached, arn) != attached.end();
  };
  for (const auto& [name, user] : account.users) {
    if (has(user->attached)) found.users.push_back(user);
    if (user->boundary == arn) found.bounded.push_back(user);
  }
  for (const auto& [name, group] : account.groups) {
    if (has(group->attached)) found.groups.push_back(group);
  }
  for (const auto& [name, role] : account.roles) {
    if (has(role->attached)) found.roles.push_back(role);
    if (role->boundary == arn) found.bounded_roles.push_back(role);
  }
  return found;
}

Result<void> Attach(const Account& account, const std::string& arn, std::string_view quota,
                    std::vector<std::string>* attached) {
  if (!account.FindPolicy(arn)) return Fail(NoSuchPolicy(arn));
  if (std::ranges::find(*attached, arn) != attached->end()) return {};
  if (attached->size() >= kAttachedMax) {
    return Fail(ErrorKind::kLimitExceeded, "Cannot exceed quota for {}: {}", quota, kAttachedMax);
  }
  attached->push_back(arn);
  return {};
}

Result<void> Detach(const std::string& arn, std::vector<std::string>* attached) {
  if (std::erase(*attached, arn) > 0) return {};
  return Fail(ErrorKind::kResourceNotFound, "Policy {} was not found.", arn);
}

Result<void> PutInline(std::string_view name, std::string document, size_t size_max,
                       std::string_view quota, InlinePolicies* policies) {
  TM_TRY(auto text, PolicyText::Parse(std::move(document)));
  policies->insert_or_assign(std::string(name), std::move(text));
  size_t size = 0;
  for (const auto& [one, policy] : *policies) size += PolicySize(policy.text);
  if (size <= size_max) return {};
  return Fail(ErrorKind::kLimitExceeded, "Maximum policy size of {} bytes exceeded for {}",
              size_max, quota);
}

Result<const PolicyText*> FindInline(std::string_view entity, std::string_view name,
                                     const InlinePolicies& policies) {
  const auto at = policies.find(std::string(name));
  if (at != policies.end()) return &at->second;
  return Fail(ErrorKind::kResourceNotFound, "The {} policy with name {} cannot be found.", entity,
              name);
}

Result<void> DeleteInline(std::string_view entity, std::string_view name,
                          InlinePolicies* policies) {
  TM_TRYV(FindInline(entity, name, *policies));
  policies->erase(std::string(name));
  return {};
}

}  // namespace tidemark::iam
