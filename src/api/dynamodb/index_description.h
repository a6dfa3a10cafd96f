// Secondary indexes as DescribeTable and DescribeBackup tell of them.
#pragma once
#include "catalog/table_record.h"
#include "codec/json_writer.h"
#include "table/table_request.h"

namespace tidemark::api::dynamodb {

// "LocalSecondaryIndexes" and "GlobalSecondaryIndexes", where the table has any, with what they
// hold and their states.
void WriteIndexDescriptions(const table::TableDescription& table, codec::JsonWriter* w);

// The same of a backup's source: as they were defined.
void WriteIndexInfos(const catalog::TableRecord& table, codec::JsonWriter* w);

}  // namespace tidemark::api::dynamodb
