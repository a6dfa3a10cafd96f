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

Asker AskerOf(const Identity& identity) {
  return {identity.arn(), identity.facts().account.value, &identity};
}

Decision Decide(const Asker& asker, std::string_view action, std::string_view resource,
                const policy::Context& context, const ResourceSide& side) {
  policy::Policies policies;
  if (asker.identity) policies = asker.identity->policies();
  policies.is_root = !asker.identity;
  policies.resource = side.policies;
  policies.resource_must_allow = side.must_allow;
  return policy::Evaluate(
      {.action = action,
       .resource = resource,
       .context = context,
       .principal_arn = asker.arn,
       .principal_account = asker.account,
       .entity_arn = asker.identity ? asker.identity->facts().entity_arn : std::string_view(),
       .resource_account = side.account},
      policies);
}

Error Denial(const Asker& asker, std::string_view action, std::string_view resource,
             const Decision& decision, const ResourceSide& side) {
  const std::string_view layer =
      decision.layer == policy::Layer::kResource ? side.name : Name(decision.layer);
  const std::string why =
      decision.outcome == Outcome::kExplicitDeny
          ? fmt::format("with an explicit deny in {} {}", Article(decision.layer), layer)
          : fmt::format("because no {} allows the {} action", layer, action);
  return MakeError(ErrorKind::kAccessDenied,
                   "User: {} is not authorized to perform: {} on resource: {} {}", asker.arn,
                   action, resource, why);
}

Result<void> Authorize(const Asker& asker, std::string_view action, std::string_view resource,
                       const policy::Context& context, const ResourceSide& side) {
  const Decision decision = Decide(asker, action, resource, context, side);
  if (decision.allowed()) return {};
  return Fail(Denial(asker, action, resource, decision, side));
}

Result<void> Authorize(const Identity& identity, std::string_view action, std::string_view resource,
                       const policy::Context& context) {
  return Authorize(AskerOf(identity), action, resource, context, {});
}

Result<void> AuthorizeRestore(const Identity& identity, const RestoreAccess& access,
                              const policy::Context& context, bool strict) {
  const Asker asker = AskerOf(identity);
  // Of an action on what it is about, else on the table that may stand for it; says which it was.
  const auto check = [&](std::string_view action, const std::string& on,
                         bool table_may_stand_in) -> Result<bool> {
    const Decision decision = Decide(asker, action, on, context);
    if (decision.allowed()) return false;
    if (table_may_stand_in && decision.outcome == Outcome::kImplicitDeny &&
        Decide(asker, action, access.source_table, context).allowed()) {
      return true;
    }
    return Fail(Denial(asker, action, on, decision));
  };
  for (const std::string* arn : {&access.source, &access.source_table, &access.target}) {
    const Decision decision = Decide(asker, access.action, *arn, context);
    if (decision.outcome == Outcome::kExplicitDeny)
      return Fail(Denial(asker, access.action, *arn, decision));
  }
  TM_TRY(bool through_table, check(access.action, access.source, !strict));
  through_table = through_table || access.source == access.source_table;
  for (const std::string_view action : kTargetActions) {
    TM_TRYV(check(action, access.target, !strict && through_table));
  }
  return {};
}

}  // namespace tidemark::iam
