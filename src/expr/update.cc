#include "expr/update.h"

#include <algorithm>

#include "expr/parser.h"
#include "expr/resolve.h"
#include "expr/trees.h"

namespace tidemark::expr {
namespace {

Result<void> CheckSections(const std::vector<ActionKind>& sections) {
  for (size_t i = 0; i < sections.size(); ++i) {
    auto before = sections.begin() + static_cast<ptrdiff_t>(i);
    if (std::find(sections.begin(), before, sections[i]) == before) continue;
    return Fail(ErrorKind::kValidation,
                "The \"{}\" section can only be used once in an update expression;",
                ToString(sections[i]));
  }
  return {};
}

std::string_view LongTypeName(item::Type type) {
  switch (type) {
    case item::Type::kString:
      return "STRING";
    case item::Type::kNumber:
      return "NUMBER";
    case item::Type::kBinary:
      return "BINARY";
    case item::Type::kBool:
      return "BOOLEAN";
    case item::Type::kList:
      return "LIST";
    case item::Type::kMap:
      return "MAP";
    default:
      return item::TypeName(type);
  }
}

Result<void> CheckAddOrDelete(const UpdateAction& action) {
  if (action.kind != ActionKind::kAdd && action.kind != ActionKind::kDelete) return {};
  item::Type type = action.value->value.type();
  bool is_set = type == item::Type::kStringSet || type == item::Type::kNumberSet ||
                type == item::Type::kBinarySet;
  if (is_set || (action.kind == ActionKind::kAdd && type == item::Type::kNumber)) return {};
  std::string_view name = ToString(action.kind);
  return Fail(ErrorKind::kValidation,
              "Incorrect operand type for operator or function; operator: {}, operand type: {}, "
              "typeSet: ALLOWED_FOR_{}_OPERAND",
              name, LongTypeName(type), name);
}

Result<void> CheckOperandTypes(const Node& node, std::string_view operation, item::Type wanted) {
  for (const NodePtr& arg : node.args) {
    auto type = StaticType(*arg);
    if (type && *type != wanted) return Fail(OperandTypeError(operation, item::TypeName(*type)));
  }
  return {};
}

Result<void> CheckActionOperations(const Node& node) {
  for (const NodePtr& arg : node.args) TM_TRYV(CheckActionOperations(*arg));
  if (node.kind == NodeKind::kPlus || node.kind == NodeKind::kMinus) {
    return CheckOperandTypes(node, node.kind == NodeKind::kPlus ? "+" : "-", item::Type::kNumber);
  }
  if (node.kind != NodeKind::kCall) return {};
  TM_TRYV(CheckOperandCount(node));
  if (node.function == Function::kListAppend) {
    return CheckOperandTypes(node, "list_append", item::Type::kList);
  }
  if (node.args[0]->kind == NodeKind::kPath) return {};
  return Fail(ErrorKind::kValidation,
              "Operator or function requires a document path; operator or function: if_not_exists");
}

// Checks in the service's order: words, sections, names, values, paths, ADD and DELETE, SET.
Result<ParsedUpdate> ParseAndResolveUpdate(std::string_view text, Placeholders& placeholders) {
  TM_TRY(ParsedUpdate parsed, ParseUpdate(text));
  WordFaults words;
  for (const UpdateAction& action : parsed.actions) {
    FindWordFaults(*action.target, true, false, &words);
    if (action.value) FindWordFaults(*action.value, true, false, &words);
  }
  for (auto* fault : {&words.reserved, &words.function, &words.misused}) {
    if (*fault) return Fail(std::move(**fault));
  }
  if (parsed.operators > kOperatorsMax) return TooManyOperators();
  TM_TRYV(CheckSections(parsed.sections));
  PlaceholderFaults faults;
  for (const UpdateAction& action : parsed.actions) {
    Resolve(action.target.get(), &placeholders, &faults);
    if (action.value) Resolve(action.value.get(), &placeholders, &faults);
  }
  for (auto* fault : {&faults.name, &faults.value}) {
    if (*fault) return Fail(std::move(**fault));
  }
  std::vector<const Path*> targets;
  for (const UpdateAction& action : parsed.actions) targets.push_back(&action.target->path);
  TM_TRYV(CheckPathsApart(targets));
  for (const UpdateAction& action : parsed.actions) TM_TRYV(CheckAddOrDelete(action));
  for (const UpdateAction& action : parsed.actions) {
    if (action.kind == ActionKind::kSet) TM_TRYV(CheckActionOperations(*action.value));
  }
  return parsed;
}

}  // namespace

Result<Update> Update::Parse(std::string_view text, Placeholders& placeholders) {
  auto parsed = ParseAndResolveUpdate(text, placeholders);
  if (!parsed) return Invalid("UpdateExpression", std::move(parsed).error());
  return MakeUpdate(std::move(parsed->actions), false);
}

Update MakeUpdate(std::vector<UpdateAction> actions, bool legacy) {
  auto tree = std::make_shared<UpdateTree>();
  tree->legacy = legacy;
  tree->actions = std::move(actions);
  for (const UpdateAction& action : tree->actions) {
    tree->targets.push_back(action.target->path);
    tree->names.push_back(std::get<std::string>(action.target->path.front()));
  }
  std::sort(tree->targets.begin(), tree->targets.end());
  SortUnique(&tree->names);
  return Update(std::move(tree));
}

bool Update::creates_item() const {
  return std::any_of(tree_->actions.begin(), tree_->actions.end(), [](const UpdateAction& action) {
    return action.kind == ActionKind::kSet || action.kind == ActionKind::kAdd;
  });
}

const std::vector<std::string>& Update::written_names() const { return tree_->names; }

std::vector<std::string> Update::all_names() const {
  std::vector<std::string> names;
  for (const UpdateAction& action : tree_->actions) {
    CollectNames(*action.target, &names);
    if (action.value) CollectNames(*action.value, &names);
  }
  SortUnique(&names);
  return names;
}

Result<void> Update::CheckAvoidsKey(std::string_view key_attribute) const {
  if (!std::binary_search(tree_->names.begin(), tree_->names.end(), key_attribute)) return {};
  return Fail(ErrorKind::kValidation,
              "One or more parameter values were invalid: Cannot update attribute {}. This "
              "attribute is part of the key",
              key_attribute);
}

item::Item Update::Touched(const item::Item& item) const { return Extract(item, tree_->targets); }

std::string Update::ToString() const {
  std::string text;
  for (const UpdateAction& action : tree_->actions) {
    if (!text.empty()) text += ' ';
    text += fmt::format("({} {}", expr::ToString(action.kind), expr::ToString(*action.target));
    if (action.value) text += " " + expr::ToString(*action.value);
    text += ')';
  }
  return text;
}

}  // namespace tidemark::expr
