// The index rows of a table that is being restored: those that its files and history brought along
// and it is not to have go, those they lack are made of its items.
#pragma once
#include "catalog/table_record.h"
#include "engine/table_store.h"
#include "restore/progress.h"
#include "shard/change.h"

namespace tidemark::restore {

// Leaves no row but those of the table's complete indexes.
Result<void> EraseOtherIndexes(const catalog::TableRecord& table, engine::TableStore& store);

// Makes the rows of the indexes that are marked as being built; nothing else may write to the
// store. Sorts portions of about `portion_bytes` in memory. Adds what the rows add up to to
// `totals`. kCancelled.
Result<void> BuildIndexes(const catalog::TableRecord& table, size_t portion_bytes,
                          engine::TableStore& store, Progress& progress, shard::Totals* totals);

}  // namespace tidemark::restore
