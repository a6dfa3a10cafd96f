// May this user do that: the decision, and the refusal in the service's words.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "iam/identity.h"
#include "policy/context.h"
#include "policy/evaluate.h"

namespace tidemark::iam {

// `resource`: an ARN, or "*" where the action has none.
policy::Decision Decide(const Identity& identity, std::string_view action,
                        std::string_view resource, const policy::Context& context);

// kAccessDenied: who, what, on which, why.
Error Denial(const Identity& identity, std::string_view action, std::string_view resource,
             const policy::Decision& decision);

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
