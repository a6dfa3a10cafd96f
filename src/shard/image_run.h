// Whether an image has its run. No list of an image's files names it; but what its files alone add
// up to stands in them, and what it adds up to with its run in its record.
#pragma once
#include <string>

#include "engine/table_store.h"
#include "shard/change.h"

namespace tidemark::shard {

// `rows`, `note`: of the opened image or of a clone of it. `totals`: of the image, which needs
// nothing beside its own directory. kCorruption: its run is missing. Blocking, quick. Indexes are
// not looked at: their totals change without a row when one is removed.
Result<void> CheckRun(engine::Engine& engine, const std::string& image,
                      const engine::RowReader& rows, BytesView note, const Totals& totals);

}  // namespace tidemark::shard
