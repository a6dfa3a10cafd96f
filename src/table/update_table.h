// UpdateTable's rules, with the service's texts and in its order. Pure.
#pragma once
#include "base/clock.h"
#include "base/result.h"
#include "catalog/table_record.h"
#include "table/requests.h"
#include "table/table_request.h"

namespace tidemark::table {

// What the request alone says: something is to be changed, nothing that excludes other changes
// comes with them. Errors: kValidation.
Result<void> CheckUpdate(const UpdateTableRequest& request);

// Of a table that is to be changed or deleted. Errors: kResourceInUse (not ACTIVE).
Result<void> CheckNotChanging(const catalog::TableRecord& record);

// Changes the settings of a table that is there, but for its stream (stream_switch.h). Errors:
// kResourceInUse (not ACTIVE), kValidation (no change where one is demanded, a setting that does
// not fit the table), kKeyDisabled. `sse`: what the wish for encryption, if there is one, means.
Result<void> ApplyUpdate(const UpdateTableRequest& request,
                         const std::optional<catalog::SseSettings>& sse, Timestamp now,
                         catalog::TableRecord* record);

// Makes of the description of a changed table what UpdateTable answers: settings that the service
// changes in the background are shown as they were, and the table as UPDATING.
void ShowAsUpdating(const UpdateTableRequest& request, const catalog::TableRecord& before,
                    Timestamp now, TableDescription* shown);

}  // namespace tidemark::table
