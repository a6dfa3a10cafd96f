// What a table's stream shows, read to its end as a client does.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "faults/row_history.h"
#include "storage.h"

namespace tidemark::faults {

// Changes by row, oldest first. Wrong as well: a record twice, out of order, or whose old image is
// not what the record before it left.
Result<std::map<Bytes, std::vector<RowHistory::Shown>>> ReadStream(
    Storage& storage, const catalog::TableRecord& table);

}  // namespace tidemark::faults
