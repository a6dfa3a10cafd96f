// What of a table is not durable yet, told by the position rows that reached its files.
//
// A position row is written in one batch with the writes it speaks for, batches go to the memtables
// in order, and memtables become files in order. So if a file holds the row of position P, every
// write up to P is in the files: the row that can be read from files alone is a lower bound that
// cannot be too high. Between two rows the writes form a stretch; a stretch is dropped when a row
// at or after its end is found in the files.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>

#include "log/position.h"

namespace tidemark::engine {

// Not thread-safe.
class DirtyTrack {
 public:
  // A batch of `bytes` at `position` was applied; `with_row`: the position row was in it.
  void Add(log::Position position, uint64_t bytes, bool with_row);
  // The last Add, of `bytes` without a row, did not come to pass; no row has followed it.
  void TakeBack(uint64_t bytes);
  // A row alone was written: it speaks for everything applied so far.
  void AddRow(log::Position position);
  // The row of `position` was found in the files.
  void Flushed(log::Position position);
  // Everything is durable.
  void Clear();

  std::optional<log::Position> oldest() const;
  uint64_t bytes() const { return bytes_; }
  uint64_t bytes_since_row() const { return open_ ? open_->bytes : 0; }

 private:
  struct Stretch {
    log::Position first;
    log::Position last;  // that of the row at its end
    uint64_t bytes = 0;
    uint64_t batches = 0;
  };
  std::deque<Stretch> closed_;
  std::optional<Stretch> open_;
  uint64_t bytes_ = 0;
};

}  // namespace tidemark::engine
