#include "index/changes.h"

#include <utility>

namespace tidemark::index {

Effect EffectOf(const Definition& index, const item::KeySchema& table, const Image* before,
                const Image* after) {
  std::optional<Row> old_row, new_row;
  if (before != nullptr) old_row = RowOf(index, table, *before);
  if (after != nullptr) new_row = RowOf(index, table, *after);
  Effect effect;
  const bool same_key = old_row && new_row && old_row->key == new_row->key;
  const bool same = same_key && old_row->value == new_row->value;
  if (index.deletes_only) {
    if (!old_row) return effect;
    effect.old_size = old_row->size;
    effect.rows.push_back({std::move(old_row->key), std::nullopt});
    return effect;
  }
  if ((!old_row && !new_row) || (same && !index.building)) return effect;

  effect.moves = old_row && new_row && !same_key;
  if (old_row) effect.old_size = old_row->size;
  if (new_row) effect.new_size = new_row->size;
  if (!index.building) {
    if (old_row) {
      effect.items -= 1;
      effect.bytes -= static_cast<int64_t>(old_row->size);
      effect.removed = item::HashRow(old_row->key, old_row->value);
    }
    if (new_row) {
      effect.items += 1;
      effect.bytes += static_cast<int64_t>(new_row->size);
      effect.added = item::HashRow(new_row->key, new_row->value);
    }
  }
  if (old_row && !same_key) effect.rows.push_back({std::move(old_row->key), std::nullopt});
  if (new_row) effect.rows.push_back({std::move(new_row->key), std::move(new_row->value)});
  return effect;
}

}  // namespace tidemark::index
