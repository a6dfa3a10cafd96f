// Our own operations on a table's past: docs/past.md. Signed like DynamoDB's, and answered in the
// same form.
#pragma once
#include <string_view>
#include <vector>

#include "api/dynamodb/operations.h"
#include "api/operation.h"

namespace tidemark::api::past {

inline constexpr std::string_view kTargetPrefix = "Tidemark_20261101.";

// `services` must outlive what is returned.
std::vector<Operation> Operations(const dynamodb::Services& services);

}  // namespace tidemark::api::past
