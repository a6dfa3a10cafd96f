// aws:RequestTag/KEY and aws:TagKeys of requests with the query protocol.
#pragma once
#include <optional>
#include <string_view>

#include "api/wire/query.h"
#include "iam/records.h"
#include "policy/context.h"

namespace tidemark::api {

// `key` in the form of policy::Context. Nothing: it is another key, or the request has none.
std::optional<policy::Values> RequestTagValues(const wire::QueryParameters& parameters,
                                               std::string_view key);
// aws:ResourceTag/KEY of something with these tags, likewise.
std::optional<policy::Values> ResourceTagValues(const iam::Tags& tags, std::string_view key);

}  // namespace tidemark::api
