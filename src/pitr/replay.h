// A table's history as rows to lay over an image: the newest version of each row up to an instant.
// From runs where the log has been sorted into them, from the log behind that.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "archive/archive.h"
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
  std::vector<Bytes> cuts =
      {};  // ascending keys: rows from one to the next are a part of their own
};

struct ReplayResult {
  uint64_t changes = 0;  // row versions seen
  std::optional<shard::Totals>
      totals;  // the table's after the last change <= until; none: no change
};

// Rows in key order until nullopt; no value = deleted. Views live until the next call. What
// engine::TableStore::Ingest and Engine::WriteRun take.
using RowSource = engine::NextRow;
// Takes rows in portions; a row of a later portion is newer. A portion comes in one part more than
// the slice has cuts, which may be read side by side; some may have no rows.
using RowSink = std::function<Result<void>(std::span<const RowSource> parts)>;

// Told how much of the slice has been read, 0 to 1; what it returns ends the
// reading. Called by the threads that read parts.
using ReadSoFar = std::function<Result<void>(double part)>;

// The slice from the log alone, sorted in memory in portions of about `portion_bytes` of rows; one
// portion if it fits. It is read side by side. Everything <= until must be durable already.
// Errors: kCorruption (names the place), kNotFound (the log no longer reaches back), or the sink's own.
Result<ReplayResult> Replay(log::CommitLog& log, const Slice& slice, size_t portion_bytes,
                            const RowSink& sink, const ReadSoFar& so_far = {});

// The slice from runs, and from the log behind them; memory and errors as Replay, and kKeyDisabled.
// `history`: whose history it is. `view`: of the log's archive; it keeps both readable.
// `from_log`: the slice's first part is in the log only (ImageRecord::needs_log).
struct HistorySource {
  log::CommitLog& log;
  std::shared_ptr<const archive::View> view;
  archive::HistoryTable history;
  bool from_log = false;
};
Result<ReplayResult> ReadHistory(const HistorySource& source, const Slice& slice,
                                 size_t portion_bytes, const RowSink& sink,
                                 const ReadSoFar& so_far = {});

}  // namespace tidemark::pitr
