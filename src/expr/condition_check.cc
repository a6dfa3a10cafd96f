// What the service checks of each comparison and call of a condition before it reads an item.
#include <array>

#include "expr/compare.h"
#include "expr/resolve.h"

namespace tidemark::expr {
namespace {

constexpr size_t kInOperandsMax = 100;

std::string_view OperationName(const Node& node) {
  switch (node.kind) {
    case NodeKind::kCompare:
      return ToString(node.comparator);
    case NodeKind::kBetween:
      return "BETWEEN";
    case NodeKind::kIn:
      return "IN";
    case NodeKind::kCall:
      return InfoOf(node.function).name;
    default:
      return "";
  }
}

Result<void> CheckCounts(const Node& node) {
  for (const NodePtr& arg : node.args) TM_TRYV(CheckCounts(*arg));
  if (node.kind == NodeKind::kCall) return CheckOperandCount(node);
  if (node.kind == NodeKind::kIn && node.args.size() - 1 > kInOperandsMax) {
    return Fail(ErrorKind::kValidation,
                "The IN operator is provided with too many operands; number of operands: {}",
                node.args.size() - 1);
  }
  return {};
}

Result<void> CheckDistinct(const Node& node) {
  for (const NodePtr& arg : node.args) TM_TRYV(CheckDistinct(*arg));
  if (node.args.empty() || node.args.front()->kind != NodeKind::kPath) return {};
  const Path& first = node.args.front()->path;
  for (size_t i = 1; i < node.args.size(); ++i) {
    if (node.args[i]->kind != NodeKind::kPath || node.args[i]->path != first) continue;
    return Fail(ErrorKind::kValidation,
                "The first operand must be distinct from the remaining operands for this operator "
                "or function; operator: {}, first operand: {}",
                OperationName(node), ToString(first));
  }
  return {};
}

bool IsOrdered(item::Type type) {
  return type == item::Type::kString || type == item::Type::kNumber || type == item::Type::kBinary;
}

template <class Accepts>
Result<void> CheckTypes(const Node& node, Accepts accepts) {
  for (const NodePtr& arg : node.args) {
    auto type = StaticType(*arg);
    if (type && !accepts(*type)) {
      return Fail(OperandTypeError(OperationName(node), item::TypeName(*type)));
    }
  }
  return {};
}

std::string BoundText(const item::AttributeValue& value) {
  std::string text;
  if (const auto* string = value.As<std::string>()) {
    text = *string;
  } else if (const auto* number = value.As<item::Number>()) {
    text = number->ToString();
  } else if (const auto* binary = value.As<item::Binary>()) {
    size_t size = binary->bytes.size();  // the service shows its Java buffer
    text = fmt::format("java.nio.HeapByteBuffer[pos=0 lim={} cap={}]", size, size);
  }
  return fmt::format("AttributeValue: {{{}:{}}}", item::TypeName(value.type()), text);
}

Result<void> CheckBounds(const Node& between) {
  TM_TRYV(CheckTypes(between, IsOrdered));
  const Node& low = *between.args[1];
  const Node& high = *between.args[2];
  if (low.kind != NodeKind::kValue || high.kind != NodeKind::kValue) return {};
  bool same_type = low.value.type() == high.value.type();
  if (same_type && !Less(high.value, low.value)) return {};
  return Fail(ErrorKind::kValidation,
              "The BETWEEN operator requires {}; lower bound operand: {}, upper bound operand: {}",
              same_type ? "upper bound to be greater than or equal to lower bound"
                        : "same data type for lower and upper bounds",
              BoundText(low.value), BoundText(high.value));
}

Result<void> CheckTypeName(const Node& call) {
  const Node& name = *call.args[1];
  auto type = StaticType(name);
  if (type != item::Type::kString) {
    return Fail(OperandTypeError("attribute_type",
                                 type ? item::TypeName(*type) : "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}"));
  }
  const std::string& text = *name.value.As<std::string>();
  for (int i = 0; i <= static_cast<int>(item::Type::kMap); ++i) {
    if (text == item::TypeName(static_cast<item::Type>(i))) return {};
  }
  return Fail(ErrorKind::kValidation,
              "Invalid attribute type name found; type: {}, valid types: "
              "{{B,NULL,SS,BOOL,L,BS,N,NS,S,M}}",
              text);
}

Result<void> CheckCall(const Node& call) {
  switch (call.function) {
    case Function::kAttributeExists:
    case Function::kAttributeNotExists:
      if (call.args[0]->kind == NodeKind::kPath) return {};
      return Fail(ErrorKind::kValidation,
                  "Operator or function requires a document path; operator or function: {}",
                  InfoOf(call.function).name);
    case Function::kAttributeType:
      return CheckTypeName(call);
    case Function::kBeginsWith:
      return CheckTypes(call, [](item::Type type) {
        return type == item::Type::kString || type == item::Type::kBinary;
      });
    case Function::kSize:
      return CheckTypes(call, [](item::Type type) {
        return type != item::Type::kNumber && type != item::Type::kBool &&
               type != item::Type::kNull;
      });
    default:
      return {};
  }
}

Result<void> CheckOperations(const Node& node) {
  for (const NodePtr& arg : node.args) TM_TRYV(CheckOperations(*arg));
  if (node.kind == NodeKind::kCall) return CheckCall(node);
  if (node.kind == NodeKind::kBetween) return CheckBounds(node);
  bool orders = node.kind == NodeKind::kCompare && node.comparator != Comparator::kEq &&
                node.comparator != Comparator::kNe;
  return orders ? CheckTypes(node, IsOrdered) : Result<void>();
}

}  // namespace

Result<void> ResolveCondition(Node* node, Placeholders* placeholders) {
  if (node->kind == NodeKind::kOr || node->kind == NodeKind::kAnd || node->kind == NodeKind::kNot) {
    for (const NodePtr& arg : node->args) TM_TRYV(ResolveCondition(arg.get(), placeholders));
    return {};
  }
  PlaceholderFaults faults;
  Resolve(node, placeholders, &faults);
  if (faults.first) return Fail(std::move(*faults.first));
  TM_TRYV(CheckCounts(*node));
  TM_TRYV(CheckDistinct(*node));
  return CheckOperations(*node);
}

}  // namespace tidemark::expr
