// A restored table is checked against numbers that the restore did not compute: the count, bytes
// and set-hash that the commit log recorded with the source's last change.
#pragma once
#include <functional>
#include <map>
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
  // kCorruption when the items, and the rows of the indexes `numbers`, add up to anything but
  // `expected`; says what differs, of `what`. Other indexes are left out.
  Result<void> Compare(std::string_view what, const std::vector<uint16_t>& numbers,
                       const shard::Totals& expected) const;

 private:
  shard::IndexTotals Of(uint16_t index) const;

  std::map<uint16_t, shard::IndexTotals> sums_;
};

// Lays rows over those of a store, and follows what its rows add up to; reads what is replaced.
Result<void> LayOver(const pitr::RowSource& rows, engine::TableStore& store, RowSums* sums);

// Told how many rows have been read, and now and then; what it returns ends the reading.
using RowsSoFar = std::function<Result<void>(uint64_t rows)>;
Result<RowSums> SumRows(engine::RowIterator& rows, const RowsSoFar& so_far);

}  // namespace tidemark::restore
