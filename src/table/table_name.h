// Tables are named by name or by ARN.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "table/requests.h"

namespace tidemark::table {

// The name in "NAME" or "arn:aws:dynamodb:REGION:ACCOUNT:table/NAME"; a view into `given`. Errors:
// kValidation (not a legal name, or an ARN of something else or of another Region), kAccessDenied
// (another account's).
Result<std::string_view> TableNameOf(const Caller& caller, std::string_view given);

// The table in the ARN of a resource that can have tags. Errors: as above; no ARN, or that of
// something else.
Result<std::string_view> TaggedTableOf(const Caller& caller, std::string_view arn);

}  // namespace tidemark::table
