#include "restore/verify.h"

#include <algorithm>

#include "item/row_key.h"

namespace tidemark::restore {
namespace {

constexpr size_t kGottenTogether = 1024;  // then it is looked whether it has been given up

}  // namespace

Result<void> Overlay::Lay(std::span<const pitr::RowSource> parts) {
  std::vector<Part> followed(parts.size());
  std::vector<pitr::RowSource> sources;
  for (size_t i = 0; i < parts.size(); ++i) {
    sources.push_back(
        [this, &rows = parts[i], part = &followed[i]]() -> Result<std::optional<engine::RowWrite>> {
          TM_TRY(const auto row, rows());
          // At their end, while what they replace can still be read.
          TM_TRYV(row ? Follow(*row, part) : TakeOver(*part));
          return row;
        });
  }
  return store_.IngestParts(sources);
}

Result<void> Overlay::Follow(const engine::RowWrite& row, Part* part) {
  const uint16_t index = item::IndexOf(row.key);
  if (index != item::kPrimaryIndex && std::ranges::find(indexes_, index) == indexes_.end())
    return {};
  if (++rows_ > rows_max_) {
    part->keys = {};
    return {};
  }
  part->keys.emplace_back(row.key);
  return row.value ? part->laid.Add(row.key, *row.value) : Result<void>();
}

Result<void> Overlay::TakeOver(const Part& part) {
  pitr::RowSums replaced;
  const auto take = [&](BytesView key, BytesView value) { return replaced.Add(key, value); };
  for (std::span<const Bytes> rest = part.keys; !rest.empty();) {
    if (!sums()) return {};
    const size_t some = std::min(kGottenTogether, rest.size());
    TM_TRYV(store_.GetMany(rest.first(some), take));
    rest = rest.subspan(some);
  }
  const std::lock_guard lock(mutex_);
  sums_.Add(part.laid);
  sums_.Remove(replaced);
  return {};
}

}  // namespace tidemark::restore
