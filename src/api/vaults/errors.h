// The only place where causes become AWS Backup's names, statuses and texts.
#pragma once
#include <string_view>

#include "base/error.h"
#include "http/response.h"

namespace tidemark::api::vault_rest {

http::Response ErrorResponse(const Error& error, std::string_view operation,
                             std::string_view request_id);

}  // namespace tidemark::api::vault_rest
