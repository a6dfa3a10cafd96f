#include "expr/legacy.h"

#include <array>
#include <memory>
#include <utility>

#include "expr/compare.h"
#include "expr/trees.h"

namespace tidemark::expr {
namespace {

using item::AttributeValue;
using item::Type;

constexpr size_t kAnyNumber = ~size_t{0};  // but at least one

// Which types an operator takes.
enum class Takes { kAll, kMembers, kOrdered, kTexts };  // kMembers: what is no set, list or map

struct OperatorInfo {
  LegacyOperator op;
  std::string_view name;
  size_t values;
  Takes takes;
};

constexpr std::array kOperators = {
    // in the order of the enumeration
    OperatorInfo{LegacyOperator::kEq, "EQ", 1, Takes::kAll},
    OperatorInfo{LegacyOperator::kNe, "NE", 1, Takes::kAll},
    OperatorInfo{LegacyOperator::kLe, "LE", 1, Takes::kOrdered},
    OperatorInfo{LegacyOperator::kLt, "LT", 1, Takes::kOrdered},
    OperatorInfo{LegacyOperator::kGe, "GE", 1, Takes::kOrdered},
    OperatorInfo{LegacyOperator::kGt, "GT", 1, Takes::kOrdered},
    OperatorInfo{LegacyOperator::kNotNull, "NOT_NULL", 0, Takes::kAll},
    OperatorInfo{LegacyOperator::kNull, "NULL", 0, Takes::kAll},
    OperatorInfo{LegacyOperator::kContains, "CONTAINS", 1, Takes::kMembers},
    OperatorInfo{LegacyOperator::kNotContains, "NOT_CONTAINS", 1, Takes::kMembers},
    OperatorInfo{LegacyOperator::kBeginsWith, "BEGINS_WITH", 1, Takes::kTexts},
    OperatorInfo{LegacyOperator::kIn, "IN", kAnyNumber, Takes::kOrdered},
    OperatorInfo{LegacyOperator::kBetween, "BETWEEN", 2, Takes::kOrdered},
};

const OperatorInfo& InfoOf(LegacyOperator op) { return kOperators[static_cast<size_t>(op)]; }

bool Accepts(Takes takes, Type type) {
  switch (takes) {
    case Takes::kAll:
      return true;
    case Takes::kMembers:
      return type == Type::kString || type == Type::kNumber || type == Type::kBinary ||
             type == Type::kBool || type == Type::kNull;
    case Takes::kOrdered:
      return type == Type::kString || type == Type::kNumber || type == Type::kBinary;
    case Takes::kTexts:
      return type == Type::kString || type == Type::kBinary;
  }
  return false;
}

template <class... Args>
Unexpected Invalid(fmt::format_string<Args...> format, Args&&... args) {
  return Fail(ErrorKind::kValidation, "One or more parameter values were invalid: {}",
              fmt::format(format, std::forward<Args>(args)...));
}

// --- Trees

NodePtr PathNode(std::string attribute) {
  auto node = std::make_unique<Node>(NodeKind::kPath);
  node->path.emplace_back(std::move(attribute));
  return node;
}

NodePtr ValueNode(AttributeValue value) {
  auto node = std::make_unique<Node>(NodeKind::kValue);
  node->value = std::move(value);
  return node;
}

NodePtr Parent(NodeKind kind, NodePtr first, NodePtr second = nullptr) {
  auto node = std::make_unique<Node>(kind);
  node->args.push_back(std::move(first));
  if (second) node->args.push_back(std::move(second));
  return node;
}

// The condition's attribute and values below a node of this kind.
NodePtr Operation(NodeKind kind, LegacyCondition condition) {
  auto node = Parent(kind, PathNode(std::move(condition.attribute)));
  for (auto& value : condition.values) node->args.push_back(ValueNode(std::move(value)));
  return node;
}

NodePtr Comparison(Comparator comparator, LegacyCondition condition) {
  auto node = Operation(NodeKind::kCompare, std::move(condition));
  node->comparator = comparator;
  return node;
}

NodePtr Call(Function function, LegacyCondition condition) {
  auto node = Operation(NodeKind::kCall, std::move(condition));
  node->function = function;
  return node;
}

NodePtr Tree(LegacyCondition condition) {
  switch (condition.op) {
    case LegacyOperator::kEq:
      return Comparison(Comparator::kEq, std::move(condition));
    case LegacyOperator::kNe:
      return Comparison(Comparator::kNe, std::move(condition));
    case LegacyOperator::kLe:
      return Comparison(Comparator::kLe, std::move(condition));
    case LegacyOperator::kLt:
      return Comparison(Comparator::kLt, std::move(condition));
    case LegacyOperator::kGe:
      return Comparison(Comparator::kGe, std::move(condition));
    case LegacyOperator::kGt:
      return Comparison(Comparator::kGt, std::move(condition));
    case LegacyOperator::kNotNull:
      return Call(Function::kAttributeExists, std::move(condition));
    case LegacyOperator::kNull:
      return Call(Function::kAttributeNotExists, std::move(condition));
    case LegacyOperator::kContains:
      return Call(Function::kContains, std::move(condition));
    case LegacyOperator::kNotContains: {
      // Unlike NOT contains(...), false for an item that lacks the attribute.
      auto exists = Call(Function::kAttributeExists, {condition.attribute, condition.op, {}});
      auto absent = Parent(NodeKind::kNot, Call(Function::kContains, std::move(condition)));
      return Parent(NodeKind::kAnd, std::move(exists), std::move(absent));
    }
    case LegacyOperator::kBeginsWith:
      return Call(Function::kBeginsWith, std::move(condition));
    case LegacyOperator::kIn:
      return Operation(NodeKind::kIn, std::move(condition));
    case LegacyOperator::kBetween:
      return Operation(NodeKind::kBetween, std::move(condition));
  }
  return nullptr;
}

std::optional<SortOperator> SortOperatorOf(LegacyOperator op) {
  switch (op) {
    case LegacyOperator::kEq:
      return SortOperator::kEq;
    case LegacyOperator::kLe:
      return SortOperator::kLe;
    case LegacyOperator::kLt:
      return SortOperator::kLt;
    case LegacyOperator::kGe:
      return SortOperator::kGe;
    case LegacyOperator::kGt:
      return SortOperator::kGt;
    case LegacyOperator::kBeginsWith:
      return SortOperator::kBeginsWith;
    case LegacyOperator::kBetween:
      return SortOperator::kBetween;
    default:
      return std::nullopt;
  }
}

bool IsSet(Type type) {
  return type == Type::kStringSet || type == Type::kNumberSet || type == Type::kBinarySet;
}

Result<void> Check(const LegacyUpdate& update) {
  const bool deletes = update.action == LegacyUpdate::Action::kDelete;
  if (!update.value) {
    if (deletes) return {};
    return Invalid("Only DELETE action is allowed when no attribute value is specified");
  }
  const Type type = update.value->type();
  if (deletes && !IsSet(type)) {
    return Invalid("DELETE action with value is not supported for the type {}",
                   item::TypeName(type));
  }
  const bool adds = update.action == LegacyUpdate::Action::kAdd;
  if (adds && !IsSet(type) && type != Type::kNumber && type != Type::kList) {
    return Invalid("ADD action is not supported for the type {}", item::TypeName(type));
  }
  return {};
}

}  // namespace

std::string_view ToString(LegacyOperator op) { return InfoOf(op).name; }

Result<void> CheckLegacyCondition(const LegacyCondition& condition) {
  const auto& info = InfoOf(condition.op);
  const auto& values = condition.values;
  const bool fits = info.values == kAnyNumber ? !values.empty() : values.size() == info.values;
  if (!fits)
    return Invalid("Invalid number of argument(s) for the {} ComparisonOperator", info.name);
  for (const auto& value : values) {
    if (value.type() == values[0].type()) continue;
    return Invalid("AttributeValues inside AttributeValueList must be of same type");
  }
  for (const auto& value : values) {
    if (Accepts(info.takes, value.type())) continue;
    return Invalid("ComparisonOperator {} is not valid for {} AttributeValue type", info.name,
                   item::TypeName(value.type()));
  }
  if (condition.op == LegacyOperator::kBetween && Less(values[1], values[0])) {
    return Fail(ErrorKind::kValidation,
                "The BETWEEN condition was provided a range where the lower bound is greater than "
                "the upper bound");
  }
  return {};
}

Condition LowerConditions(std::vector<LegacyCondition> conditions, bool any) {
  NodePtr root;
  if (conditions.size() == 1) {
    root = Tree(std::move(conditions[0]));
  } else {
    root = std::make_unique<Node>(any ? NodeKind::kOr : NodeKind::kAnd);
    for (auto& condition : conditions) root->args.push_back(Tree(std::move(condition)));
  }
  return MakeCondition(std::move(root));
}

KeyTerms LowerKeyConditions(std::vector<LegacyCondition> conditions) {
  KeyTerms terms;
  for (auto& condition : conditions) {
    auto& term = terms.emplace_back();
    term.attribute = std::move(condition.attribute);
    term.op = SortOperatorOf(condition.op);
    if (!condition.values.empty()) term.low = std::move(condition.values[0]);
    if (condition.values.size() > 1) term.high = std::move(condition.values[1]);
  }
  return terms;
}

Result<Update> LowerUpdates(std::vector<LegacyUpdate> updates) {
  for (const auto& update : updates) TM_TRYV(Check(update));
  std::vector<UpdateAction> actions;
  for (auto& update : updates) {
    auto& action = actions.emplace_back();
    action.target = PathNode(std::move(update.attribute));
    switch (update.action) {
      case LegacyUpdate::Action::kPut:
        action.kind = ActionKind::kSet;
        break;
      case LegacyUpdate::Action::kAdd:
        action.kind = ActionKind::kAdd;
        break;
      case LegacyUpdate::Action::kDelete:
        action.kind = update.value ? ActionKind::kDelete : ActionKind::kRemove;
        break;
    }
    if (update.value) action.value = ValueNode(std::move(*update.value));
  }
  return MakeUpdate(std::move(actions), true);
}

}  // namespace tidemark::expr
