// Start-up of a shard: open its tables and replay the log into them.
#pragma once
#include <string>
#include <unordered_map>

#include "log/commit_log.h"
#include "shard/open_table.h"

namespace tidemark::shard {

using OpenTables = std::unordered_map<TableId, OpenTablePtr>;

// Opens every table directory under `directory` (names are table ids; others are removed: they are
// halves of creations and drops that a crash cut off).
Result<OpenTables> OpenAllTables(const std::string& directory, engine::Engine& engine);

// Applies what the log holds beyond each table's durable position. `from` is a lower bound of what
// is missing (LoadReplayStart). Idempotent: changes hold final rows and absolute totals.
Result<void> Replay(log::CommitLog& log, log::Position from, OpenTables& tables);

// The position before which every table's changes are durable: a small file, written now and then,
// that keeps a start from reading history which no table misses. A lower bound is always right; a
// missing or damaged file means the log's begin.
log::Position LoadReplayStart(const std::string& file, const log::CommitLog& log);
Result<void> StoreReplayStart(const std::string& file, log::Position position);

}  // namespace tidemark::shard
