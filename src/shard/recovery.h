// Start-up of a shard: which tables there are, and what the log's tail holds for them. No table is
// opened.
#pragma once
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "log/commit_log.h"
#include "shard/open_table.h"

namespace tidemark::shard {

using Tables = std::unordered_map<TableId, OpenTablePtr>;

// The ids of the table directories under `directory`. What is no table, or one that `known` (if
// set) does not know, is removed: halves of creations and drops that a crash cut off.
Result<std::vector<TableId>> FindTables(const std::string& directory,
                                        const std::function<bool(TableId)>& known);

struct Tail {
  log::Position last;  // of the newest frame read; zero if there was none
  uint64_t changes = 0;
  uint64_t bytes = 0;  // read
};

// Reads the log from `from` to its end, once, and hands every table what is its: nothing before
// `from` is missing in any (LoadReplayStart). Changes of tables that are no more are left out. Goes
// on behind damage (log::CommitLog::Damage); who is concerned is judged when a table is opened.
// Holds `memory_max` bytes at most, roughly: beyond it the largest debt is paid at once.
Result<Tail> ReadTail(log::CommitLog& log, log::Position from, const Tables& tables,
                      uint64_t memory_max);

// The position before which every table's changes are durable: a small file, written now and then,
// that keeps a start from reading history which no table misses, and damage in it from concerning
// any. A lower bound is always right; a missing or damaged file means the log's begin.
log::Position LoadReplayStart(const std::string& file, const log::CommitLog& log);
Result<void> StoreReplayStart(const std::string& file, log::Position position);

}  // namespace tidemark::shard
