// IAM's operations, by name.
#pragma once
#include <span>

#include "api/iam/parameters_gen.h"
#include "api/query_operation.h"

namespace tidemark::api::iam_query {

// In order of name, one for each of kOperationShapes.
std::span<const QueryOperation> Operations();

// The ARN an operation's permission is checked against.
std::string ResourceOf(Resource resource, const QueryCall& call);

}  // namespace tidemark::api::iam_query
