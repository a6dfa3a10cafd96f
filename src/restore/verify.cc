#include "restore/verify.h"

#include "item/item_codec.h"
#include "item/row_key.h"

namespace tidemark::restore {
namespace {

constexpr uint64_t kRowsBetween = 1024;  // tellings of how far it is

// Of all rows that are to be read, how many there are, and were.
struct RowCount {
  uint64_t all = 0, read = 0;
  Progress& progress;

  Result<void> Step() {
    if (++read % kRowsBetween != 0 || all == 0) return {};
    return progress.Advance(static_cast<double>(read) / static_cast<double>(all));
  }
};

// What the rows of an index add up to; of the primary one as well.
Result<shard::IndexTotals> Sum(const engine::TableStore& store, uint16_t number, RowCount* count) {
  const item::KeyRange all = item::IndexRange(number, number);
  TM_TRY(auto rows, store.Scan({.begin = all.begin, .end = all.end, .fill_cache = false}));
  shard::IndexTotals found{number};
  for (; rows->Valid(); rows->Next()) {
    TM_TRY(const uint64_t size, item::EncodedItemSize(rows->value()));
    found.items += 1;
    found.bytes += size;
    found.hash += item::HashRow(rows->key(), rows->value());
    TM_TRYV(count->Step());
  }
  TM_TRYV(rows->status());
  return found;
}

Result<void> Compare(std::string_view what, const shard::IndexTotals& found,
                     const shard::IndexTotals& expected) {
  if (found == expected) return {};
  return Fail(ErrorKind::kCorruption,
              "{} holds {} items, {} bytes, set-hash {}; the source's log recorded {} items, {} "
              "bytes, set-hash {}",
              what, found.items, found.bytes, found.hash.ToHex(), expected.items, expected.bytes,
              expected.hash.ToHex());
}

}  // namespace

Result<void> VerifyTotals(const engine::TableStore& store, const std::vector<uint16_t>& numbers,
                          const shard::Totals& expected, Progress& progress) {
  RowCount count{.all = expected.items, .progress = progress};
  for (const uint16_t number : numbers) count.all += expected.OfIndex(number).items;
  TM_TRY(const auto items, Sum(store, item::kPrimaryIndex, &count));
  TM_TRYV(Compare("the restored table", items,
                  {item::kPrimaryIndex, expected.items, expected.bytes, expected.hash}));
  for (const uint16_t number : numbers) {
    TM_TRY(const auto rows, Sum(store, number, &count));
    TM_TRYV(Compare(fmt::format("index {} of the restored table", number), rows,
                    expected.OfIndex(number)));
  }
  return {};
}

}  // namespace tidemark::restore
