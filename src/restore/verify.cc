#include "restore/verify.h"

#include <algorithm>
#include <mutex>

#include "item/row_key.h"
#include "runtime/side_by_side.h"

namespace tidemark::restore {

Result<void> Overlay::Lay(const pitr::RowSource& rows) {
  return store_.Ingest([&]() -> Result<std::optional<engine::RowWrite>> {
    TM_TRY(const auto row, rows());
    if (row) {
      TM_TRYV(Follow(*row));
    } else {
      TM_TRYV(TakeOutReplaced());  // while they can still be read
    }
    return row;
  });
}

Result<void> Overlay::Follow(const engine::RowWrite& row) {
  const uint16_t index = item::IndexOf(row.key);
  if (index != item::kPrimaryIndex && std::ranges::find(indexes_, index) == indexes_.end())
    return {};
  if (++rows_ > rows_max_) {
    keys_ = {};
    return {};
  }
  keys_.emplace_back(row.key);
  return row.value ? sums_.Add(row.key, *row.value) : Result<void>();
}

Result<void> Overlay::TakeOutReplaced() {
  if (keys_.empty()) return {};
  std::mutex mutex;
  const size_t parts = runtime::PartsOfWork();
  TM_TRYV(runtime::SideBySide(parts, [&](size_t part) -> Result<void> {
    pitr::RowSums replaced;
    const size_t end = keys_.size() * (part + 1) / parts;
    for (size_t i = keys_.size() * part / parts; i < end; ++i) {
      TM_TRY(const auto old, store_.Get(keys_[i]));
      if (old) TM_TRYV(replaced.Add(keys_[i], *old));
    }
    const std::lock_guard lock(mutex);
    sums_.Remove(replaced);
    return {};
  }));
  keys_.clear();
  return {};
}

}  // namespace tidemark::restore
