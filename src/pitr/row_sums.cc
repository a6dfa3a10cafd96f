#include "pitr/row_sums.h"

#include "item/item_codec.h"
#include "item/row_key.h"

namespace tidemark::pitr {
namespace {

constexpr uint64_t kRowsBetween = 1024;  // tellings of how far it is

shard::IndexTotals ItemsOf(const shard::Totals& totals) {
  return {item::kPrimaryIndex, totals.items, totals.bytes, totals.hash};
}

Result<void> CompareSums(std::string_view what, const shard::IndexTotals& found,
                         const shard::IndexTotals& expected) {
  if (found == expected) return {};
  return Fail(ErrorKind::kCorruption,
              "{} holds {} items, {} bytes, set-hash {}; the log recorded {} items, {} bytes, "
              "set-hash {}",
              what, found.items, found.bytes, found.hash.ToHex(), expected.items, expected.bytes,
              expected.hash.ToHex());
}

}  // namespace

RowSums::RowSums(const shard::Totals& totals) {
  sums_[item::kPrimaryIndex] = ItemsOf(totals);
  for (const auto& index : totals.indexes) sums_[index.index] = index;
}

Result<void> RowSums::Add(BytesView key, BytesView value) {
  TM_TRY(const uint64_t size, item::EncodedItemSize(value));
  shard::IndexTotals& sum = sums_[item::IndexOf(key)];
  sum.items += 1;
  sum.bytes += size;
  sum.hash += item::HashRow(key, value);
  return {};
}

void RowSums::Add(const RowSums& rows) {
  for (const auto& [index, more] : rows.sums_) {
    shard::IndexTotals& sum = sums_[index];
    sum.items += more.items;
    sum.bytes += more.bytes;
    sum.hash += more.hash;
  }
}

void RowSums::Remove(const RowSums& rows) {
  for (const auto& [index, less] : rows.sums_) {
    shard::IndexTotals& sum = sums_[index];
    sum.items -= less.items;
    sum.bytes -= less.bytes;
    sum.hash -= less.hash;
  }
}

shard::IndexTotals RowSums::Of(uint16_t index) const {
  const auto at = sums_.find(index);
  shard::IndexTotals sum = at == sums_.end() ? shard::IndexTotals() : at->second;
  sum.index = index;
  return sum;
}

Result<void> RowSums::CompareOne(std::string_view what, uint16_t index,
                                 const shard::Totals& expected) const {
  if (index == item::kPrimaryIndex) return CompareSums(what, Of(index), ItemsOf(expected));
  return CompareSums(fmt::format("index {} of {}", index, what), Of(index),
                     expected.OfIndex(index));
}

Result<void> RowSums::Compare(std::string_view what, const std::vector<uint16_t>& numbers,
                              const shard::Totals& expected) const {
  TM_TRYV(CompareOne(what, item::kPrimaryIndex, expected));
  for (const uint16_t number : numbers) TM_TRYV(CompareOne(what, number, expected));
  return {};
}

bool IsCounted(const catalog::IndexRecord& index) {
  return index.status == catalog::IndexStatus::kActive && !index.definition.building;
}

std::vector<uint16_t> CountedIndexes(const catalog::TableRecord& table) {
  std::vector<uint16_t> numbers{item::kPrimaryIndex};
  for (const auto& index : table.indexes) {
    if (IsCounted(index)) numbers.push_back(index.definition.number);
  }
  return numbers;
}

engine::ScanOptions RowsOf(uint16_t index) {
  item::KeyRange range = item::IndexRange(index, index);
  return {.begin = std::move(range.begin), .end = std::move(range.end), .fill_cache = false};
}

Result<void> AddRows(engine::RowIterator& rows, const RowsSoFar& so_far, RowSums* sums) {
  for (uint64_t read = 0; rows.Valid(); rows.Next()) {
    TM_TRYV(sums->Add(rows.key(), rows.value()));
    if (++read % kRowsBetween == 0) TM_TRYV(so_far(kRowsBetween));
  }
  return rows.status();
}

}  // namespace tidemark::pitr
