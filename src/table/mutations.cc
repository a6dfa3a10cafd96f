#include "table/mutations.h"

#include <memory>
#include <utility>

#include "index/changes.h"
#include "item/item_codec.h"
#include "item/item_size.h"
#include "table/capacity.h"
#include "table/expiry.h"
#include "table/index_rules.h"
#include "table/key_rules.h"

namespace tidemark::table {
namespace {

// `old_item`: what is there, decoded; an empty item where nothing is.
Result<void> CheckCondition(const WriteRules& rules, const item::Item& old_item,
                            const std::optional<Bytes>& old_row) {
  if (!rules.condition) return {};
  TM_TRY(const bool holds, rules.condition->Evaluate(old_item));
  if (holds) return {};
  Error error{ErrorKind::kConditionFailed, "The conditional request failed", nullptr};
  if (rules.on_condition_failure == ReturnOnConditionFailure::kAllOld && old_row)
    error.detail = std::make_shared<ConditionFailure>(AnswerItem(*old_row));
  return Fail(std::move(error));
}

// The same for writes that need the old item for nothing else: decoded only if there is a
// condition.
Result<void> CheckCondition(const WriteRules& rules, const std::optional<Bytes>& old_row) {
  if (!rules.condition) return {};
  item::Item old_item;
  if (old_row) {
    TM_TRY(old_item, item::DecodeItem(*old_row));
  }
  return CheckCondition(rules, old_item, old_row);
}

Result<uint64_t> SizeOf(const std::optional<Bytes>& row) {
  if (!row) return 0;
  return item::EncodedItemSize(*row);
}

// UPDATED_OLD and UPDATED_NEW: no Attributes at all where the item has none of the updated paths.
void AnswerTouched(const UpdatePlan& plan, const item::Item& item, WriteOutcome* outcome) {
  if (!plan.update) return;
  auto touched = plan.update->Touched(item);
  if (!touched.empty()) outcome->attributes.emplace(std::move(touched));
}

// The row that leads the sweeper to the item.
void MoveExpiry(const catalog::TableRecord& table, const index::Image* before,
                const index::Image* after, shard::Mutation* mutation) {
  if (table.ttl.attribute.empty()) return;
  auto old_row = before ? ExpiryRow(table, before->item) : std::nullopt;
  auto new_row = after ? ExpiryRow(table, after->item) : std::nullopt;
  if (old_row == new_row) return;
  if (old_row) mutation->index_rows.push_back({*std::move(old_row), std::nullopt});
  if (new_row) mutation->index_rows.push_back(MakeExpiryRow(*std::move(new_row)));
}

// Rows and totals of the table's indexes, as the change of the item from `before` to `after` (null:
// no item) moves them.
void ChangeIndexes(const catalog::TableRecord& table, const index::Image* before,
                   const index::Image* after, shard::Mutation* mutation, WriteOutcome* outcome) {
  for (const auto& index : table.indexes) {
    if (!index.IsKept()) continue;
    const uint16_t number = index.definition.number;
    auto effect = index::EffectOf(index.definition, table.keys, before, after);
    if (effect.rows.empty()) continue;
    outcome->indexes.push_back({index.name, index.local, IndexWriteUnits(effect)});
    for (auto& row : effect.rows)
      mutation->index_rows.push_back({std::move(row.key), std::move(row.value)});
    if (!index.definition.building)
      mutation->indexes.push_back(
          {number, effect.items, effect.bytes, effect.added, effect.removed});
  }
  MoveExpiry(table, before, after, mutation);
}

// The same where the item before is known by its stored form only.
Result<void> ChangeIndexes(const catalog::TableRecord& table, const std::optional<Bytes>& old_row,
                           const index::Image* after, shard::Mutation* mutation,
                           WriteOutcome* outcome) {
  if (!old_row) {
    ChangeIndexes(table, nullptr, after, mutation, outcome);
    return {};
  }
  TM_TRY(const item::Item old_item, item::DecodeItem(*old_row));
  const index::Image before{old_item, *old_row};
  ChangeIndexes(table, &before, after, mutation, outcome);
  return {};
}

}  // namespace

bool HasIndexRows(const catalog::TableRecord& table) {
  return !table.indexes.empty() || !table.ttl.attribute.empty();
}

Result<shard::Mutation> Evaluate(PutPlan& plan, const std::optional<Bytes>& old_row,
                                 WriteOutcome* outcome) {
  TM_TRYV(CheckCondition(plan.rules, old_row));
  shard::Mutation mutation;
  TM_TRY(mutation.old_size, SizeOf(old_row));
  mutation.new_size = plan.size;
  outcome->write_units = WriteUnits(mutation.old_size, mutation.new_size);
  if (plan.rules.return_values == ReturnValues::kAllOld && old_row)
    outcome->attributes.emplace(*old_row);
  if (old_row == plan.value) return mutation;
  mutation.kind = shard::Mutation::Kind::kPut;
  if (HasIndexRows(*plan.rules.table)) {
    const index::Image after{plan.item, plan.value};
    TM_TRYV(ChangeIndexes(*plan.rules.table, old_row, &after, &mutation, outcome));
  }
  mutation.value = std::move(plan.value);
  return mutation;
}

Result<shard::Mutation> Evaluate(const UpdatePlan& plan, const std::optional<Bytes>& old_row,
                                 WriteOutcome* outcome) {
  item::Item old_item;
  if (old_row) {
    TM_TRY(old_item, item::DecodeItem(*old_row));
  }
  TM_TRYV(CheckCondition(plan.rules, old_item, old_row));

  const item::Item& base = old_row ? old_item : plan.key;
  item::Item new_item;
  if (plan.update) {
    TM_TRY(new_item, plan.update->Apply(base, old_row.has_value()));
  } else {
    new_item = base;
  }
  shard::Mutation mutation;
  TM_TRY(mutation.old_size, SizeOf(old_row));
  mutation.new_size = item::ItemSize(new_item);
  TM_TRYV(CheckUpdatedSize(mutation.new_size));
  if (HasIndexRows(*plan.rules.table))
    TM_TRYV(CheckUpdatedIndexKeys(*plan.rules.table, old_row ? &old_item : nullptr, new_item));
  outcome->write_units = WriteUnits(mutation.old_size, mutation.new_size);

  // An update that only takes away makes no item where there was none; one without an expression
  // does.
  if (!old_row && plan.update && !plan.update->creates_item()) {
    mutation.new_size = 0;
    return mutation;
  }
  Bytes value = item::EncodeItem(new_item);
  switch (plan.rules.return_values) {
    case ReturnValues::kNone:
      break;
    case ReturnValues::kAllOld:
      if (old_row) outcome->attributes.emplace(*old_row);
      break;
    case ReturnValues::kAllNew:
      outcome->attributes.emplace(value);
      break;
    case ReturnValues::kUpdatedOld:
      AnswerTouched(plan, old_item, outcome);
      break;
    case ReturnValues::kUpdatedNew:
      AnswerTouched(plan, new_item, outcome);
      break;
  }
  if (old_row == value) return mutation;
  mutation.kind = shard::Mutation::Kind::kPut;
  if (HasIndexRows(*plan.rules.table)) {
    const index::Image before{old_item, old_row ? BytesView(*old_row) : BytesView()};
    const index::Image after{new_item, value};
    ChangeIndexes(*plan.rules.table, old_row ? &before : nullptr, &after, &mutation, outcome);
  }
  mutation.value = std::move(value);
  return mutation;
}

Result<shard::Mutation> Evaluate(const DeletePlan& plan, const std::optional<Bytes>& old_row,
                                 WriteOutcome* outcome) {
  TM_TRYV(CheckCondition(plan.rules, old_row));
  shard::Mutation mutation;
  TM_TRY(mutation.old_size, SizeOf(old_row));
  outcome->write_units = WriteUnits(mutation.old_size, 0);
  if (!old_row) return mutation;
  if (plan.rules.return_values == ReturnValues::kAllOld) outcome->attributes.emplace(*old_row);
  mutation.kind = shard::Mutation::Kind::kDelete;
  if (HasIndexRows(*plan.rules.table))
    TM_TRYV(ChangeIndexes(*plan.rules.table, old_row, nullptr, &mutation, outcome));
  return mutation;
}

Result<shard::Mutation> Evaluate(const CheckPlan& plan, const std::optional<Bytes>& old_row,
                                 WriteOutcome* outcome) {
  TM_TRYV(CheckCondition(plan.rules, old_row));
  TM_TRY(const uint64_t size, SizeOf(old_row));
  outcome->write_units = WriteUnits(size, 0);
  return shard::Mutation{};
}

Result<shard::Mutation> Evaluate(const ExpirePlan& plan, const std::optional<Bytes>& old_row,
                                 WriteOutcome* outcome) {
  if (old_row) {
    TM_TRY(const item::Item item, item::DecodeItem(*old_row));
    if (ExpiryRow(*plan.table, item) == plan.expiry_row) {
      const DeletePlan deletion{.rules = {.table = plan.table}};
      return Evaluate(deletion, old_row, outcome);
    }
  }
  shard::Mutation mutation;
  mutation.kind = shard::Mutation::Kind::kKeep;
  mutation.index_rows.push_back({plan.expiry_row, std::nullopt});
  return mutation;
}

}  // namespace tidemark::table
