// What Condition and Update hold behind their handles.
#pragma once
#include <string>
#include <vector>

#include "expr/ast.h"
#include "expr/condition.h"
#include "expr/update.h"

namespace tidemark::expr {

struct ConditionTree {
  NodePtr root;
  std::vector<std::string> names;  // sorted, each once
};

struct UpdateTree {
  std::vector<UpdateAction> actions;  // as written
  std::vector<Path> targets;          // sorted
  std::vector<std::string> names;     // sorted, each once
  bool legacy = false;                // of AttributeUpdates: ADD joins lists, texts differ
};

// A condition or an update from a resolved tree.
Condition MakeCondition(NodePtr root);
Update MakeUpdate(std::vector<UpdateAction> actions, bool legacy);

// Parses and checks like Condition::Parse. KeyConditionExpression is the same language.
Result<NodePtr> ParseResolvedCondition(std::string_view text, Placeholders& placeholders,
                                       std::string_view parameter);

}  // namespace tidemark::expr
