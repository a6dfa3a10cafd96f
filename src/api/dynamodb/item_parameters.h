// The parameters that operations on items share: from shapes to table's requests.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "api/dynamodb/shapes_gen.h"
#include "base/result.h"
#include "table/requests.h"

namespace tidemark::api::dynamodb {

// AttributesToGet, the ancestor of ProjectionExpression, as one. Errors: kValidation when it meets
// any expression, or names an attribute twice.
Result<void> ProjectAttributes(const std::vector<std::string>& attributes,
                               table::Expressions* expressions);

// Moves the expression parameters that `Input` has out of it. Errors: as above.
template <class Input>
Result<table::Expressions> TakeExpressions(Input& input) {
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
  if constexpr (requires { input.attributes_to_get; }) {
    if (input.attributes_to_get) TM_TRYV(ProjectAttributes(*input.attributes_to_get, &taken));
  }
  return taken;
}

// Of an item to be stored: kValidation if an attribute has no name.
Result<void> CheckAttributeNames(const item::Item& item);

table::ReturnValues ToTable(std::optional<ReturnValue> value);
table::ReturnOnConditionFailure ToTable(std::optional<ReturnValuesOnConditionCheckFailure> value);
std::optional<table::Select> ToTable(std::optional<Select> value);
std::optional<uint32_t> ToTable(std::optional<int64_t> value);  // bounds are checked by the model

}  // namespace tidemark::api::dynamodb
