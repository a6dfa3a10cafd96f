#include "api/sts/operations.h"

namespace tidemark::api::sts_query {

namespace {

Result<void> GetCallerIdentity(const QueryCall& call, codec::XmlWriter* w) {
  const auto& identity = call.principal.identity;
  w->Text("Arn", call.principal.arn);
  w->Text("UserId", identity ? identity->user().id : call.principal.account.value);
  w->Text("Account", call.principal.account.value);
  return {};
}

constexpr QueryOperation kOperations[] = {{"GetCallerIdentity", GetCallerIdentity}};

}  // namespace

std::span<const QueryOperation> Operations() { return kOperations; }

}  // namespace tidemark::api::sts_query
