// May this user do that: the decision, and the refusal in the service's words.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "iam/identity.h"
#include "policy/context.h"
#include "policy/evaluate.h"

namespace tidemark::iam {

// Who asks. The strings outlive the call.
struct Asker {
  std::string_view arn;
  std::string_view account;
  const Identity* identity;  // null: the account's root user
};
Asker AskerOf(const Identity& identity);

// What the resource has to say.
struct ResourceSide {
  std::span<const policy::NamedDocument> policies = {};
  std::string_view account = {};  // whose it is; empty: the asker's
  bool must_allow = false;        // also in its own account: a role's trust policy
  std::string_view name = "resource-based policy";  // of such policies, in refusals
};

// `resource`: an ARN, or "*" where the action has none.
policy::Decision Decide(const Asker& asker, std::string_view action, std::string_view resource,
                        const policy::Context& context, const ResourceSide& side = {});

// kAccessDenied: who, what, on which, why.
Error Denial(const Asker& asker, std::string_view action, std::string_view resource,
             const policy::Decision& decision, const ResourceSide& side = {});

Result<void> Authorize(const Asker& asker, std::string_view action, std::string_view resource,
                       const policy::Context& context, const ResourceSide& side);
Result<void> Authorize(const Identity& identity, std::string_view action, std::string_view resource,
                       const policy::Context& context);

// A restore writes a new table, so it needs more than its own permission.
struct RestoreAccess {
  std::string_view action;  // "dynamodb:RestoreTableFromBackup"
  std::string source;       // what that is checked against: ARN of the backup, or of the table
  std::string source_table;
  std::string target;
};

// The action on the source, and the seven actions on items on the target. Unless `strict`, the
// source's table may stand for its backup, and then for the target too: so that a policy for one
// table is enough to back it up and restore it. An explicit Deny on any of the three ARNs counts.
Result<void> AuthorizeRestore(const Identity& identity, const RestoreAccess& access,
                              const policy::Context& context, bool strict);

}  // namespace tidemark::iam
