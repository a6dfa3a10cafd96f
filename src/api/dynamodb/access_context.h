// DynamoDB's own condition keys of a request: partition keys, attributes, parameters, tags.
#pragma once
#include <string_view>

#include "api/dynamodb/request_facts.h"
#include "api/request_context.h"
#include "catalog/catalog.h"
#include "codec/json_reader.h"
#include "policy/actions.h"

namespace tidemark::api::dynamodb {

class AccessContext : public RequestContext {
 public:
  AccessContext(const auth::Principal& principal, const http::Request& request, Timestamp now,
                const catalog::Catalog& catalog, const policy::Action& action,
                const RequestPart& part)
      : RequestContext(principal, request, now), catalog_(catalog), action_(action), part_(part) {}

 protected:
  std::optional<policy::Values> Compute(std::string_view key) const override;

 private:
  catalog::TablePtr Table() const;  // null: there is none of that name
  std::optional<policy::Values> RequestTag(std::string_view key) const;
  const RequestFacts& facts() const;

  const catalog::Catalog& catalog_;
  const policy::Action& action_;
  const RequestPart part_;
  mutable std::optional<RequestFacts> facts_;
};

}  // namespace tidemark::api::dynamodb
