#include "iam/authorize.h"

#include <array>

namespace tidemark::iam {
namespace {

using policy::Decision;
using policy::Outcome;

constexpr std::array<std::string_view, 7> kTargetActions = {
    "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:GetItem",   "dynamodb:PutItem",
    "dynamodb:Query",          "dynamodb:Scan",       "dynamodb:UpdateItem"};

std::string_view Article(policy::Layer layer) {
  return layer == policy::Layer::kIdentity ? "an" : "a";
}

std::string_view Name(policy::Layer layer) {
  switch (layer) {
    case policy::Layer::kIdentity:
      return "identity-based policy";
    case policy::Layer::kResource:
      return "resource-based policy";
    case policy::Layer::kBoundary:
      return "permissions boundary";
    case policy::Layer::kSession:
      return "session policy";
  }
  return "policy";
}

}  // namespace

Decision Decide(const Identity& identity, std::string_view action, std::string_view resource,
                const policy::Context& context) {
  return policy::Evaluate({.action = action,
                           .resource = resource,
                           .context = context,
                           .principal_arn = identity.arn(),
                           .principal_account = identity.user().account.value},
                          identity.policies());
}

Error Denial(const Identity& identity, std::string_view action, std::string_view resource,
             const Decision& decision) {
  const std::string why =
      decision.outcome == Outcome::kExplicitDeny
          ? fmt::format("with an explicit deny in {} {}", Article(decision.layer),
                        Name(decision.layer))
          : fmt::format("because no {} allows the {} action", Name(decision.layer), action);
  return MakeError(ErrorKind::kAccessDenied,
                   "User: {} is not authorized to perform: {} on resource: {} {}", identity.arn(),
                   action, resource, why);
}

Result<void> Authorize(const Identity& identity, std::string_view action, std::string_view resource,
                       const policy::Context& context) {
  const Decision decision = Decide(identity, action, resource, context);
  if (decision.allowed()) return {};
  return Fail(Denial(identity, action, resource, decision));
}

Result<void> AuthorizeRestore(const Identity& identity, const RestoreAccess& access,
                              const policy::Context& context, bool strict) {
  // Of an action on what it is about, else on the table that may stand for it; says which it was.
  const auto check = [&](std::string_view action, const std::string& on,
                         bool table_may_stand_in) -> Result<bool> {
    const Decision decision = Decide(identity, action, on, context);
    if (decision.allowed()) return false;
    if (table_may_stand_in && decision.outcome == Outcome::kImplicitDeny &&
        Decide(identity, action, access.source_table, context).allowed()) {
      return true;
    }
    return Fail(Denial(identity, action, on, decision));
  };
  for (const std::string* arn : {&access.source, &access.source_table, &access.target}) {
    const Decision decision = Decide(identity, access.action, *arn, context);
    if (decision.outcome == Outcome::kExplicitDeny)
      return Fail(Denial(identity, access.action, *arn, decision));
  }
  TM_TRY(bool through_table, check(access.action, access.source, !strict));
  through_table = through_table || access.source == access.source_table;
  for (const std::string_view action : kTargetActions) {
    TM_TRYV(check(action, access.target, !strict && through_table));
  }
  return {};
}

}  // namespace tidemark::iam
