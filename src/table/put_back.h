// Making a row again what it was, unless it has changed since: a write of a restore of items. Pure,
// called by the shard under the row's latch, as what writes of requests do (mutations.h).
#pragma once
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "catalog/catalog.h"
#include "shard/shard.h"

namespace tidemark::table {

struct PutBackPlan {
  // As the write finds it; kept until it is answered, as WriteRules::table.
  catalog::TablePtr table;
  // The row in its stored form; none: no row. Never equal.
  std::optional<Bytes> expected;  // what it must be now
  std::optional<Bytes> wanted;    // what it is to become
};

enum class PutBackOutcome {
  kConflict,  // the row is neither: left alone
  kAlready,   // it is what is wanted
  kWritten,
};

// Index rows, expiry and totals move as with any write. Errors: kValidation (the table does not
// take such an item any more, for the key of an index), kCorruption.
Result<shard::Mutation> Evaluate(const PutBackPlan& plan, const std::optional<Bytes>& old_row,
                                 PutBackOutcome* outcome);

}  // namespace tidemark::table
