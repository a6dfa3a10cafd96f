// Who a request is judged as, and every policy that speaks of it, ready to be evaluated: a user, a
// role, or a session of one of them. Made anew when anything of it changes; immutable, any thread.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "iam/records.h"
#include "iam/session.h"
#include "policy/evaluate.h"

namespace tidemark::iam {

using UserPtr = std::shared_ptr<const UserRecord>;
using GroupPtr = std::shared_ptr<const GroupRecord>;
using RolePtr = std::shared_ptr<const RoleRecord>;
using PolicyPtr = std::shared_ptr<const PolicyRecord>;

class Identity {
 public:
  // What policies and answers say of it.
  struct Facts {
    AccountId account;
    std::string arn;         // of a session its own, but for one of GetSessionToken: the user's
    std::string entity_arn;  // aws:PrincipalArn: of a role's session the role's, else `arn`
    std::string user_id;     // aws:userid
    std::string user_name;   // of users and their sessions
    std::string_view type;   // aws:PrincipalType
    Tags tags;
  };

  static std::shared_ptr<const Identity> OfUser(UserPtr user, std::vector<GroupPtr> groups,
                                                std::vector<PolicyPtr> managed, PolicyPtr boundary);
  static std::shared_ptr<const Identity> OfRole(RolePtr role, std::vector<PolicyPtr> managed,
                                                PolicyPtr boundary);
  // `of`: the role or user it is a session of; null: the account's root user. `managed`: the
  // managed session policies that are there.
  static std::shared_ptr<const Identity> OfSession(std::shared_ptr<const Identity> of,
                                                   SessionPtr session,
                                                   std::vector<PolicyPtr> managed);
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;

  const Facts& facts() const { return facts_; }
  const std::string& arn() const { return facts_.arn; }
  policy::Policies policies() const {
    return {.identity = identity_,
            .boundary = boundary_,
            .session = session_,
            .has_boundary = has_boundary_,
            .has_session = has_session_};
  }

 private:
  Identity() = default;
  void AddInline(const InlinePolicies& policies);
  void AddManaged(std::vector<PolicyPtr> policies);
  void SetBoundary(const std::string& arn, PolicyPtr policy);

  Facts facts_;
  std::vector<std::shared_ptr<const void>> held_;  // what those below point into
  std::vector<policy::NamedDocument> identity_;
  std::vector<policy::NamedDocument> boundary_;
  std::vector<policy::NamedDocument> session_;
  bool has_boundary_ = false;
  bool has_session_ = false;
};

}  // namespace tidemark::iam
