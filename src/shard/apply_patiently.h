#pragma once
#include <span>

#include "engine/table_store.h"

namespace tidemark::shard {

// TableStore::Apply, which waits while the store is busy: it is about to stall then, and its own
// flushes and compactions will make room. Blocks. Errors: the store's; kUnavailable after a minute.
Result<void> ApplyPatiently(engine::TableStore& store, std::span<const engine::RowWrite> writes,
                            log::Position position, BytesView note);

}  // namespace tidemark::shard
