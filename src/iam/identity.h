// A user as requests are judged by: who it is, and every policy that speaks of it, ready to be
// evaluated. Made anew when anything of it changes; immutable, any thread.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "iam/records.h"
#include "policy/evaluate.h"

namespace tidemark::iam {

using UserPtr = std::shared_ptr<const UserRecord>;
using GroupPtr = std::shared_ptr<const GroupRecord>;
using PolicyPtr = std::shared_ptr<const PolicyRecord>;

class Identity {
 public:
  Identity(UserPtr user, std::vector<GroupPtr> groups, std::vector<PolicyPtr> managed,
           PolicyPtr boundary);
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;

  const UserRecord& user() const { return *user_; }
  const std::string& arn() const { return arn_; }
  policy::Policies policies() const {
    return {.identity = identity_, .boundary = boundary_, .has_boundary = has_boundary_};
  }

 private:
  const UserPtr user_;
  const std::vector<GroupPtr> groups_;
  const std::vector<PolicyPtr> managed_;  // of the user and of its groups
  const PolicyPtr boundary_policy_;
  const std::string arn_;
  // These point into the records above.
  std::vector<policy::NamedDocument> identity_;
  std::vector<policy::NamedDocument> boundary_;
  bool has_boundary_ = false;
};

}  // namespace tidemark::iam
