// One operation of a service with the query protocol.
#pragma once
#include <string_view>

#include "api/query_api.h"
#include "api/wire/query.h"
#include "auth/principal.h"
#include "codec/xml_writer.h"
#include "iam/users.h"

namespace tidemark::api {

// A request that is authenticated and well formed; of IAM, allowed as well. `account` is the state
// it began with.
struct QueryCall {
  const QueryServices& services;
  const http::Request& request;
  const auth::Principal& principal;
  const wire::QueryParameters& parameters;
  iam::Scope scope;
  iam::AccountPtr account;
};

struct QueryOperation {
  std::string_view name;
  // Writes the members of the answer's result, if it has any. On the blocking pool.
  Result<void> (*run)(const QueryCall& call, codec::XmlWriter* w);
  bool always_result = false;  // the answer has a result also where it is empty
};

}  // namespace tidemark::api
