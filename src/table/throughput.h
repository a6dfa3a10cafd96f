// What the service demands of provisioned, on-demand and warm throughput, with its texts. Pure.
#pragma once
#include "base/result.h"
#include "catalog/table_record.h"
#include "table/table_request.h"

namespace tidemark::table {

// All errors: kValidation.

// The units that may be provisioned.
Result<void> CheckProvisioned(const catalog::Throughput& throughput);

// Billing, throughput and warm throughput of a table that is made.
Result<void> SetThroughput(const CreateTableRequest& request, catalog::TableRecord* record);

// Maximum units of a table on demand: what is absent from `request` stays, -1 takes a limit away.
Result<void> ChangeOnDemand(const UnitsRequest& request, catalog::TableRecord* record);

// Warm throughput never falls.
Result<void> RaiseWarm(const UnitsRequest& request, catalog::TableRecord* record);

}  // namespace tidemark::table
