// From the log to what a run holds: reads frames, keeps the changes of tables with history.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "archive/archive.h"
#include "archive/run_writer.h"
#include "log/commit_log.h"

namespace tidemark::archive {

struct Batch {
  RunContent content;  // [from, to); sections empty: nothing in there concerns history
  log::Position mark;  // where the next batch begins: `to`, or behind a gap
  std::optional<Gap> gap;
};

struct BatchRequest {
  log::Position from;
  log::Position end;  // not beyond: of the durable end when the tables were asked
  const std::map<TableId, crypto::Key256>& tables;
  // Tables whose history key cannot be had now: the batch ends before their first change.
  const std::set<TableId>& held;
  size_t memory_bytes = 0;  // a batch ends with the frame that reaches it
};

// A damaged range that an operator has accepted, or a part the log no longer has, ends the batch
// and becomes its gap. Errors: kCorruption for damage nobody has accepted yet; if frames come
// before it, they are given first and the error by the next call. kCancelled.
Result<Batch> ReadBatch(log::CommitLog& log, const BatchRequest& request,
                        const std::function<bool()>& cancelled);

}  // namespace tidemark::archive
