// What the ledger is told of restores.
#pragma once
#include <vector>

#include "metering/entry.h"
#include "restore/restore_report.h"

namespace tidemark::server {

// Of each restore on record that has completed: the bytes of the restored table, and the same once
// more where they left their Region. They count for the table that they were taken from.
std::vector<metering::Entry> CostsOf(const restore::RestoreReports& reports);

}  // namespace tidemark::server
