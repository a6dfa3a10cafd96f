// Expected, QueryFilter, ScanFilter, KeyConditions, AttributeUpdates and ConditionalOperator: from
// shapes to what expressions become, too (expr/legacy.h). All errors: kValidation with the
// service's texts. A parameter that is absent, or is empty and means nothing, gives nullopt.
#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/dynamodb/shapes_gen.h"
#include "base/result.h"
#include "expr/legacy.h"

namespace tidemark::api::dynamodb {

using ExpectedMap = std::vector<std::pair<std::string, ExpectedAttributeValue>>;
using ConditionMap = std::vector<std::pair<std::string, Condition>>;
using UpdateMap = std::vector<std::pair<std::string, AttributeValueUpdate>>;

// A parameter and whether the request has it.
struct Presence {
  std::string_view name;
  bool given;
};

// "Can not use both expression and non-expression parameters in the same request ...".
Result<void> CheckNotMixed(std::initializer_list<Presence> legacy,
                           std::initializer_list<Presence> expressions);

Result<std::optional<expr::Condition>> LowerExpected(
    std::optional<ExpectedMap> expected, std::optional<ConditionalOperator> conditional_operator);

Result<std::optional<expr::Condition>> LowerFilter(
    std::optional<ConditionMap> filter, std::optional<ConditionalOperator> conditional_operator);

Result<std::optional<expr::KeyTerms>> LowerKeyConditions(std::optional<ConditionMap> conditions);

Result<std::optional<expr::Update>> LowerAttributeUpdates(std::optional<UpdateMap> updates);

}  // namespace tidemark::api::dynamodb
