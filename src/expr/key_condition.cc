#include "expr/key_condition.h"

#include <algorithm>
#include <utility>

#include "expr/ast.h"
#include "expr/compare.h"
#include "expr/trees.h"

namespace tidemark::expr {
namespace {

template <class... Args>
Unexpected Refuse(fmt::format_string<Args...> format, Args&&... args) {
  return Fail(ErrorKind::kValidation, format, std::forward<Args>(args)...);
}

std::optional<std::string_view> UnusableOperator(const Node& node) {
  switch (node.kind) {
    case NodeKind::kOr:
      return "OR";
    case NodeKind::kNot:
      return "NOT";
    case NodeKind::kIn:
      return "IN";
    case NodeKind::kCompare:
      if (node.comparator == Comparator::kNe) return "<>";
      return std::nullopt;
    case NodeKind::kCall:
      if (node.function == Function::kBeginsWith || node.function == Function::kSize) {
        return std::nullopt;
      }
      return InfoOf(node.function).name;
    default:
      return std::nullopt;
  }
}

SortOperator ToSortOperator(Comparator comparator, bool reversed) {
  switch (comparator) {
    case Comparator::kLt:
      return reversed ? SortOperator::kGt : SortOperator::kLt;
    case Comparator::kLe:
      return reversed ? SortOperator::kGe : SortOperator::kLe;
    case Comparator::kGt:
      return reversed ? SortOperator::kLt : SortOperator::kGt;
    case Comparator::kGe:
      return reversed ? SortOperator::kLe : SortOperator::kGe;
    default:
      return SortOperator::kEq;
  }
}

// Finds the one attribute of a comparison; fails as the service does, at the first fault from the
// left.
Result<size_t> FindAttribute(const Node& node) {
  std::optional<size_t> attribute;
  for (size_t i = 0; i < node.args.size(); ++i) {
    const Node& arg = *node.args[i];
    if (arg.kind == NodeKind::kCall) {
      return Refuse(
          "Invalid KeyConditionExpression: KeyConditionExpressions cannot contain nested "
          "operations");
    }
    if (arg.kind != NodeKind::kPath) continue;
    if (attribute) {
      return Refuse(
          "Invalid condition in KeyConditionExpression: Multiple attribute names used in one "
          "condition");
    }
    if (arg.path.size() > 1) {
      return Refuse(
          "Invalid KeyConditionExpression: KeyConditionExpressions cannot have conditions on "
          "nested attributes");
    }
    attribute = i;
  }
  if (!attribute) {
    return Refuse("Invalid condition in KeyConditionExpression: No key attribute specified");
  }
  return *attribute;
}

// Adds the terms of `node` and below.
Result<void> Gather(const Node& node, KeyTerms* terms) {
  if (auto unusable = UnusableOperator(node)) {
    return Refuse("Invalid operator used in KeyConditionExpression: {}", *unusable);
  }
  if (node.kind == NodeKind::kAnd) {
    for (const NodePtr& arg : node.args) TM_TRYV(Gather(*arg, terms));
    return {};
  }
  bool first_must_be_path = node.kind != NodeKind::kCompare;
  if (first_must_be_path && node.args[0]->kind != NodeKind::kPath) {
    return Refuse(
        "Invalid condition in KeyConditionExpression: {} operator must have the key attribute as "
        "its first operand",
        node.kind == NodeKind::kBetween ? "BETWEEN" : "begins_with");
  }
  TM_TRY(size_t attribute, FindAttribute(node));
  const std::string& name = std::get<std::string>(node.args[attribute]->path.front());
  if (std::ranges::find(*terms, name, &KeyTerm::attribute) != terms->end()) {
    return Refuse(
        "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition "
        "per key");
  }
  KeyTerm& term = terms->emplace_back();
  term.attribute = name;
  term.low = node.args[attribute == 0 ? 1 : 0]->value;
  if (node.kind == NodeKind::kBetween) {
    term.op = SortOperator::kBetween;
    term.high = node.args[2]->value;
  } else if (node.kind == NodeKind::kCall) {
    term.op = SortOperator::kBeginsWith;
  } else {
    term.op = ToSortOperator(node.comparator, attribute != 0);
  }
  return {};
}

bool IsEmpty(const item::AttributeValue& value) {
  if (const auto* text = value.As<std::string>()) return text->empty();
  const auto* binary = value.As<item::Binary>();
  return binary != nullptr && binary->bytes.empty();
}

Result<void> CheckTerm(const KeyTerm& term, const item::KeyAttribute& key) {
  if (!term.op) return Refuse("Attempted conditional constraint is not an indexable operation");
  for (const item::AttributeValue* value : {&term.low, term.high ? &*term.high : nullptr}) {
    if (value == nullptr) continue;
    if (value->type() != key.type) {
      return Refuse(
          "One or more parameter values were invalid: Condition parameter type does not match "
          "schema type");
    }
    if (IsEmpty(*value)) {
      return Refuse(
          "One or more parameter values are not valid. The AttributeValue for a key attribute "
          "cannot contain an empty {} value. Key: {}",
          key.type == item::Type::kString ? "string" : "binary", key.name);
    }
  }
  return {};
}

std::string_view OperatorName(SortOperator op) {
  switch (op) {
    case SortOperator::kEq:
      return "=";
    case SortOperator::kLt:
      return "<";
    case SortOperator::kLe:
      return "<=";
    case SortOperator::kGt:
      return ">";
    case SortOperator::kGe:
      return ">=";
    case SortOperator::kBetween:
      return "between";
    case SortOperator::kBeginsWith:
      return "begins_with";
  }
  return "";
}

}  // namespace

Result<KeyTerms> KeyCondition::ParseTerms(std::string_view text, Placeholders& placeholders) {
  TM_TRY(NodePtr root, ParseResolvedCondition(text, placeholders, "KeyConditionExpression"));
  KeyTerms terms;
  TM_TRYV(Gather(*root, &terms));
  return terms;
}

Result<KeyCondition> KeyCondition::Match(KeyTerms terms, const item::KeySchema& schema) {
  const std::span<const item::KeyAttribute> sort(schema.sort ? &*schema.sort : nullptr,
                                                 schema.sort ? 1 : 0);
  return Match(std::move(terms), KeyShape{{&schema.partition, 1}, sort});
}

Result<KeyCondition> KeyCondition::Match(KeyTerms terms, const KeyShape& shape) {
  const size_t partitions = shape.partition.size();
  if (terms.size() > partitions + shape.sort.size()) {
    return Refuse(
        "The number of query conditions ({}) exceeds the number of key attributes defined in the "
        "schema ({})",
        terms.size(), partitions + shape.sort.size());
  }
  KeyCondition out;
  // All of the partition, then as many of the sort attributes as there are conditions left.
  for (size_t i = 0; i < std::max(partitions, terms.size()); ++i) {
    const bool in_partition = i < partitions;
    const item::KeyAttribute& key = in_partition ? shape.partition[i] : shape.sort[i - partitions];
    auto term = std::ranges::find(terms, key.name, &KeyTerm::attribute);
    if (term == terms.end())
      return Refuse("Query condition missed key schema element: {}", key.name);
    TM_TRYV(CheckTerm(*term, key));
    const bool last_sort = !in_partition && i + 1 == terms.size();
    if (!last_sort && term->op != SortOperator::kEq)
      return Refuse("Query key condition not supported");
    if (i == 0) {
      out.partition_name = key.name;
      out.partition = std::move(term->low);
    } else if (in_partition) {
      out.more_partition.push_back(std::move(term->low));
    } else if (!last_sort) {
      out.sort_equals.push_back(std::move(term->low));
    } else {
      out.sort = SortCondition{*term->op, key.name, std::move(term->low), {}};
      if (term->high) out.sort->high = std::move(*term->high);
    }
  }
  return out;
}

Result<KeyCondition> KeyCondition::Parse(std::string_view text, Placeholders& placeholders,
                                         const item::KeySchema& schema) {
  TM_TRY(KeyTerms terms, ParseTerms(text, placeholders));
  return Match(std::move(terms), schema);
}

Result<KeyCondition> KeyCondition::Parse(std::string_view text, Placeholders& placeholders,
                                         const KeyShape& shape) {
  TM_TRY(KeyTerms terms, ParseTerms(text, placeholders));
  return Match(std::move(terms), shape);
}

std::string KeyCondition::ToString() const {
  std::string text = fmt::format("(= {} {})", partition_name, expr::ToString(partition));
  for (const auto& value : more_partition) text += fmt::format(" (= {})", expr::ToString(value));
  for (const auto& value : sort_equals) text += fmt::format(" (= {})", expr::ToString(value));
  if (sort) {
    text +=
        fmt::format(" ({} {} {}", OperatorName(sort->op), sort->name, expr::ToString(sort->low));
    if (sort->op == SortOperator::kBetween) text += " " + expr::ToString(sort->high);
    text += ')';
  }
  return text;
}

bool Matches(const SortCondition& condition, const item::AttributeValue& sort_key) {
  switch (condition.op) {
    case SortOperator::kEq:
      return sort_key == condition.low;
    case SortOperator::kLt:
      return Less(sort_key, condition.low);
    case SortOperator::kLe:
      return LessOrEqual(sort_key, condition.low);
    case SortOperator::kGt:
      return Less(condition.low, sort_key);
    case SortOperator::kGe:
      return LessOrEqual(condition.low, sort_key);
    case SortOperator::kBetween:
      return LessOrEqual(condition.low, sort_key) && LessOrEqual(sort_key, condition.high);
    case SortOperator::kBeginsWith:
      return BeginsWith(sort_key, condition.low);
  }
  return false;
}

}  // namespace tidemark::expr
