// IAM's operations, by name.
#pragma once
#include <optional>
#include <span>
#include <string>

#include "api/iam/parameters_gen.h"
#include "api/query_operation.h"

namespace tidemark::api::iam_query {

// In order of name, one for each of kOperationShapes.
std::span<const QueryOperation> Operations();

// The ARN an operation's permission is checked against.
std::string ResourceOf(Resource resource, const QueryCall& call);
// The ARN a user or group has afterwards, if the request changes its name or path: it needs the
// permission for that one too, since policies may be made for who has the new name.
std::optional<std::string> RenamedTo(Resource resource, const QueryCall& call);

}  // namespace tidemark::api::iam_query
