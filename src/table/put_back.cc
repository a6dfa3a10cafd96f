#include "table/put_back.h"

#include <utility>

#include "item/item_codec.h"
#include "item/item_size.h"
#include "table/index_rules.h"
#include "table/key_rules.h"
#include "table/mutations.h"

namespace tidemark::table {

Result<shard::Mutation> Evaluate(const PutBackPlan& plan, const std::optional<Bytes>& old_row,
                                 PutBackOutcome* outcome) {
  *outcome = PutBackOutcome::kAlready;
  if (old_row == plan.wanted) return shard::Mutation();
  *outcome = PutBackOutcome::kConflict;
  if (old_row != plan.expected) return shard::Mutation();
  *outcome = PutBackOutcome::kWritten;
  WriteOutcome ignored;
  if (!plan.wanted) {
    const DeletePlan deletion{.rules = {.table = plan.table}};
    return Evaluate(deletion, old_row, &ignored);
  }
  PutPlan put{.rules = {.table = plan.table}, .value = *plan.wanted};
  TM_TRY(put.item, item::DecodeItem(put.value));
  put.size = item::ItemSize(put.item);
  TM_TRYV(CheckPutSize(put.size));
  // Indexes may be younger than the item.
  TM_TRYV(CheckIndexKeys(*plan.table, put.item));
  return Evaluate(put, old_row, &ignored);
}

}  // namespace tidemark::table
