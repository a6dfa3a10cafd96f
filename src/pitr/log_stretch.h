// What the log holds of one table, stretch by stretch: read side by side, each sorted in memory.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "archive/byte_arena.h"
#include "archive/versions.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/ids.h"
#include "log/commit_log.h"
#include "shard/change.h"

namespace tidemark::pitr {

// Places that part the log from `from` on, as far as changes until `until` reach, into stretches of
// about `bytes`. The first is `from`; behind the last anything may follow.
std::vector<log::Position> StretchesOf(const log::CommitLog& log, log::Position from,
                                       Timestamp until, size_t bytes);

class LogStretch {
 public:
  // Rows of `table` as they are after the changes in [from, to) with commit times up to `until`;
  // `to` null: up to the durable end. `goes_on` is asked at each frame; its error ends the reading.
  // Errors: as a log::FrameReader's.
  static Result<LogStretch> Read(log::CommitLog& log, TableId table, log::Position from,
                                 std::optional<log::Position> to, Timestamp until,
                                 const std::function<Result<void>()>& goes_on);

  // The newest version of each row of it with a key in [begin, end), end empty: all. The stretch
  // must outlive the stream.
  std::unique_ptr<archive::VersionStream> Rows(const Bytes& begin, const Bytes& end) const;

  uint64_t changes() const { return changes_; }                           // row versions seen
  const std::optional<shard::Totals>& totals() const { return totals_; }  // after its last change
  size_t memory_bytes() const { return bytes_.memory_bytes() + rows_.capacity() * sizeof(Row); }
  bool ends_it() const { return ends_it_; }  // no later stretch has a change up to `until`

 private:
  struct Row {
    uint64_t key_begin;  // its first bytes, as a number: most comparisons end with them
    BytesView key;
    Timestamp time{};
    std::optional<BytesView> value;  // null: deleted
  };
  class RowStream;
  Result<void> Take(const log::Frame& frame, TableId table, Timestamp until);
  void Sort();

  archive::ByteArena bytes_;  // of the rows
  std::vector<Row> rows_;     // sorted by key once it is read
  uint64_t changes_ = 0;
  std::optional<shard::Totals> totals_;
  bool ends_it_ = false;
};

}  // namespace tidemark::pitr
