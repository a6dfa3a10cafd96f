#include "expr/evaluate.h"

#include <string>

#include "expr/compare.h"

namespace tidemark::expr {
namespace {

using item::AttributeValue;

// The service counts a string's length in UTF-16 units, as Java does: one for each character,
// two for those beyond U+FFFF, which are the four-byte ones in UTF-8.
size_t Utf16Length(const std::string& text) {
  size_t length = 0;
  for (unsigned char c : text) {
    if ((c & 0xC0) != 0x80) length += c >= 0xF0 ? 2 : 1;
  }
  return length;
}

// nullptr for what has no size.
const AttributeValue* SizeOf(const AttributeValue& value, AttributeValue* scratch) {
  size_t size = 0;
  switch (value.type()) {
    case item::Type::kString:
      size = Utf16Length(*value.As<std::string>());
      break;
    case item::Type::kBinary:
      size = value.As<item::Binary>()->bytes.size();
      break;
    case item::Type::kStringSet:
      size = value.As<item::StringSet>()->values.size();
      break;
    case item::Type::kNumberSet:
      size = value.As<item::NumberSet>()->values.size();
      break;
    case item::Type::kBinarySet:
      size = value.As<item::BinarySet>()->values.size();
      break;
    case item::Type::kList:
      size = value.As<item::List>()->values.size();
      break;
    case item::Type::kMap:
      size = value.As<item::Map>()->size();
      break;
    default:
      return nullptr;
  }
  *scratch = AttributeValue(item::Number::FromInt(static_cast<int64_t>(size)));
  return scratch;
}

// nullptr where the item has nothing. `scratch` holds a computed result.
const AttributeValue* Operand(const Node& node, const item::Item& item, AttributeValue* scratch) {
  if (node.kind == NodeKind::kPath) return Find(item, node.path);
  if (node.kind == NodeKind::kValue) return &node.value;
  const AttributeValue* sized = Operand(*node.args[0], item, scratch);
  return sized != nullptr ? SizeOf(*sized, scratch) : nullptr;
}

bool Compare(Comparator comparator, const AttributeValue* one, const AttributeValue* two) {
  if (one == nullptr || two == nullptr) return comparator == Comparator::kNe;
  switch (comparator) {
    case Comparator::kEq:
      return *one == *two;
    case Comparator::kNe:
      return !(*one == *two);
    case Comparator::kLt:
      return Less(*one, *two);
    case Comparator::kLe:
      return LessOrEqual(*one, *two);
    case Comparator::kGt:
      return Less(*two, *one);
    case Comparator::kGe:
      return LessOrEqual(*two, *one);
  }
  return false;
}

bool EvaluateIn(const Node& node, const item::Item& item) {
  AttributeValue scratch;
  const AttributeValue* value = Operand(*node.args[0], item, &scratch);
  if (value == nullptr) return false;
  for (size_t i = 1; i < node.args.size(); ++i) {
    AttributeValue candidate_scratch;
    const AttributeValue* candidate = Operand(*node.args[i], item, &candidate_scratch);
    if (candidate != nullptr && *value == *candidate) return true;
  }
  return false;
}

bool EvaluateBetween(const Node& node, const item::Item& item) {
  AttributeValue scratch[3];
  const AttributeValue* value = Operand(*node.args[0], item, &scratch[0]);
  const AttributeValue* low = Operand(*node.args[1], item, &scratch[1]);
  const AttributeValue* high = Operand(*node.args[2], item, &scratch[2]);
  return value != nullptr && low != nullptr && high != nullptr && LessOrEqual(*low, *value) &&
         LessOrEqual(*value, *high);
}

bool EvaluateCall(const Node& node, const item::Item& item) {
  AttributeValue scratch[2];
  const AttributeValue* first = Operand(*node.args[0], item, &scratch[0]);
  if (node.function == Function::kAttributeExists) return first != nullptr;
  if (node.function == Function::kAttributeNotExists) return first == nullptr;
  if (first == nullptr) return false;
  const AttributeValue* second = Operand(*node.args[1], item, &scratch[1]);
  if (second == nullptr) return false;
  switch (node.function) {
    case Function::kAttributeType:
      return item::TypeName(first->type()) == *second->As<std::string>();
    case Function::kBeginsWith:
      return BeginsWith(*first, *second);
    case Function::kContains:
      return Contains(*first, *second);
    default:
      return false;
  }
}

}  // namespace

bool Evaluate(const Node& node, const item::Item& item) {
  switch (node.kind) {
    case NodeKind::kOr:
      for (const NodePtr& arg : node.args) {
        if (Evaluate(*arg, item)) return true;
      }
      return false;
    case NodeKind::kAnd:
      for (const NodePtr& arg : node.args) {
        if (!Evaluate(*arg, item)) return false;
      }
      return true;
    case NodeKind::kNot:
      return !Evaluate(*node.args[0], item);
    case NodeKind::kCompare: {
      AttributeValue scratch[2];
      return Compare(node.comparator, Operand(*node.args[0], item, &scratch[0]),
                     Operand(*node.args[1], item, &scratch[1]));
    }
    case NodeKind::kBetween:
      return EvaluateBetween(node, item);
    case NodeKind::kIn:
      return EvaluateIn(node, item);
    case NodeKind::kCall:
      return EvaluateCall(node, item);
    default:
      return false;
  }
}

}  // namespace tidemark::expr
