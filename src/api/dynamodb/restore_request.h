// The checks a restore request gets before anything is looked up, and what it asks for.
#pragma once
#include <vector>

#include "api/dynamodb/shapes_gen.h"
#include "base/result.h"
#include "restore/restore.h"
#include "table/requests.h"

namespace tidemark::api::dynamodb {

// Errors of all: kValidation, kAccessDenied (another account's backup or table).
Result<restore::FromBackup> ToRestore(const table::Caller& caller,
                                      RestoreTableFromBackupInput& input);
Result<restore::ToPointInTime> ToRestore(const table::Caller& caller,
                                         RestoreTableToPointInTimeInput& input);
Result<restore::ToPointInTime> ToRestore(const table::Caller& caller, UndeleteTableInput& input);
// One for each table.
Result<std::vector<restore::ToPointInTime>> ToRestore(const table::Caller& caller,
                                                      RestoreTablesToPointInTimeInput& input);

}  // namespace tidemark::api::dynamodb
