// From what `evaluate` decided about a row to what the log is given.
#pragma once
#include <optional>

#include "shard/change.h"
#include "shard/open_table.h"
#include "shard/shard.h"

namespace tidemark::shard {

// Whether the mutation has to be logged at all.
inline bool HasEffect(const Mutation& mutation, const std::optional<Bytes>& old_row) {
  switch (mutation.kind) {
    case Mutation::Kind::kNothing:
      return false;
    case Mutation::Kind::kPut:
      return true;
    case Mutation::Kind::kDelete:
      return old_row || !mutation.index_rows.empty();
    case Mutation::Kind::kKeep:
      return !mutation.index_rows.empty();
  }
  return true;
}

// The change that `mutation` makes of a row, with what it does to the table's totals.
TableChange MakeChange(const OpenTable& table, Bytes key, const std::optional<Bytes>& old_row,
                       Mutation mutation);

}  // namespace tidemark::shard
