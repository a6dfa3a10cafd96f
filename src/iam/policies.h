// Acts on policies, managed and inline, and on what they are attached to, as users.h.
#pragma once
#include "iam/groups.h"

namespace tidemark::iam {

// In characters without white space: what quotas count.
size_t PolicySize(std::string_view document);

Result<PolicyPtr> FindPolicy(const Account& account, std::string_view arn);

// kAlreadyExists, kSerialization, kLimitExceeded.
Result<PolicyPtr> CreatePolicy(const Scope& scope, PolicyRecord policy, std::string document);
// kAccessDenied: of a policy that comes with the server.
Result<void> EditPolicy(const Scope& scope, std::string_view arn,
                        const std::function<Result<void>(PolicyRecord&, const Account&)>& edit);
Result<void> DeletePolicy(const Scope& scope, std::string_view arn);  // kResourceInUse
// kSerialization, kLimitExceeded (five versions). Gives the new version's number.
Result<int64_t> CreatePolicyVersion(const Scope& scope, std::string_view arn, std::string document,
                                    bool set_default);
Result<void> DeletePolicyVersion(const Scope& scope, std::string_view arn,
                                 std::string_view version);
Result<void> SetDefaultVersion(const Scope& scope, std::string_view arn, std::string_view version);
// "v3", of this policy. kResourceNotFound.
Result<const PolicyVersion*> FindVersion(const PolicyRecord& policy, std::string_view version);

// Who has a policy.
struct Attachments {
  std::vector<UserPtr> users;
  std::vector<GroupPtr> groups;
  std::vector<RolePtr> roles;
  std::vector<UserPtr> bounded;  // as a boundary
  std::vector<RolePtr> bounded_roles;

  size_t permits() const { return users.size() + groups.size() + roles.size(); }
  size_t bounds() const { return bounded.size() + bounded_roles.size(); }
};
Attachments AttachmentsOf(const Account& account, const std::string& arn);

// On the lists that users and groups have.
Result<void> Attach(const Account& account, const std::string& arn, std::string_view quota,
                    std::vector<std::string>* attached);
Result<void> Detach(const std::string& arn, std::vector<std::string>* attached);
Result<void> PutInline(std::string_view name, std::string document, size_t size_max,
                       std::string_view quota, InlinePolicies* policies);
Result<void> DeleteInline(std::string_view entity, std::string_view name, InlinePolicies* policies);
Result<const PolicyText*> FindInline(std::string_view entity, std::string_view name,
                                     const InlinePolicies& policies);

inline constexpr size_t kUserInlineMax = 2048;  // characters without white space
inline constexpr size_t kGroupInlineMax = 5120;
inline constexpr size_t kRoleInlineMax = 10240;

}  // namespace tidemark::iam
