// A restored table is checked against numbers that the restore did not compute: the count, bytes
// and set-hash that the commit log recorded with the source's last change.
#pragma once
#include <vector>

#include "engine/table_store.h"
#include "restore/progress.h"
#include "shard/change.h"

namespace tidemark::restore {

// Reads every item of the store, and every row of its indexes `numbers`. kCorruption when they add
// up to anything but `expected`; says what differs. What `expected` says of other indexes is left
// out. kCancelled.
Result<void> VerifyTotals(const engine::TableStore& store, const std::vector<uint16_t>& numbers,
                          const shard::Totals& expected, Progress& progress);

}  // namespace tidemark::restore
