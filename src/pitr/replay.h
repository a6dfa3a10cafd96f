// Replay of one table's changes from the commit log up to an instant: the newest version of each
// row.
#pragma once
#include <functional>
#include <map>
#include <optional>

#include "base/clock.h"
#include "base/ids.h"
#include "engine/table_store.h"
#include "log/commit_log.h"
#include "shard/change.h"

namespace tidemark::pitr {

struct Slice {
  TableId table;
  log::Position from;  // inclusive: of the first frame to look at
  Timestamp until;     // inclusive: changes with later commit times are left out
};

// Rows in key order; no value = deleted.
using SortedRows = std::map<Bytes, std::optional<Bytes>>;

struct ReplayResult {
  uint64_t changes = 0;
  std::optional<shard::Totals>
      totals;  // the table's after the last change <= until; none: no change
};

// Hands the rows of the slice to `sink` in portions of at most about `portion_bytes`, each sorted,
// in time order: a row of a later portion is newer. One portion if they fit. Everything <= until
// must be durable already.
// Errors: kCorruption (names the place), kNotFound (the log no longer reaches back), or the sink's own.
Result<ReplayResult> Replay(log::CommitLog& log, const Slice& slice, size_t portion_bytes,
                            const std::function<Result<void>(const SortedRows&)>& sink);

// Adapts sorted rows to what engine::TableStore::Ingest and Engine::WriteRun take.
class RowSource {
 public:
  explicit RowSource(const SortedRows& rows) : next_(rows.begin()), end_(rows.end()) {}
  Result<std::optional<engine::RowWrite>> operator()();

 private:
  SortedRows::const_iterator next_, end_;
};

}  // namespace tidemark::pitr
