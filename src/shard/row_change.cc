#include "shard/row_change.h"

#include <utility>

#include "item/set_hash.h"

namespace tidemark::shard {

TableChange MakeChange(TableId table, Bytes key, const std::optional<Bytes>& old_row,
                       Mutation mutation) {
  TableChange change;
  change.table = table;
  change.delta.indexes = std::move(mutation.indexes);
  if (mutation.kind == Mutation::Kind::kKeep) {
    change.rows = std::move(mutation.index_rows);
    return change;
  }
  change.replaced_bytes = mutation.old_size;
  change.delta.bytes = -static_cast<int64_t>(mutation.old_size);
  if (old_row) {
    change.delta.items = -1;
    change.delta.removed = item::HashRow(key, *old_row);
  }
  RowImage row;
  if (mutation.kind == Mutation::Kind::kPut) {
    change.delta.items += 1;
    change.delta.bytes += static_cast<int64_t>(mutation.new_size);
    change.delta.added = item::HashRow(key, mutation.value);
    row.value = std::move(mutation.value);
  }
  row.key = std::move(key);
  change.rows.push_back(std::move(row));
  for (RowImage& index_row : mutation.index_rows) change.rows.push_back(std::move(index_row));
  return change;
}

}  // namespace tidemark::shard
