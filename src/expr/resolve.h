// Checks of a parsed tree which need no item, and the replacing of placeholders. The order of the
// checks is the service's: it decides which of several faults is reported.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "expr/ast.h"
#include "expr/placeholders.h"

namespace tidemark::expr {

// "Invalid ConditionExpression: " before an error's text.
Unexpected Invalid(std::string_view parameter, Error error);

// Faults of the words themselves, each the first in the text.
struct WordFaults {
  std::optional<Error> reserved;  // a reserved word, or an index beyond the range
  std::optional<Error> function;  // an unknown function or one of the other language
  std::optional<Error> misused;   // a function where its result cannot be used
};

// Notes the faults of `node` and below. `as_condition`: a condition is needed here, else an
// operand.
void FindWordFaults(const Node& node, bool in_update, bool as_condition, WordFaults* faults);

// Faults of placeholders, each the first in the text.
struct PlaceholderFaults {
  std::optional<Error> first;  // of either kind
  std::optional<Error> name;   // an undefined name, or a path too deep
  std::optional<Error> value;  // an undefined value
};

// Fills in paths, values and functions of `node` and below, and drops what points into the text.
void Resolve(Node* node, Placeholders* placeholders, PlaceholderFaults* faults);

// The type an operand has whatever the item; nullopt for paths and most calls.
std::optional<item::Type> StaticType(const Node& node);

// "Incorrect operand type for operator or function; operator or function: +, operand type: S"
Error OperandTypeError(std::string_view operation, std::string_view type);
Result<void> CheckOperandCount(const Node& call);

// Of a resolved condition, one comparison or call at a time from left to right.
Result<void> ResolveCondition(Node* root, Placeholders* placeholders);

// kValidation where two of the paths overlap, else where two conflict, the first pair as written.
Result<void> CheckPathsApart(const std::vector<const Path*>& paths);

// Top-level attribute names of the paths in a tree, sorted, each once.
void CollectNames(const Node& node, std::vector<std::string>* names);
void SortUnique(std::vector<std::string>* names);

}  // namespace tidemark::expr
