// ARCHIVE/LIST: which runs a shard's archive holds and up to where the log is in them: the commit
// point of sorting. A run that is not in the list does not exist; what is in it was durable before.
// Format: docs/formats/run.md.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "archive/run_format.h"
#include "crypto/data_key.h"

namespace tidemark::archive {

struct RunInfo {
  RunId id;
  log::Position from, to;    // [from, to)
  Timestamp first_commit{};  // of the changes in it
  Timestamp last_commit{};
  uint64_t bytes = 0;  // of the file
  bool operator==(const RunInfo&) const = default;
};

// A range of the log that was never sorted and cannot be: no instant whose restore would have to
// pass it can be restored.
struct Gap {
  log::Position from, to;  // [from, to)
  Bytes why;
  bool operator==(const Gap&) const = default;
};

// What went into runs of a table since its history is kept; only grows.
struct TableSums {
  uint64_t raw_bytes = 0;     // keys and values
  uint64_t stored_bytes = 0;  // of its sections
  Timestamp last_commit{};    // of its newest change of rows in a run
  bool operator==(const TableSums&) const = default;
};

struct RunList {
  log::Position mark;         // every frame before it is in a run, or needs not be, or is in a gap
  std::vector<RunInfo> runs;  // in log order
  std::vector<Gap> gaps;      // in log order
  std::map<TableId, TableSums> tables;
  bool operator==(const RunList&) const = default;
};

Bytes EncodeRunList(const RunList& list);
Result<RunList> ParseRunList(BytesView plain);  // kCorruption

// A missing file is an empty list with a mark of zero. kCorruption names the file.
Result<RunList> LoadRunList(const std::string& path, crypto::DataKeyProvider& keys);
// Durable on return.
Result<void> StoreRunList(const std::string& path, const RunList& list,
                          crypto::DataKeyProvider& keys);

}  // namespace tidemark::archive
