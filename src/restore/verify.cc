#include "restore/verify.h"

#include <algorithm>

#include "item/row_key.h"
#include "runtime/side_by_side.h"

namespace tidemark::restore {
namespace {

constexpr size_t kGottenTogether = 1024;

}  // namespace

Result<void> Overlay::Lay(std::span<const pitr::RowSource> parts) {
  std::vector<Part> followed(parts.size());
  std::vector<pitr::RowSource> sources;
  for (size_t i = 0; i < parts.size(); ++i) {
    sources.push_back(
        [this, &rows = parts[i], part = &followed[i]]() -> Result<std::optional<engine::RowWrite>> {
          TM_TRY(const auto row, rows());
          if (row) TM_TRYV(Follow(*row, part));
          return row;
        });
  }
  return store_.IngestParts(sources, [&] { return TakeOver(followed); });
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

// In pieces, so that no core is left without work while another has some.
Result<void> Overlay::TakeOver(const std::vector<Part>& parts) {
  if (!sums()) return {};
  std::vector<std::span<const Bytes>> pieces;
  for (const Part& part : parts) {
    for (std::span<const Bytes> rest = part.keys; !rest.empty();) {
      pieces.push_back(rest.first(std::min(kGottenTogether, rest.size())));
      rest = rest.subspan(pieces.back().size());
    }
  }
  std::vector<pitr::RowSums> replaced(pieces.size());
  TM_TRYV(runtime::SideBySide(pieces.size(), [&](size_t i) {
    return store_.GetMany(
        pieces[i], [&](BytesView key, BytesView value) { return replaced[i].Add(key, value); });
  }));
  for (const Part& part : parts) sums_.Add(part.laid);
  for (const pitr::RowSums& some : replaced) sums_.Remove(some);
  return {};
}

}  // namespace tidemark::restore
