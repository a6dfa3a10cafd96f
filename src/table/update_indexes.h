// The rules of UpdateTable's GlobalSecondaryIndexUpdates, with the service's texts. Pure.
#pragma once
#include <vector>

#include "base/result.h"
#include "catalog/table_record.h"
#include "table/table_request.h"

namespace tidemark::table {

// What the request alone says. Errors: kValidation.
Result<void> CheckIndexUpdates(const std::vector<IndexUpdateRequest>& updates);

// Changes the indexes of a table that is there: a new one begins to be built, one that goes is left
// alone by changes from now on; IndexJobs does the rest. `attributes`: definitions of attributes
// that new keys need. Errors: kValidation, kResourceNotFound (no such index), kResourceInUse,
// kLimitExceeded (another index is being built or removed).
Result<void> ApplyIndexUpdates(const std::vector<IndexUpdateRequest>& updates,
                               const std::vector<catalog::AttributeDefinition>& attributes,
                               catalog::TableRecord* record);

}  // namespace tidemark::table
