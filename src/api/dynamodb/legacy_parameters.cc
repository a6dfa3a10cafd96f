#include "api/dynamodb/legacy_parameters.h"

#include <fmt/ranges.h>

namespace tidemark::api::dynamodb {

namespace {

template <class... Args>
Unexpected Invalid(fmt::format_string<Args...> format, Args&&... args) {
  return Fail(ErrorKind::kValidation, "One or more parameter values were invalid: {}",
              fmt::format(format, std::forward<Args>(args)...));
}

expr::LegacyOperator ToExpr(ComparisonOperator op) {
  switch (op) {
    case ComparisonOperator::kIn:
      return expr::LegacyOperator::kIn;
    case ComparisonOperator::kNull:
      return expr::LegacyOperator::kNull;
    case ComparisonOperator::kBetween:
      return expr::LegacyOperator::kBetween;
    case ComparisonOperator::kLt:
      return expr::LegacyOperator::kLt;
    case ComparisonOperator::kNotContains:
      return expr::LegacyOperator::kNotContains;
    case ComparisonOperator::kEq:
      return expr::LegacyOperator::kEq;
    case ComparisonOperator::kGt:
      return expr::LegacyOperator::kGt;
    case ComparisonOperator::kNotNull:
      return expr::LegacyOperator::kNotNull;
    case ComparisonOperator::kNe:
      return expr::LegacyOperator::kNe;
    case ComparisonOperator::kLe:
      return expr::LegacyOperator::kLe;
    case ComparisonOperator::kBeginsWith:
      return expr::LegacyOperator::kBeginsWith;
    case ComparisonOperator::kGe:
      return expr::LegacyOperator::kGe;
    case ComparisonOperator::kContains:
      return expr::LegacyOperator::kContains;
  }
  return expr::LegacyOperator::kEq;
}

Result<void> CheckConditionalOperator(std::optional<ConditionalOperator> given, size_t conditions) {
  if (!given || conditions > 1) return {};
  return Fail(ErrorKind::kValidation, "{}",
              conditions == 0 ? "ConditionalOperator cannot be used without Filter or Expected"
                              : "ConditionalOperator can only be used when Filter or Expected has "
                                "two or more elements");
}

// Which of its four members an entry of Expected may have together.
Result<void> CheckExpected(const std::string& attribute, const ExpectedAttributeValue& expected) {
  const auto& [value, exists, op, values] = expected;
  if (value && values) {
    return Invalid("Value and AttributeValueList cannot be used together for Attribute: {}",
                   attribute);
  }
  if (op) {
    if (exists) {
      return Invalid("Exists and ComparisonOperator cannot be used together for Attribute: {}",
                     attribute);
    }
    const bool takes_none = *op == ComparisonOperator::kNull || *op == ComparisonOperator::kNotNull;
    if (takes_none || value || values) return {};
    return Invalid(
        "Value or AttributeValueList must be used with ComparisonOperator: {} for Attribute: {}",
        expr::ToString(ToExpr(*op)), attribute);
  }
  if (values) {
    return Invalid(
        "AttributeValueList can only be used with a ComparisonOperator for Attribute: {}",
        attribute);
  }
  if (exists.value_or(true) && !value) {
    return Invalid("Value must be provided when Exists is {} for Attribute: {}",
                   exists ? "true" : "null", attribute);
  }
  if (!exists.value_or(true) && value) {
    return Invalid("Value cannot be used when Exists is false for Attribute: {}", attribute);
  }
  return {};
}

expr::LegacyCondition ToExpr(std::string attribute, ExpectedAttributeValue expected) {
  expr::LegacyCondition condition{std::move(attribute), expr::LegacyOperator::kEq, {}};
  if (expected.comparison_operator) {
    condition.op = ToExpr(*expected.comparison_operator);
  } else if (!expected.value) {
    condition.op = expr::LegacyOperator::kNull;
  }
  if (expected.attribute_value_list) condition.values = std::move(*expected.attribute_value_list);
  if (expected.value) condition.values.push_back(std::move(*expected.value));
  return condition;
}

Result<std::vector<expr::LegacyCondition>> ToConditions(ConditionMap given) {
  std::vector<expr::LegacyCondition> conditions;
  for (auto& [attribute, condition] : given) {
    auto& one = conditions.emplace_back();
    one.attribute = std::move(attribute);
    one.op = ToExpr(*condition.comparison_operator);
    if (condition.attribute_value_list) one.values = std::move(*condition.attribute_value_list);
    TM_TRYV(expr::CheckLegacyCondition(one));
  }
  return conditions;
}

}  // namespace

Result<void> CheckNotMixed(std::initializer_list<Presence> legacy,
                           std::initializer_list<Presence> expressions) {
  const auto names = [](std::initializer_list<Presence> list) {
    std::vector<std::string_view> given;
    for (const auto& one : list)
      if (one.given) given.push_back(one.name);
    return given;
  };
  const auto one = names(legacy), other = names(expressions);
  if (one.empty() || other.empty()) return {};
  return Fail(ErrorKind::kValidation,
              "Can not use both expression and non-expression parameters in the same request: "
              "Non-expression parameters: {{{}}} Expression parameters: {{{}}}",
              fmt::join(one, ", "), fmt::join(other, ", "));
}

Result<std::optional<expr::Condition>> LowerExpected(
    std::optional<ExpectedMap> expected, std::optional<ConditionalOperator> conditional_operator) {
  TM_TRYV(CheckConditionalOperator(conditional_operator, expected ? expected->size() : 0));
  if (!expected || expected->empty()) return std::nullopt;
  std::vector<expr::LegacyCondition> conditions;
  for (auto& [attribute, entry] : *expected) {
    TM_TRYV(CheckExpected(attribute, entry));
    conditions.push_back(ToExpr(std::move(attribute), std::move(entry)));
    TM_TRYV(expr::CheckLegacyCondition(conditions.back()));
  }
  return expr::LowerConditions(std::move(conditions),
                               conditional_operator == ConditionalOperator::kOr);
}

Result<std::optional<expr::Condition>> LowerFilter(
    std::optional<ConditionMap> filter, std::optional<ConditionalOperator> conditional_operator) {
  TM_TRYV(CheckConditionalOperator(conditional_operator, filter ? filter->size() : 0));
  if (!filter || filter->empty()) return std::nullopt;
  TM_TRY(auto conditions, ToConditions(std::move(*filter)));
  return expr::LowerConditions(std::move(conditions),
                               conditional_operator == ConditionalOperator::kOr);
}

Result<std::optional<expr::KeyTerms>> LowerKeyConditions(std::optional<ConditionMap> conditions) {
  if (!conditions) return std::nullopt;
  TM_TRY(auto checked, ToConditions(std::move(*conditions)));
  if (checked.empty()) {
    return Fail(ErrorKind::kValidation, "Conditions can be of length 1 or 2 only");
  }
  return expr::LowerKeyConditions(std::move(checked));
}

Result<std::optional<expr::Update>> LowerAttributeUpdates(std::optional<UpdateMap> updates) {
  if (!updates || updates->empty()) return std::nullopt;
  std::vector<expr::LegacyUpdate> lowered;
  for (auto& [attribute, update] : *updates) {
    if (attribute.empty()) return Fail(ErrorKind::kValidation, "Empty attribute name");
    auto& one = lowered.emplace_back();
    one.attribute = std::move(attribute);
    one.value = std::move(update.value);
    switch (update.action.value_or(AttributeAction::kPut)) {
      case AttributeAction::kPut:
        one.action = expr::LegacyUpdate::Action::kPut;
        break;
      case AttributeAction::kAdd:
        one.action = expr::LegacyUpdate::Action::kAdd;
        break;
      case AttributeAction::kDelete:
        one.action = expr::LegacyUpdate::Action::kDelete;
        break;
    }
  }
  TM_TRY(auto update, expr::LowerUpdates(std::move(lowered)));
  return std::optional<expr::Update>(std::move(update));
}

}  // namespace tidemark::api::dynamodb
