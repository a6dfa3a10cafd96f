#include "restore/verify.h"

#include "item/item_codec.h"
#include "item/row_key.h"

namespace tidemark::restore {

Result<void> VerifyTotals(const engine::TableStore& store, const shard::Totals& expected) {
  const item::KeyRange all = item::SegmentRange(item::kPrimaryIndex, 0, 1);
  TM_TRY(auto rows, store.Scan({.begin = all.begin, .end = all.end, .fill_cache = false}));
  shard::Totals found;
  for (; rows->Valid(); rows->Next()) {
    TM_TRY(const uint64_t size, item::EncodedItemSize(rows->value()));
    found.items += 1;
    found.bytes += size;
    found.hash += item::HashRow(rows->key(), rows->value());
  }
  TM_TRYV(rows->status());
  if (found != expected) {
    return Fail(ErrorKind::kCorruption,
                "the restored table holds {} items, {} bytes, set-hash {}; the source's log "
                "recorded {} items, "
                "{} bytes, set-hash {}",
                found.items, found.bytes, found.hash.ToHex(), expected.items, expected.bytes,
                expected.hash.ToHex());
  }
  return {};
}

}  // namespace tidemark::restore
