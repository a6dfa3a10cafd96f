#include "restore/indexes.h"

#include <algorithm>
#include <map>
#include <vector>

#include "index/row.h"
#include "item/item_codec.h"
#include "item/row_key.h"

namespace tidemark::restore {
namespace {

constexpr uint16_t kLastIndex = 0xFFFF;
constexpr uint64_t kItemsBetween = 1024;  // tellings of how far it is

Result<void> EraseIfAny(uint16_t first, uint16_t last, engine::TableStore& store) {
  if (first > last) return {};
  item::KeyRange range = item::IndexRange(first, last);
  if (range.end.empty()) range.end = Bytes(3, '\xFF');  // above every row key of the last index
  TM_TRY(const auto rows, store.Scan({.begin = range.begin, .end = range.end}));
  if (!rows->Valid()) return rows->status();
  return store.EraseRange(range.begin, range.end);
}

using SortedRows = std::map<Bytes, Bytes>;

Result<void> Ingest(const SortedRows& rows, engine::TableStore& store) {
  auto next = rows.begin();
  return store.Ingest([&]() -> Result<std::optional<engine::RowWrite>> {
    if (next == rows.end()) return std::nullopt;
    const auto& [key, value] = *next++;
    return engine::RowWrite{key, BytesView(value)};
  });
}

}  // namespace

Result<void> EraseOtherIndexes(const catalog::TableRecord& table, engine::TableStore& store) {
  std::vector<uint16_t> kept;
  for (const auto& index : table.indexes) {
    if (!index.definition.building) kept.push_back(index.definition.number);
  }
  std::ranges::sort(kept);
  uint32_t first = item::kFirstSecondaryIndex;
  for (const uint16_t number : kept) {
    if (first < number)
      TM_TRYV(EraseIfAny(static_cast<uint16_t>(first), static_cast<uint16_t>(number - 1), store));
    first = uint32_t{number} + 1;
  }
  if (first > kLastIndex) return {};
  return EraseIfAny(static_cast<uint16_t>(first), kLastIndex, store);
}

Result<void> BuildIndexes(const catalog::TableRecord& table, size_t portion_bytes,
                          engine::TableStore& store, Progress& progress, shard::Totals* totals) {
  std::vector<const index::Definition*> missing;
  for (const auto& index : table.indexes) {
    if (index.definition.building) missing.push_back(&index.definition);
  }
  if (missing.empty()) return {};
  const item::KeyRange all = item::IndexRange(item::kPrimaryIndex, item::kPrimaryIndex);
  TM_TRY(auto items, store.Scan({.begin = all.begin, .end = all.end, .fill_cache = false}));
  SortedRows rows;
  size_t bytes = 0;
  shard::TotalsDelta added;
  for (const auto* definition : missing) added.indexes.push_back({.index = definition->number});
  for (uint64_t read = 0; items->Valid(); items->Next()) {
    if (++read % kItemsBetween == 0 && totals->items > 0)
      TM_TRYV(progress.Advance(static_cast<double>(read) / static_cast<double>(totals->items)));
    TM_TRY(const item::Item item, item::DecodeItem(items->value()));
    for (size_t i = 0; i < missing.size(); ++i) {
      auto row = index::RowOf(*missing[i], table.keys, {item, items->value()});
      if (!row) continue;
      auto& delta = added.indexes[i];
      delta.items += 1;
      delta.bytes += static_cast<int64_t>(row->size);
      delta.added += item::HashRow(row->key, row->value);
      bytes += row->key.size() + row->value.size();
      rows.insert_or_assign(std::move(row->key), std::move(row->value));
    }
    if (bytes < portion_bytes) continue;
    TM_TRYV(Ingest(rows, store));
    rows.clear();
    bytes = 0;
  }
  TM_TRYV(items->status());
  if (!rows.empty()) TM_TRYV(Ingest(rows, store));
  Add(*totals, added);
  return {};
}

}  // namespace tidemark::restore
