#pragma once
#include <span>

#include "api/query_operation.h"

namespace tidemark::api::sts_query {

// STS's operations, in order of name.
std::span<const QueryOperation> Operations();

}  // namespace tidemark::api::sts_query
