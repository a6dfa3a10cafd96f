#include "expr/condition.h"

#include <algorithm>

#include "expr/evaluate.h"
#include "expr/parser.h"
#include "expr/resolve.h"
#include "expr/trees.h"

namespace tidemark::expr {
namespace {

Result<NodePtr> ParseAndResolve(std::string_view text, Placeholders& placeholders) {
  TM_TRY(ParsedCondition parsed, ParseCondition(text));
  if (parsed.redundant_parentheses) {
    return Fail(ErrorKind::kValidation, "The expression has redundant parentheses;");
  }
  WordFaults faults;
  FindWordFaults(*parsed.root, false, true, &faults);
  for (auto* fault : {&faults.function, &faults.misused, &faults.reserved}) {
    if (*fault) return Fail(std::move(**fault));
  }
  if (parsed.operators > kOperatorsMax) return TooManyOperators();
  TM_TRYV(ResolveCondition(parsed.root.get(), &placeholders));
  return std::move(parsed.root);
}

}  // namespace

Result<NodePtr> ParseResolvedCondition(std::string_view text, Placeholders& placeholders,
                                       std::string_view parameter) {
  auto root = ParseAndResolve(text, placeholders);
  if (!root) return Invalid(parameter, std::move(root).error());
  return root;
}

Result<Condition> Condition::Parse(std::string_view text, Placeholders& placeholders,
                                   std::string_view parameter) {
  TM_TRY(NodePtr root, ParseResolvedCondition(text, placeholders, parameter));
  return MakeCondition(std::move(root));
}

Condition MakeCondition(NodePtr root) {
  auto tree = std::make_shared<ConditionTree>();
  CollectNames(*root, &tree->names);
  SortUnique(&tree->names);
  tree->root = std::move(root);
  return Condition(std::move(tree));
}

Result<bool> Condition::Evaluate(const item::Item& item) const {
  return expr::Evaluate(*tree_->root, item);
}

const std::vector<std::string>& Condition::names() const { return tree_->names; }

Result<void> Condition::CheckFilterAvoids(std::string_view key_attribute,
                                          std::string_view parameter) const {
  if (!std::binary_search(tree_->names.begin(), tree_->names.end(), key_attribute)) return {};
  return Fail(ErrorKind::kValidation,
              "{} can only contain non-primary key attributes: Primary key attribute: {}",
              parameter, key_attribute);
}

std::string Condition::ToString() const { return expr::ToString(*tree_->root); }

}  // namespace tidemark::expr
