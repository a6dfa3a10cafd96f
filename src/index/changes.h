// What the change of one item does to a secondary index. Pure: given the item before and after.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "index/row.h"
#include "item/set_hash.h"

namespace tidemark::index {

// The final state of one row: a value, or none when it goes.
struct RowWrite {
  Bytes key;
  std::optional<Bytes> value;
};

struct Effect {
  std::vector<RowWrite> rows;  // none: the index stays as it is
  // Sizes of the rows before and after; none: there is no row. They tell what a write costs.
  std::optional<uint64_t> old_size, new_size;
  bool moves = false;  // from one key to another
  // By how much the index's totals move; nothing while it is being built.
  int64_t items = 0;
  int64_t bytes = 0;
  item::SetHash added, removed;
};

// `before`, `after`: null where there is no item. A row that stays as it is is not written, but
// where it may be missing.
Effect EffectOf(const Definition& index, const item::KeySchema& table, const Image* before,
                const Image* after);

}  // namespace tidemark::index
