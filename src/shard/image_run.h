// Whether a backup's image has its run. No list of its files names that; but what the files alone
// add up to stands in them, and what they add up to with the run in the record.
#pragma once
#include <string>

#include "engine/table_store.h"
#include "shard/change.h"

namespace tidemark::shard {

// `rows`: the image, opened or cloned, which is not in cold storage. kCorruption: they do not add
// up to `totals`, and have no run that could make them. Quick: only items are compared, not rows of
// indexes; and of several runs none but the first, or the newest, is missed. Not for images of
// history, which the log completes: one may lack what was written in the frame of its own pin.
Result<void> CheckRun(const engine::StoredRows& rows, const std::string& image,
                      const Totals& totals);

}  // namespace tidemark::shard
