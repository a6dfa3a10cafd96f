// Whether a user may make a request: which permissions it needs on which resources
// (policy/actions.h), asked of the user's policies before anything is looked up or changed.
#pragma once
#include <string_view>

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

  // Of a principal that is not root. `body` is the whole request. kAccessDenied.
  Result<void> Check(const auth::Principal& principal, const http::Request& request,
                     std::string_view operation, codec::JsonValue body) const;

 private:
  const catalog::Catalog& catalog_;
  const Clock& clock_;
  const bool strict_;
};

}  // namespace tidemark::api::dynamodb
