// The rows of the log's tail that a table has not been seen to hold: read at start, applied when
// the table is opened. Of each row only the newest version is kept, in log order.
//
// Why that is enough: changes hold final rows and absolute totals, so a table that is given the
// newest version of every row written since some position, and had everything up to that position,
// is at the end of the log, whatever else it held of what lies between.
//
// Not thread-safe.
#pragma once
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/table_store.h"
#include "log/position.h"
#include "shard/change.h"

namespace tidemark::shard {

class Backlog {
 public:
  Backlog() = default;
  Backlog(Backlog&&) = default;
  Backlog& operator=(Backlog&&) = default;

  // Takes over the rows of a change in the frame at `position`; positions never go back. A change
  // without rows is no debt.
  void Add(log::Position position, TableChange change);

  // Applies what lies behind `store.Flushed()`, in batches that end between frames. Everything
  // stays here, so a failure leaves the debt as it was. Waits while the store is busy, but not for
  // ever (kUnavailable). Errors: those of Apply.
  Result<void> ApplyTo(engine::TableStore& store) const;

  bool empty() const { return steps_.empty(); }
  uint64_t bytes() const { return bytes_; }         // of the rows kept
  log::Position first() const { return first_; }    // of the oldest frame that may be missing
  log::Position last() const { return last_; }      // of the newest
  const Totals& totals() const { return totals_; }  // of the table after `last`

 private:
  // What one frame left: rows_[begin] up to the next step's begin.
  struct Step {
    log::Position position;
    Totals totals;
    size_t begin = 0;
  };
  struct Row {
    RowImage image;
    bool superseded = false;  // then it is empty
  };

  void AddRow(RowImage image);
  void Compact();  // drops superseded rows
  size_t EndOf(size_t step) const;

  std::vector<Step> steps_;
  std::deque<Row> rows_;  // a deque: newest_ refers to the keys in it
  std::unordered_map<BytesView, size_t> newest_;
  size_t superseded_ = 0;
  uint64_t bytes_ = 0;
  log::Position first_, last_;
  Totals totals_;
};

}  // namespace tidemark::shard
