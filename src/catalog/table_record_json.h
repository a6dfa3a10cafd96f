// A table record as a JSON object, for records that hold one. Private to this module.
#pragma once
#include "catalog/json_fields.h"
#include "catalog/table_record.h"

namespace tidemark::catalog {

json::object ToJson(const TableRecord& record);
TableRecord ReadTableRecord(Fields fields);

}  // namespace tidemark::catalog
