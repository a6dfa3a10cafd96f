// The parameters that came before expressions (Expected, QueryFilter, ScanFilter, KeyConditions,
// AttributeUpdates), lowered onto the trees of expressions: one evaluation serves both. Attribute
// names are literal and top-level.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "expr/condition.h"
#include "expr/key_condition.h"
#include "expr/update.h"
#include "item/attribute_value.h"

namespace tidemark::expr {

enum class LegacyOperator {
  kEq,
  kNe,
  kLe,
  kLt,
  kGe,
  kGt,
  kNotNull,
  kNull,
  kContains,
  kNotContains,
  kBeginsWith,
  kIn,
  kBetween,
};

// One entry of Expected, a filter or KeyConditions.
struct LegacyCondition {
  std::string attribute;
  LegacyOperator op = LegacyOperator::kEq;
  std::vector<item::AttributeValue> values;
};

std::string_view ToString(LegacyOperator op);  // "NOT_CONTAINS"

// The number and the types of a condition's values. Errors: kValidation with the service's texts.
Result<void> CheckLegacyCondition(const LegacyCondition& condition);

// `any`: one condition that holds is enough (ConditionalOperator OR). The conditions have passed
// the check above; there is at least one.
Condition LowerConditions(std::vector<LegacyCondition> conditions, bool any);

// KeyConditions, not yet held against a schema.
KeyTerms LowerKeyConditions(std::vector<LegacyCondition> conditions);

// One entry of AttributeUpdates.
struct LegacyUpdate {
  enum class Action { kPut, kAdd, kDelete };
  std::string attribute;
  Action action = Action::kPut;
  std::optional<item::AttributeValue> value;  // may be absent for kDelete only
};

// Errors: kValidation, for a missing value or one of a type the action does not take.
Result<Update> LowerUpdates(std::vector<LegacyUpdate> updates);

}  // namespace tidemark::expr
