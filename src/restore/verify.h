// A restored table is checked against numbers that the restore did not compute: the count, bytes
// and set-hash that the commit log recorded with the source's last change.
#pragma once
#include <algorithm>
#include <atomic>
#include <span>
#include <utility>
#include <vector>

#include "engine/table_store.h"
#include "pitr/replay.h"
#include "pitr/row_sums.h"
#include "shard/change.h"

namespace tidemark::restore {

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
        rows_max_(std::min(kRowsAnyway + begin.items / kItemsForARow, kRowsMost)),
        sums_(begin) {}

  Result<void> Lay(std::span<const pitr::RowSource> parts);
  const pitr::RowSums* sums() const {
    return rows_ > rows_max_ ? nullptr : &sums_;
  }  // null: given up

 private:
  static constexpr uint64_t kRowsAnyway = 1000, kItemsForARow = 8, kRowsMost = 1 << 20;
  struct Part {
    std::vector<Bytes> keys;  // in order
    pitr::RowSums laid;
  };

  Result<void> Follow(const engine::RowWrite& row, Part* part);
  Result<void> TakeOver(const std::vector<Part>& parts);

  engine::TableStore& store_;
  const std::vector<uint16_t> indexes_;
  const uint64_t rows_max_;
  std::atomic<uint64_t> rows_ = 0;
  pitr::RowSums sums_;  // of what lies in the store
};

}  // namespace tidemark::restore
