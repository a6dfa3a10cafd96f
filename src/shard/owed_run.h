// Owed runs: what the log holds for a fenced table beyond its files, in one sealed file
// `owed/<table id>` of the shard, so that neither the log nor history has to wait for the table.
// Format: docs/formats/owed_run.md.
//
// A run holds final rows in log order and the table's totals after them. Applying it twice is
// harmless; it is written only once nothing of the table is queued any more, and applied and
// removed before the table takes writes again, so it is never older than the table.
//
// Threads: any; one call per table at a time. Blocking.
#pragma once
#include <map>
#include <string>

#include "crypto/data_key.h"
#include "engine/table_store.h"
#include "log/commit_log.h"
#include "shard/open_table.h"

namespace tidemark::shard {

class OwedRuns {
 public:
  // `keys` seal the runs; null: none can be written or read, the log is kept instead.
  OwedRuns(std::string directory, crypto::DataKeyProvider* keys)
      : directory_(std::move(directory)), keys_(keys) {}

  struct Slice {
    TableId table;
    log::Position from, through;  // frames, both included; the log keeps them meanwhile
  };
  // Writes the run of a slice, which holds changes of the table, over an older run if there is one.
  // Durable: yes. Errors: kNoSpace, kIo, kCorruption (the log is damaged there), kUnavailable.
  Result<OwedRun> Write(log::CommitLog& log, const Slice& slice) const;

  // Gives a store what the run holds, and makes it durable there. A store that is already at or
  // behind the run's end in the same log is left as it is. The whole run is checked before its
  // first row is applied. Errors: kCorruption (names the file), those of the store.
  Result<void> Apply(const OwedRun& run, TableId table, engine::TableStore& store) const;

  // The runs there are, at start; halves that a crash left are removed.
  Result<std::map<TableId, OwedRun>> Find() const;
  // Gone for good on return. Absent is fine.
  Result<void> Remove(TableId table) const;

  std::string PathOf(TableId table) const { return directory_ + "/" + table.ToString(); }

 private:
  const std::string directory_;
  crypto::DataKeyProvider* const keys_;
};

}  // namespace tidemark::shard
