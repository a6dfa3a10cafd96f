// A policy document of each kind; what is accepted is asked of a request.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "policy/document.h"
#include "policy/evaluate.h"

namespace tidemark::policy {
namespace {

void Run(std::string_view text) {
  ContextMap context;
  context.Set("aws:username", {"alice"});
  context.Set("aws:SourceIp", {"203.0.113.7"});
  context.Set("aws:CurrentTime", {"2026-11-26T10:00:00Z"});
  context.Set("dynamodb:LeadingKeys", {"alice", "bob"});
  const Request request{.action = "dynamodb:GetItem",
                        .resource = "arn:aws:dynamodb:us-east-1:123456789012:table/Music",
                        .context = context,
                        .principal_arn = "arn:aws:iam::123456789012:user/alice",
                        .principal_account = "123456789012"};
  for (const auto kind : {DocumentKind::kIdentity, DocumentKind::kResource, DocumentKind::kTrust}) {
    const auto document = ParseDocument(text, kind);
    if (!document) continue;
    (void)ContextKeys(*document);
    const NamedDocument named[] = {{&*document, "p"}};
    std::vector<Match> matches;
    Policies policies;
    (kind == DocumentKind::kIdentity ? policies.identity : policies.resource) = named;
    const auto told = Evaluate(request, policies, &matches);
    TM_ASSERT(told.outcome == Evaluate(request, policies).outcome);
    TM_ASSERT(told.outcome == Outcome::kImplicitDeny || !matches.empty());
  }
}

}  // namespace
}  // namespace tidemark::policy

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  tidemark::policy::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
