// DynamoDB's own condition keys of a request: partition keys, attributes, parameters, tags.
#pragma once
#include <string_view>

#include "api/dynamodb/owned_resource.h"
#include "api/dynamodb/request_facts.h"
#include "api/request_context.h"
#include "codec/json_reader.h"
#include "policy/actions.h"

namespace tidemark::api::dynamodb {

class AccessContext : public RequestContext {
 public:
  // `from_backup`: the ARN of the backup that the request reads, or what stands for one; empty: it
  // reads none.
  AccessContext(const auth::Principal& principal, const http::Request& request, Timestamp now,
                const policy::Action& action, const RequestPart& part, OwnedResource resource,
                std::string_view from_backup)
      : RequestContext(principal, request, now),
        action_(action),
        part_(part),
        resource_(std::move(resource)),
        from_backup_(from_backup) {}

  bool IsAboutAll(std::string_view key) const override;

 protected:
  std::optional<policy::Values> Compute(std::string_view key) const override;

 private:
  std::optional<policy::Values> AsOf() const;
  std::optional<policy::Values> FromBackup() const;
  std::optional<policy::Values> RequestTag(std::string_view key) const;
  const RequestFacts& facts() const;

  const policy::Action& action_;
  const RequestPart part_;
  const OwnedResource resource_;
  const std::string_view from_backup_;
  mutable std::optional<RequestFacts> facts_;
};

}  // namespace tidemark::api::dynamodb
