// The parameters that operations on items share: from shapes to table's requests.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/dynamodb/legacy_parameters.h"
#include "api/dynamodb/shapes_gen.h"
#include "api/wire/value_faults.h"
#include "base/result.h"
#include "table/requests.h"

namespace tidemark::api::dynamodb {

// kValidation if AttributesToGet names an attribute twice.
Result<void> CheckAttributesToGet(const std::optional<std::vector<std::string>>& attributes);

// Moves the expression parameters that `Input` has out of it.
template <class Input>
table::Expressions TakeTexts(Input& input) {
  table::Expressions taken;
  if constexpr (requires { input.condition_expression; })
    taken.condition = std::move(input.condition_expression);
  if constexpr (requires { input.filter_expression; })
    taken.filter = std::move(input.filter_expression);
  if constexpr (requires { input.projection_expression; })
    taken.projection = std::move(input.projection_expression);
  if constexpr (requires { input.update_expression; })
    taken.update = std::move(input.update_expression);
  if constexpr (requires { input.key_condition_expression; })
    taken.key_condition = std::move(input.key_condition_expression);
  if (input.expression_attribute_names) {
    taken.names_given = true;
    taken.names = std::move(*input.expression_attribute_names);
  }
  if constexpr (requires { input.expression_attribute_values; }) {
    if (input.expression_attribute_values) {
      taken.values_given = true;
      taken.values = std::move(*input.expression_attribute_values);
    }
  }
  return taken;
}

// The expressions and older parameters of PutItem, UpdateItem and DeleteItem, checked in the order
// in which the service looks at a request. `faults`: what the parser noted of attribute values;
// `values`: the member with the item or the key, which is looked at in between. Errors:
// kValidation.
template <class Input>
Result<table::Expressions> TakeWriteExpressions(Input& input, const wire::ValueFaults& faults,
                                                std::string_view values) {
  auto taken = TakeTexts(input);
  constexpr bool kUpdates = requires { input.attribute_updates; };
  bool has_updates = false;
  if constexpr (kUpdates) has_updates = input.attribute_updates.has_value();
  TM_TRYV(CheckNotMixed({{"AttributeUpdates", has_updates},
                         {"Expected", input.expected.has_value()},
                         {"ConditionalOperator", input.conditional_operator.has_value()}},
                        {{"UpdateExpression", taken.update.has_value()},
                         {"ConditionExpression", taken.condition.has_value()}}));
  TM_TRYV(faults.Check(values));
  if constexpr (kUpdates) {
    TM_TRYV(faults.Check("AttributeUpdates"));
    TM_TRY(taken.legacy.update, LowerAttributeUpdates(std::move(input.attribute_updates)));
  }
  TM_TRYV(faults.Check("Expected"));
  TM_TRY(taken.legacy.condition,
         LowerExpected(std::move(input.expected), input.conditional_operator));
  TM_TRYV(faults.CheckAll());
  return taken;
}

// The same of GetItem and of one table of BatchGetItem.
template <class Input>
Result<table::Expressions> TakeReadExpressions(Input& input) {
  auto taken = TakeTexts(input);
  TM_TRYV(CheckNotMixed({{"AttributesToGet", input.attributes_to_get.has_value()}},
                        {{"ProjectionExpression", taken.projection.has_value()}}));
  TM_TRYV(CheckAttributesToGet(input.attributes_to_get));
  taken.legacy.attributes_to_get = std::move(input.attributes_to_get);
  return taken;
}

// Of an item to be stored: kValidation if an attribute has no name.
Result<void> CheckAttributeNames(const item::Item& item);

table::ReturnValues ToTable(std::optional<ReturnValue> value);
table::ReturnOnConditionFailure ToTable(std::optional<ReturnValuesOnConditionCheckFailure> value);
std::optional<table::Select> ToTable(std::optional<Select> value);
std::optional<uint32_t> ToTable(std::optional<int64_t> value);  // bounds are checked by the model

}  // namespace tidemark::api::dynamodb
