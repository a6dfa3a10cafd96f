#include "restore/verify.h"

#include <algorithm>

#include "item/row_key.h"

namespace tidemark::restore {

Result<void> Overlay::Lay(const pitr::RowSource& rows) {
  return store_.Ingest([&]() -> Result<std::optional<engine::RowWrite>> {
    TM_TRY(const auto row, rows());
    if (row) TM_TRYV(Follow(*row));
    return row;
  });
}

Result<void> Overlay::Follow(const engine::RowWrite& row) {
  const uint16_t index = item::IndexOf(row.key);
  if (index != item::kPrimaryIndex && std::ranges::find(indexes_, index) == indexes_.end())
    return {};
  if (++rows_ > rows_max_) return {};
  TM_TRY(const auto old, store_.Get(row.key));
  if (old) TM_TRYV(sums_.Remove(row.key, *old));
  if (row.value) TM_TRYV(sums_.Add(row.key, *row.value));
  return {};
}

}  // namespace tidemark::restore
