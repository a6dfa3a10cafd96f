// The only place where causes become KMS's names, statuses and texts.
#pragma once
#include <string_view>

#include "base/error.h"
#include "http/response.h"

namespace tidemark::api::kms_json {

http::Response ErrorResponse(const Error& error, std::string_view operation,
                             std::string_view request_id);

}  // namespace tidemark::api::kms_json
