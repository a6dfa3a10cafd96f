// What PutItem, UpdateItem, DeleteItem and ConditionCheck do to a row, given what is in it: pure,
// called by the shard under the row's latch (shard::Evaluate). Each plan is used for one write.
//
// A write that leaves the row's bytes as they were becomes no change at all: nothing is logged, and
// history shows nothing, as the service's streams do.
#pragma once
#include <optional>
#include <type_traits>
#include <vector>

#include "base/bytes.h"
#include "catalog/catalog.h"
#include "expr/condition.h"
#include "expr/update.h"
#include "item/attribute_value.h"
#include "shard/shard.h"
#include "table/requests.h"

namespace tidemark::table {

// What all have.
struct WriteRules {
  // The table as the write finds it. Kept until the write is answered: whoever adds or removes an
  // index waits until nobody holds the table as it was.
  catalog::TablePtr table;
  std::optional<expr::Condition> condition;
  ReturnValues return_values = ReturnValues::kNone;
  ReturnOnConditionFailure on_condition_failure = ReturnOnConditionFailure::kNone;
};

// What the answer needs to know of an evaluated write.
struct WriteOutcome {
  std::optional<AnswerItem> attributes;
  double write_units = 1;
  std::vector<IndexCapacity> indexes;  // those it writes to
};

struct PutPlan {
  WriteRules rules;
  item::Item item;    // where there are index rows
  Bytes value;        // the encoded item; moved into the mutation
  uint64_t size = 0;  // by DynamoDB's rules
};

struct UpdatePlan {
  WriteRules rules;
  std::optional<expr::Update> update;  // none: only makes sure that the item is there
  item::Item key;
};

struct DeletePlan {
  WriteRules rules;
};

// Of a transaction: changes nothing.
struct CheckPlan {
  WriteRules rules;
};

// Of the sweeper: deletes the item if it still is to go at the time its expiry row says; removes
// the row alone otherwise.
struct ExpirePlan {
  catalog::TablePtr table;
  Bytes expiry_row;
};

// Whether the write can make an item larger.
template <class Plan>
constexpr bool MayGrow(const Plan&) {
  return std::is_same_v<Plan, PutPlan> || std::is_same_v<Plan, UpdatePlan>;
}

// Whether changes of items move further rows: then plans need the item they put.
bool HasIndexRows(const catalog::TableRecord& table);

// Errors: kConditionFailed, kValidation (operands, the size of the result), kCorruption (the stored
// item).
Result<shard::Mutation> Evaluate(PutPlan& plan, const std::optional<Bytes>& old_row,
                                 WriteOutcome* outcome);
Result<shard::Mutation> Evaluate(const UpdatePlan& plan, const std::optional<Bytes>& old_row,
                                 WriteOutcome* outcome);
Result<shard::Mutation> Evaluate(const DeletePlan& plan, const std::optional<Bytes>& old_row,
                                 WriteOutcome* outcome);
Result<shard::Mutation> Evaluate(const CheckPlan& plan, const std::optional<Bytes>& old_row,
                                 WriteOutcome* outcome);
Result<shard::Mutation> Evaluate(const ExpirePlan& plan, const std::optional<Bytes>& old_row,
                                 WriteOutcome* outcome);

}  // namespace tidemark::table
