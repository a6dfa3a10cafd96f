#include "shard/row_change.h"

#include <utility>

#include "item/set_hash.h"

namespace tidemark::shard {

namespace {

// What the table's stream, if it has one, shows of the change.
std::optional<StreamNote> MakeNote(StreamCapture capture, const std::optional<Bytes>& old_row,
                                   const std::optional<Bytes>& new_row) {
  if (capture == StreamCapture::kOff || old_row == new_row) return std::nullopt;
  StreamNote note;
  note.old_kept = capture == StreamCapture::kWithOldImages;
  if (note.old_kept) note.old = old_row;
  return note;
}

}  // namespace

TableChange MakeChange(const OpenTable& table, Bytes key, const std::optional<Bytes>& old_row,
                       Mutation mutation) {
  TableChange change;
  change.table = table.id();
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
  change.stream = MakeNote(table.capture(), old_row, row.value);
  row.key = std::move(key);
  change.rows.push_back(std::move(row));
  for (RowImage& index_row : mutation.index_rows) change.rows.push_back(std::move(index_row));
  return change;
}

}  // namespace tidemark::shard
