// What the operations that give temporary credentials have in common.
#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "api/query_operation.h"
#include "api/request_context.h"

namespace tidemark::api::sts_query {

// The condition keys of STS's requests: tags they bring, and what AssumeRole says.
class StsContext : public RequestContext {
 public:
  // `resource_tags`: of the role it is about.
  StsContext(const QueryCall& call, const iam::Tags& resource_tags)
      : RequestContext(call.principal, call.request, call.scope.now),
        call_(call),
        resource_tags_(resource_tags) {}

 protected:
  std::optional<policy::Values> Compute(std::string_view key) const override;

 private:
  const QueryCall& call_;
  const iam::Tags resource_tags_;
};

// Reads session policies and tags of the request into `session`. kSerialization, kValidation.
Result<void> ReadSessionLimits(const QueryCall& call, iam::Session* session);
// kAccessDenied: the request brings a code of a second factor, and there are no such devices here.
Result<void> RefuseSecondFactor(const QueryCall& call);
void WriteCredentials(const iam::IssuedSession& issued, codec::XmlWriter* w);
// Per cent of what policies and tags may take; written where there are any.
void WritePackedSize(const iam::Session& session, codec::XmlWriter* w);

}  // namespace tidemark::api::sts_query
