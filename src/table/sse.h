// What CreateTable and the restores make of a wish for server-side encryption.
#pragma once
#include "base/result.h"
#include "catalog/table_record.h"
#include "table/requests.h"
#include "table/table_request.h"

namespace tidemark::table {

// The setting to keep and to describe; keys are named by ARN, alias ARN, alias name or id, and kept
// as ARNs. Errors: kValidation.
Result<catalog::SseSettings> MakeSse(const Caller& caller, const SseRequest& request);

}  // namespace tidemark::table
