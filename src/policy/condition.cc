#include "policy/condition.h"

#include <algorithm>

#include "policy/operands.h"

namespace tidemark::policy {

namespace {

struct OperatorName {
  std::string_view name;
  Comparison comparison;
  Relation relation = Relation::kEqual;
  bool negated = false;
};

constexpr OperatorName kOperators[] = {
    {"StringEquals", Comparison::kString},
    {"StringNotEquals", Comparison::kString, Relation::kEqual, true},
    {"StringEqualsIgnoreCase", Comparison::kStringIgnoreCase},
    {"StringNotEqualsIgnoreCase", Comparison::kStringIgnoreCase, Relation::kEqual, true},
    {"StringLike", Comparison::kStringLike},
    {"StringNotLike", Comparison::kStringLike, Relation::kEqual, true},
    {"NumericEquals", Comparison::kNumeric},
    {"NumericNotEquals", Comparison::kNumeric, Relation::kEqual, true},
    {"NumericLessThan", Comparison::kNumeric, Relation::kLess},
    {"NumericLessThanEquals", Comparison::kNumeric, Relation::kLessOrEqual},
    {"NumericGreaterThan", Comparison::kNumeric, Relation::kGreater},
    {"NumericGreaterThanEquals", Comparison::kNumeric, Relation::kGreaterOrEqual},
    {"DateEquals", Comparison::kDate},
    {"DateNotEquals", Comparison::kDate, Relation::kEqual, true},
    {"DateLessThan", Comparison::kDate, Relation::kLess},
    {"DateLessThanEquals", Comparison::kDate, Relation::kLessOrEqual},
    {"DateGreaterThan", Comparison::kDate, Relation::kGreater},
    {"DateGreaterThanEquals", Comparison::kDate, Relation::kGreaterOrEqual},
    {"Bool", Comparison::kBool},
    {"BinaryEquals", Comparison::kBinary},
    {"IpAddress", Comparison::kIpAddress},
    {"NotIpAddress", Comparison::kIpAddress, Relation::kEqual, true},
    {"ArnEquals", Comparison::kArn},
    {"ArnNotEquals", Comparison::kArn, Relation::kEqual, true},
    {"ArnLike", Comparison::kArn},
    {"ArnNotLike", Comparison::kArn, Relation::kEqual, true},
    {"Null", Comparison::kNull},
};

bool TakePrefix(std::string_view prefix, std::string_view* text) {
  if (!text->starts_with(prefix)) return false;
  text->remove_prefix(prefix.size());
  return true;
}

template <class T>
bool Related(const T& value, Relation relation, const T& operand) {
  switch (relation) {
    case Relation::kEqual:
      return value == operand;
    case Relation::kLess:
      return value < operand;
    case Relation::kLessOrEqual:
      return value <= operand;
    case Relation::kGreater:
      return value > operand;
    case Relation::kGreaterOrEqual:
      return value >= operand;
  }
  return false;
}

// What the two texts stand for is related; false where one cannot be read.
template <class Read>
bool Compare(Read read, const std::string& value, Relation relation, const std::string& operand) {
  const auto left = read(value);
  const auto right = read(operand);
  return left && right && Related(*left, relation, *right);
}

bool Readable(Comparison comparison, const std::string& operand) {
  switch (comparison) {
    case Comparison::kNumeric:
      return ReadNumber(operand).has_value();
    case Comparison::kDate:
      return ReadDate(operand).has_value();
    case Comparison::kBool:
    case Comparison::kNull:
      return ReadBool(operand).has_value();
    case Comparison::kBinary:
      return ReadBinary(operand).has_value();
    case Comparison::kIpAddress:
      return ReadBlock(operand).has_value();
    default:
      return true;
  }
}

bool MatchesOne(const Operator& op, const std::string& value, const Pattern& operand) {
  switch (op.comparison) {
    case Comparison::kString:
      return value == operand.text();
    case Comparison::kStringIgnoreCase:
      return Lower(value) == Lower(operand.text());
    case Comparison::kStringLike:
      return operand.Matches(value);
    case Comparison::kNumeric:
      return Compare(ReadNumber, value, op.relation, operand.text());
    case Comparison::kDate:
      return Compare(ReadDate, value, op.relation, operand.text());
    case Comparison::kBool:
      return Compare(ReadBool, value, Relation::kEqual, operand.text());
    case Comparison::kBinary:
      return Compare(ReadBinary, value, Relation::kEqual, operand.text());
    case Comparison::kIpAddress: {
      const auto address = ReadBlock(value);
      const auto block = ReadBlock(operand.text());
      return address && block && block->Contains(*address);
    }
    case Comparison::kArn:
      return operand.MatchesArn(value);
    case Comparison::kNull:
      return false;
  }
  return false;
}

}  // namespace

std::optional<Operator> ParseOperator(std::string_view name) {
  Operator op;
  if (TakePrefix("ForAllValues:", &name)) {
    op.quantifier = Quantifier::kForAllValues;
  } else if (TakePrefix("ForAnyValue:", &name)) {
    op.quantifier = Quantifier::kForAnyValue;
  }
  if (name.ends_with("IfExists")) {
    op.if_exists = true;
    name.remove_suffix(std::string_view("IfExists").size());
  }
  const auto* known = std::ranges::find(kOperators, name, &OperatorName::name);
  if (known == std::end(kOperators)) return std::nullopt;
  op.comparison = known->comparison;
  op.relation = known->relation;
  op.negated = known->negated;
  if (op.comparison == Comparison::kNull && op.if_exists) return std::nullopt;
  return op;
}

std::optional<Condition> Condition::Make(Operator op, std::string_view key,
                                         const std::vector<std::string>& operands, bool variables) {
  Condition condition;
  condition.op_ = op;
  condition.key_ = FoldKey(key);
  const bool wildcards =
      op.comparison == Comparison::kStringLike || op.comparison == Comparison::kArn;
  for (const std::string& text : operands) {
    auto operand = Pattern::Parse(text, {wildcards, variables});
    if (!operand) return std::nullopt;
    if (operand->has_variables()) {
      condition.has_variables_ = true;
    } else if (!Readable(op.comparison, operand->text())) {
      return std::nullopt;
    }
    condition.operands_.push_back(*std::move(operand));
  }
  return condition;
}

bool Condition::HoldsFor(const std::string& value, const std::vector<Pattern>& operands) const {
  const bool any = std::ranges::any_of(
      operands, [&](const Pattern& operand) { return MatchesOne(op_, value, operand); });
  return any != op_.negated;
}

void Condition::AddVariables(std::set<std::string>* keys) const {
  for (const Pattern& operand : operands_) operand.AddVariables(keys);
}

bool Condition::IsNull(const Values* values) const {
  const bool absent = !values || values->empty();
  return std::ranges::any_of(
      operands_, [&](const Pattern& operand) { return ReadBool(operand.text()) == absent; });
}

bool Condition::NamesValues() const {
  const bool of_texts =
      op_.comparison == Comparison::kString || op_.comparison == Comparison::kStringIgnoreCase ||
      op_.comparison == Comparison::kStringLike || op_.comparison == Comparison::kArn;
  return of_texts && !op_.negated && !op_.if_exists && !has_variables_ &&
         op_.quantifier != Quantifier::kForAllValues &&
         std::ranges::none_of(operands_, &Pattern::has_wildcards);
}

bool Condition::Holds(const Context& context) const {
  const Values* values = context.Find(key_);
  if (op_.comparison == Comparison::kNull) return IsNull(values);
  if (!values || values->empty()) {
    if (op_.if_exists || op_.quantifier == Quantifier::kForAllValues) return true;
    return op_.quantifier == Quantifier::kNone && op_.negated;
  }
  std::vector<Pattern> expanded;
  if (has_variables_) {
    for (const Pattern& operand : operands_) {
      auto resolved = operand.Expand(context);
      if (resolved) {
        expanded.push_back(*std::move(resolved));
      } else if (op_.negated) {
        return false;  // "not equal to what nobody knows" is not known to be true
      }
    }
  }
  const auto& operands = has_variables_ ? expanded : operands_;
  const auto holds = [&](const std::string& value) { return HoldsFor(value, operands); };
  const bool every = op_.quantifier == Quantifier::kForAllValues ||
                     (op_.quantifier == Quantifier::kNone && op_.negated);
  return every ? std::ranges::all_of(*values, holds) : std::ranges::any_of(*values, holds);
}

}  // namespace tidemark::policy
