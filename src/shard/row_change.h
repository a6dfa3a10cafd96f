// From what `evaluate` decided about a row to what the log is given.
#pragma once
#include <optional>

#include "shard/change.h"
#include "shard/shard.h"

namespace tidemark::shard {

// Whether the mutation has to be logged at all.
inline bool HasEffect(const Mutation& mutation, const std::optional<Bytes>& old_row) {
  if (mutation.kind == Mutation::Kind::kNothing) return false;
  return mutation.kind == Mutation::Kind::kPut || old_row || !mutation.index_rows.empty();
}

// The change that `mutation` makes of a row, with what it does to the table's totals.
TableChange MakeChange(TableId table, Bytes key, const std::optional<Bytes>& old_row,
                       Mutation mutation);

}  // namespace tidemark::shard
