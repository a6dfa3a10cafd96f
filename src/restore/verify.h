// A restored table is checked against numbers that the restore did not compute: the count, bytes
// and set-hash that the commit log recorded with the source's last change.
#pragma once
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "engine/table_store.h"
#include "pitr/replay.h"
#include "shard/change.h"

namespace tidemark::restore {

// What rows add up to, index by index; the primary one as well.
class RowSums {
 public:
  RowSums() = default;
  explicit RowSums(const shard::Totals& totals);

  Result<void> Add(BytesView key, BytesView value);     // kCorruption: the value is no item
  Result<void> Remove(BytesView key, BytesView value);  // likewise
  // kCorruption when the items, or the rows of an index, add up to anything but `expected`; says
  // what differs, of `what`.
  Result<void> CompareOne(std::string_view what, uint16_t index,
                          const shard::Totals& expected) const;
  // The same of the items and of the indexes `numbers`; others are left out.
  Result<void> Compare(std::string_view what, const std::vector<uint16_t>& numbers,
                       const shard::Totals& expected) const;

 private:
  shard::IndexTotals Of(uint16_t index) const;

  std::map<uint16_t, shard::IndexTotals> sums_;
};

// Lays rows over those of a store, portion by portion, and follows what its rows add up to. It
// reads what is replaced, row by row, which is dearer than to read a table as it lies: where many
// rows are laid, it gives up.
class Overlay {
 public:
  // `indexes`: those that are followed, beside the items; other rows hold what is no item. `begin`:
  // what the store's rows add up to.
  Overlay(engine::TableStore& store, std::vector<uint16_t> indexes, const shard::Totals& begin)
      : store_(store),
        indexes_(std::move(indexes)),
        sums_(begin),
        rows_max_(kRowsAnyway + begin.items / kItemsForARow) {}

  Result<void> Lay(const pitr::RowSource& rows);
  const RowSums* sums() const { return rows_ > rows_max_ ? nullptr : &sums_; }  // null: given up

 private:
  static constexpr uint64_t kRowsAnyway = 1000, kItemsForARow = 8;

  Result<void> Follow(const engine::RowWrite& row);

  engine::TableStore& store_;
  const std::vector<uint16_t> indexes_;
  RowSums sums_;
  const uint64_t rows_max_;
  uint64_t rows_ = 0;
};

// The rows of one index, or the items.
engine::ScanOptions RowsOf(uint16_t index);

// Told now and then, with how many rows have been read since; what it returns ends the reading.
using RowsSoFar = std::function<Result<void>(uint64_t rows)>;
Result<void> AddRows(engine::RowIterator& rows, const RowsSoFar& so_far, RowSums* sums);

}  // namespace tidemark::restore
