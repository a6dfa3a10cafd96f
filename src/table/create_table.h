// CreateTable's rules, with the service's texts. Pure.
#pragma once
#include "base/result.h"
#include "catalog/table_record.h"
#include "table/requests.h"
#include "table/table_request.h"

namespace tidemark::table {

// The record of the table the request describes; its id, creation time and status are the caller's
// to set. Errors: kConstraint (a required member is missing), kValidation.
Result<catalog::TableRecord> MakeTableRecord(const Caller& caller,
                                             const CreateTableRequest& request);

}  // namespace tidemark::table
