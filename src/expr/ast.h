// What the parser builds and resolving completes: one node type for conditions and operands, since
// "(" may begin either and the parser learns which only behind it.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "expr/functions.h"
#include "expr/path.h"
#include "item/attribute_value.h"

namespace tidemark::expr {

enum class NodeKind {
  kOr,
  kAnd,      // two or more args
  kNot,      // one arg
  kCompare,  // two args
  kBetween,  // value, lower bound, upper bound
  kIn,       // value, then the candidates
  kCall,     // the function's operands
  kPlus,
  kMinus,  // two args
  kPath,
  kValue,  // leaves
};

enum class Comparator { kEq, kNe, kLt, kLe, kGt, kGe };

// One step of a path as written: a name, a #placeholder, or the digits of an index.
struct WrittenStep {
  std::string_view text;
  bool is_index = false;
};

struct Node;
using NodePtr = std::unique_ptr<Node>;

struct Node {
  explicit Node(NodeKind node_kind) : kind(node_kind) {}

  NodeKind kind;
  Comparator comparator = Comparator::kEq;         // kCompare
  Function function = Function::kAttributeExists;  // kCall, once resolved
  std::vector<NodePtr> args;
  Path path;                   // kPath, once resolved
  item::AttributeValue value;  // kValue, once resolved

  // As written; these point into the expression's text and are emptied when resolved.
  std::string_view word;           // kCall: the name; kValue: the placeholder
  std::vector<WrittenStep> steps;  // kPath
};

enum class ActionKind { kSet, kRemove, kAdd, kDelete };

struct UpdateAction {
  ActionKind kind = ActionKind::kSet;
  NodePtr target;  // kPath
  NodePtr value;   // null for kRemove
};

std::string_view ToString(Comparator comparator);  // "<="
std::string_view ToString(ActionKind kind);        // "SET"

// A resolved tree as text: "(and (= a.b[1] 5) (attribute_exists c))".
std::string ToString(const Node& node);
// A value as text: "s" 1.5 b"00ff" true null ["list"] {"map": 1} <"set">.
std::string ToString(const item::AttributeValue& value);

}  // namespace tidemark::expr
