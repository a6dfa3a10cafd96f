// Whether a request may be made: which permissions it needs on which resources
// (policy/actions.h), asked of the policies of who asks and of the resource, before anything is
// looked up or changed.
#pragma once
#include <string_view>

#include "api/dynamodb/owned_resource.h"
#include "auth/principal.h"
#include "base/clock.h"
#include "base/result.h"
#include "catalog/catalog.h"
#include "codec/json_reader.h"
#include "http/request.h"

namespace tidemark::api::dynamodb {

// Thread-safe; does not block.
class Access {
 public:
  // `real_clock`: for aws:CurrentTime. `strict`: restores need what the service's documents say,
  // to the letter (iam/authorize.h).
  Access(const catalog::Catalog& catalog, const Clock& real_clock, bool strict)
      : catalog_(catalog), clock_(real_clock), strict_(strict) {}

  // The account whose resources it is about: another one's, where policies on both sides allow
  // that. `body` is the whole request. kAccessDenied; kValidation: resources of several accounts.
  Result<AccountId> Check(const auth::Principal& principal, const http::Request& request,
                          std::string_view operation, codec::JsonValue body) const;

 private:
  const catalog::Catalog& catalog_;
  const Clock& clock_;
  const bool strict_;
  const CompiledPolicies policies_;
};

}  // namespace tidemark::api::dynamodb
