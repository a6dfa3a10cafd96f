#include "expr/resolve.h"

#include <algorithm>
#include <charconv>

#include "expr/reserved_words.h"
#include "item/item_size.h"

namespace tidemark::expr {
namespace {

constexpr uint32_t kIndexMax = 2147483647;

std::optional<uint32_t> ParseIndex(std::string_view digits) {
  uint32_t index = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  if (error != std::errc() || digits.size() > 10 || index > kIndexMax) return std::nullopt;
  return index;
}

void Note(std::optional<Error>* slot, Error error) {
  if (!*slot) *slot = std::move(error);
}

void FindStepFaults(const Node& path, WordFaults* faults) {
  for (const WrittenStep& step : path.steps) {
    if (step.is_index) {
      if (ParseIndex(step.text)) continue;
      Note(&faults->reserved,
           MakeError(ErrorKind::kValidation,
                     "List index is not within the allowable range; index: [{}]", step.text));
    } else if (step.text.front() != '#' && IsReservedWord(step.text)) {
      Note(&faults->reserved,
           MakeError(ErrorKind::kValidation,
                     "Attribute name is a reserved keyword; reserved keyword: {}", step.text));
    }
  }
}

void FindCallFaults(const Node& call, bool in_update, bool as_condition, WordFaults* faults) {
  const FunctionInfo* info = FindFunction(call.word);
  if (info == nullptr) {
    Note(&faults->function,
         MakeError(ErrorKind::kValidation, "Invalid function name; function: {}", call.word));
    return;
  }
  if (info->in_update != in_update) {
    Note(&faults->function, MakeError(ErrorKind::kValidation,
                                      "The function is not allowed in {} expression; function: {}",
                                      in_update ? "an update" : "a condition", call.word));
    return;
  }
  if (!in_update && as_condition == (info->function == Function::kSize)) {
    Note(&faults->misused,
         MakeError(ErrorKind::kValidation,
                   "The function is not allowed to be used this way in an expression; function: {}",
                   call.word));
  }
}

// In updates list_append is no operand of another function.
void FindNestedAppend(const Node& call, WordFaults* faults) {
  for (const NodePtr& arg : call.args) {
    if (arg->kind != NodeKind::kCall) continue;
    const FunctionInfo* info = FindFunction(arg->word);
    if (info == nullptr || info->function != Function::kListAppend) continue;
    Note(&faults->misused,
         MakeError(ErrorKind::kValidation,
                   "The function is not allowed to be used this way in an expression; function: {}",
                   arg->word));
  }
}

void ResolvePath(Node* node, Placeholders* placeholders, PlaceholderFaults* faults) {
  node->path.reserve(node->steps.size());
  for (const WrittenStep& step : node->steps) {
    if (step.is_index) {
      node->path.emplace_back(ParseIndex(step.text).value_or(kIndexMax));
    } else if (step.text.front() != '#') {
      node->path.emplace_back(std::string(step.text));
    } else if (const std::string* name = placeholders->UseName(step.text)) {
      node->path.emplace_back(*name);
    } else {
      Error error = MakeError(ErrorKind::kValidation,
                              "An expression attribute name used in the document path is not "
                              "defined; attribute name: {}",
                              step.text);
      Note(&faults->first, error);
      Note(&faults->name, std::move(error));
      node->path.emplace_back(std::string(step.text));
    }
  }
  if (node->steps.size() > static_cast<size_t>(item::kNestingMax)) {
    Error error = MakeError(ErrorKind::kValidation,
                            "The document path has too many nesting levels; nesting levels: {}",
                            node->steps.size());
    Note(&faults->first, error);
    Note(&faults->name, std::move(error));
  }
  node->steps.clear();
}

void ResolveValue(Node* node, Placeholders* placeholders, PlaceholderFaults* faults) {
  if (const item::AttributeValue* value = placeholders->UseValue(node->word)) {
    node->value = *value;
  } else {
    Error error = MakeError(ErrorKind::kValidation,
                            "An expression attribute value used in expression is not defined; "
                            "attribute value: {}",
                            node->word);
    Note(&faults->first, error);
    Note(&faults->value, std::move(error));
  }
  node->word = {};
}

}  // namespace

Unexpected Invalid(std::string_view parameter, Error error) {
  error.message = fmt::format("Invalid {}: {}", parameter, error.message);
  return Fail(std::move(error));
}

void FindWordFaults(const Node& node, bool in_update, bool as_condition, WordFaults* faults) {
  bool is_logic =
      node.kind == NodeKind::kOr || node.kind == NodeKind::kAnd || node.kind == NodeKind::kNot;
  if (node.kind == NodeKind::kPath) FindStepFaults(node, faults);
  if (node.kind == NodeKind::kCall) {
    FindCallFaults(node, in_update, as_condition, faults);
    if (in_update) FindNestedAppend(node, faults);
  }
  for (const NodePtr& arg : node.args) FindWordFaults(*arg, in_update, is_logic, faults);
}

void Resolve(Node* node, Placeholders* placeholders, PlaceholderFaults* faults) {
  if (node->kind == NodeKind::kPath) ResolvePath(node, placeholders, faults);
  if (node->kind == NodeKind::kValue) ResolveValue(node, placeholders, faults);
  if (node->kind == NodeKind::kCall) {
    // Unknown functions were refused by FindWordFaults.
    if (const FunctionInfo* info = FindFunction(node->word)) node->function = info->function;
    node->word = {};
  }
  for (const NodePtr& arg : node->args) Resolve(arg.get(), placeholders, faults);
}

std::optional<item::Type> StaticType(const Node& node) {
  if (node.kind == NodeKind::kValue) return node.value.type();
  if (node.kind == NodeKind::kCall && node.function == Function::kSize) return item::Type::kNumber;
  return std::nullopt;
}

Error OperandTypeError(std::string_view operation, std::string_view type) {
  return MakeError(ErrorKind::kValidation,
                   "Incorrect operand type for operator or function; operator or function: {}, "
                   "operand type: {}",
                   operation, type);
}

Result<void> CheckOperandCount(const Node& call) {
  const FunctionInfo& info = InfoOf(call.function);
  if (call.args.size() == info.operands) return {};
  return Fail(ErrorKind::kValidation,
              "Incorrect number of operands for operator or function; operator or function: {}, "
              "number of operands: {}",
              info.name, call.args.size());
}

Result<void> CheckPathsApart(const std::vector<const Path*>& paths) {
  const Path* conflict_one = nullptr;
  const Path* conflict_two = nullptr;
  for (size_t two = 1; two < paths.size(); ++two) {
    for (size_t one = 0; one < two; ++one) {
      PathRelation relation = Relate(*paths[one], *paths[two]);
      if (relation == PathRelation::kOverlap) {
        return Fail(ErrorKind::kValidation,
                    "Two document paths overlap with each other; must remove or rewrite one of "
                    "these paths; path one: {}, path two: {}",
                    ToString(*paths[one]), ToString(*paths[two]));
      }
      if (relation == PathRelation::kConflict && conflict_one == nullptr) {
        conflict_one = paths[one];
        conflict_two = paths[two];
      }
    }
  }
  if (conflict_one == nullptr) return {};
  return Fail(ErrorKind::kValidation,
              "Two document paths conflict with each other; must remove or rewrite one of these "
              "paths; path one: {}, path two: {}",
              ToString(*conflict_one), ToString(*conflict_two));
}

void CollectNames(const Node& node, std::vector<std::string>* names) {
  if (node.kind == NodeKind::kPath) names->push_back(std::get<std::string>(node.path.front()));
  for (const NodePtr& arg : node.args) CollectNames(*arg, names);
}

void SortUnique(std::vector<std::string>* names) {
  std::sort(names->begin(), names->end());
  names->erase(std::unique(names->begin(), names->end()), names->end());
}

}  // namespace tidemark::expr
