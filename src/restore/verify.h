// A restored table is checked against numbers that the restore did not compute: the count, bytes
// and set-hash that the commit log recorded with the source's last change.
#pragma once
#include "engine/table_store.h"
#include "shard/change.h"

namespace tidemark::restore {

// Reads every item of the store. kCorruption when it adds up to anything but `expected`; says what
// differs.
Result<void> VerifyTotals(const engine::TableStore& store, const shard::Totals& expected);

}  // namespace tidemark::restore
