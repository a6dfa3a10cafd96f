// The one place where causes become DynamoDB's error names, HTTP statuses and texts.
#pragma once
#include <string_view>

#include "base/error.h"
#include "http/response.h"

namespace tidemark::api::dynamodb {

// Faults of the machine are logged here with the request's id; what the client reads then says what
// to do, not what failed inside. `operation` is for that log line.
http::Response ErrorResponse(const Error& error, std::string_view operation,
                             std::string_view request_id);

// 404 for what is no request of the protocol at all: "<UnknownOperationException/>".
http::Response NotARequest(std::string_view request_id);

}  // namespace tidemark::api::dynamodb
