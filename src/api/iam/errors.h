// The one place where causes become IAM's and STS's error codes and HTTP statuses.
#pragma once
#include <string_view>

#include "base/error.h"
#include "http/response.h"

namespace tidemark::api::iam_query {

// `xmlns` names the service. Faults of the machine are logged here; what the client reads says what
// to do.
http::Response ErrorResponse(const Error& error, std::string_view xmlns, std::string_view operation,
                             std::string_view request_id);

}  // namespace tidemark::api::iam_query
