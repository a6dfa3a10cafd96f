// What rows add up to: count, bytes and set-hash, to be compared with what the commit log recorded
// with a table's last change, which nobody who moves rows has computed.
#pragma once
#include <functional>
#include <map>
#include <string_view>
#include <vector>

#include "catalog/table_record.h"
#include "engine/table_store.h"
#include "shard/change.h"

namespace tidemark::pitr {

// What rows add up to, index by index; the primary one as well.
class RowSums {
 public:
  RowSums() = default;
  explicit RowSums(const shard::Totals& totals);

  Result<void> Add(BytesView key, BytesView value);  // kCorruption: the value is no item
  void Add(const RowSums& rows);
  void Remove(const RowSums& rows);
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

// What can be compared: the items, and the indexes whose rows are all there.
bool IsCounted(const catalog::IndexRecord& index);
std::vector<uint16_t> CountedIndexes(const catalog::TableRecord& table);

// The rows of one index, or the items.
engine::ScanOptions RowsOf(uint16_t index);

// Told now and then, with how many rows have been read since; what it returns ends the reading.
using RowsSoFar = std::function<Result<void>(uint64_t rows)>;
Result<void> AddRows(engine::RowIterator& rows, const RowsSoFar& so_far, RowSums* sums);

}  // namespace tidemark::pitr
