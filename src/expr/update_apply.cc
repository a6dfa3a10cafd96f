// Running an update. Indices and operands mean the item as it was: everything is read before the
// first change, then writes happen in ascending order of their paths, so that elements beyond a
// list's end are appended in the order of their indices, and removals in descending order, so that
// no removal moves what a later one means.
#include <algorithm>
#include <iterator>
#include <optional>

#include "expr/trees.h"
#include "expr/update.h"
#include "item/item_size.h"

namespace tidemark::expr {
namespace {

using item::AttributeValue;

Unexpected MissingAttribute() {
  return Fail(ErrorKind::kValidation,
              "The provided expression refers to an attribute that does not exist in the item");
}
Unexpected WrongType() {
  return Fail(ErrorKind::kValidation,
              "An operand in the update expression has an incorrect data type");
}
Unexpected InvalidPath() {
  return Fail(ErrorKind::kValidation,
              "The document path provided in the update expression is invalid for update");
}

// A path, a value, or if_not_exists over them: what exists already and need not be computed.
Result<const AttributeValue*> Operand(const Node& node, const item::Item& old) {
  if (node.kind == NodeKind::kValue) return &node.value;
  const Node& path = node.kind == NodeKind::kCall ? *node.args[0] : node;
  if (const AttributeValue* value = Find(old, path.path)) return value;
  if (node.kind == NodeKind::kCall) return Operand(*node.args[1], old);
  return MissingAttribute();
}

Result<AttributeValue> AppendLists(const AttributeValue& first, const AttributeValue& second) {
  const auto* head = first.As<item::List>();
  const auto* tail = second.As<item::List>();
  if (head == nullptr || tail == nullptr) return WrongType();
  item::List list;
  list.values.reserve(head->values.size() + tail->values.size());
  list.values = head->values;
  list.values.insert(list.values.end(), tail->values.begin(), tail->values.end());
  return AttributeValue(std::move(list));
}

Result<AttributeValue> SetValue(const Node& node, const item::Item& old) {
  bool is_append = node.kind == NodeKind::kCall && node.function == Function::kListAppend;
  bool is_sum = node.kind == NodeKind::kPlus || node.kind == NodeKind::kMinus;
  if (!is_append && !is_sum) {
    TM_TRY(const AttributeValue* value, Operand(node, old));
    return *value;
  }
  // list_append gives no number, so as an operand of a sum it is a wrong type, not computed.
  for (const NodePtr& arg : node.args) {
    if (arg->kind == NodeKind::kCall && arg->function == Function::kListAppend) return WrongType();
  }
  TM_TRY(const AttributeValue* first, Operand(*node.args[0], old));
  TM_TRY(const AttributeValue* second, Operand(*node.args[1], old));
  if (is_append) return AppendLists(*first, *second);
  const auto* one = first->As<item::Number>();
  const auto* two = second->As<item::Number>();
  if (one == nullptr || two == nullptr) return WrongType();
  TM_TRY(item::Number number, node.kind == NodeKind::kPlus ? one->Plus(*two) : one->Minus(*two));
  return AttributeValue(number);
}

// Both are sorted; nullopt if the types differ.
template <class Set>
std::optional<AttributeValue> CombineSets(const AttributeValue& old, const AttributeValue& operand,
                                          bool add) {
  const auto* one = old.As<Set>();
  const auto* two = operand.As<Set>();
  if (one == nullptr || two == nullptr) return std::nullopt;
  Set out;
  auto end = std::back_inserter(out.values);
  const auto& a = one->values;
  const auto& b = two->values;
  if (add) {
    std::set_union(a.begin(), a.end(), b.begin(), b.end(), end);
  } else {
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), end);
  }
  return AttributeValue(std::move(out));
}

// ADD and DELETE. `legacy`: of AttributeUpdates, where ADD takes lists, too.
Result<AttributeValue> Combine(const AttributeValue& old, const AttributeValue& operand, bool add,
                               bool legacy) {
  if (operand.type() != old.type() && legacy) {
    return Fail(ErrorKind::kValidation, "Type mismatch for attribute to update");
  }
  if (legacy && operand.type() == item::Type::kList) return AppendLists(old, operand);
  if (const auto* number = operand.As<item::Number>()) {
    const auto* old_number = old.As<item::Number>();
    if (old_number == nullptr) return WrongType();
    TM_TRY(item::Number sum, old_number->Plus(*number));
    return AttributeValue(sum);
  }
  if (auto set = CombineSets<item::StringSet>(old, operand, add)) return std::move(*set);
  if (auto set = CombineSets<item::NumberSet>(old, operand, add)) return std::move(*set);
  if (auto set = CombineSets<item::BinarySet>(old, operand, add)) return std::move(*set);
  return WrongType();
}

bool IsEmptySet(const AttributeValue& value) {
  if (const auto* set = value.As<item::StringSet>()) return set->values.empty();
  if (const auto* set = value.As<item::NumberSet>()) return set->values.empty();
  if (const auto* set = value.As<item::BinarySet>()) return set->values.empty();
  return false;
}

// The map or list which `path` ends in, or nullptr if there is none for its last step.
AttributeValue* Container(item::Item* item, const Path& path) {
  AttributeValue* value = item->Find(std::get<std::string>(path[0]));
  for (size_t i = 1; value != nullptr; ++i) {
    const auto* index = std::get_if<uint32_t>(&path[i]);
    auto* list = value->As<item::List>();
    auto* map = value->As<item::Map>();
    if (index != nullptr ? list == nullptr : map == nullptr) return nullptr;
    if (i + 1 == path.size()) return value;
    if (index == nullptr) {
      value = map->Find(std::get<std::string>(path[i]));
    } else {
      value = *index < list->values.size() ? &list->values[*index] : nullptr;
    }
  }
  return nullptr;
}

bool CanHold(const item::Item& old, const Path& path) {
  if (path.size() == 1) return true;
  Path parent(path.begin(), path.end() - 1);
  const AttributeValue* container = Find(old, parent);
  if (container == nullptr) return false;
  return std::holds_alternative<uint32_t>(path.back()) ? container->As<item::List>() != nullptr
                                                       : container->As<item::Map>() != nullptr;
}

void WriteAt(item::Item* item, const Path& path, AttributeValue value) {
  if (path.size() == 1) {
    item->Set(std::get<std::string>(path[0]), std::move(value));
    return;
  }
  AttributeValue* container = Container(item, path);
  if (container == nullptr) return;  // CanHold was asked before
  if (const auto* index = std::get_if<uint32_t>(&path.back())) {
    auto& values = container->As<item::List>()->values;
    if (*index < values.size()) {
      values[*index] = std::move(value);
    } else {
      values.push_back(std::move(value));
    }
  } else {
    container->As<item::Map>()->Set(std::get<std::string>(path.back()), std::move(value));
  }
}

void RemoveAt(item::Item* item, const Path& path) {
  if (path.size() == 1) {
    item->Erase(std::get<std::string>(path[0]));
    return;
  }
  AttributeValue* container = Container(item, path);
  if (container == nullptr) return;
  if (const auto* index = std::get_if<uint32_t>(&path.back())) {
    auto& values = container->As<item::List>()->values;
    if (*index < values.size()) values.erase(values.begin() + static_cast<ptrdiff_t>(*index));
  } else {
    container->As<item::Map>()->Erase(std::get<std::string>(path.back()));
  }
}

// Levels below a value: 0 for scalars and for what is empty.
int Depth(const AttributeValue& value) {
  int deepest = 0;
  if (const auto* list = value.As<item::List>()) {
    for (const AttributeValue& element : list->values) {
      deepest = std::max(deepest, 1 + Depth(element));
    }
  } else if (const auto* map = value.As<item::Map>()) {
    for (const auto& [name, member] : *map) deepest = std::max(deepest, 1 + Depth(member));
  }
  return deepest;
}

// Collects what is to change; nothing is changed until every action was found valid.
class Changes {
 public:
  Changes(const item::Item& old, bool exists, bool legacy)
      : old_(old), exists_(exists), legacy_(legacy) {}

  Result<void> Plan(const UpdateAction& action) {
    const Path& path = action.target->path;
    if (action.kind == ActionKind::kSet) {
      TM_TRY(AttributeValue value, SetValue(*action.value, old_));
      if (!CanHold(old_, path)) return InvalidPath();
      return Write(path, std::move(value));
    }
    if (!CanHold(old_, path)) {
      // The service ignores REMOVE a.b where there is no item, but not where the item lacks a.
      if (action.kind == ActionKind::kRemove && !exists_) return {};
      return InvalidPath();
    }
    const AttributeValue* found = Find(old_, path);
    if (action.kind == ActionKind::kRemove) {
      if (found != nullptr) removals_.push_back(&path);
      return {};
    }
    bool add = action.kind == ActionKind::kAdd;
    if (found == nullptr) return add ? Write(path, action.value->value) : Result<void>();
    TM_TRY(AttributeValue value, Combine(*found, action.value->value, add, legacy_));
    if (!IsEmptySet(value)) return Write(path, std::move(value));
    removals_.push_back(&path);
    return {};
  }

  item::Item Carry() {
    item::Item item = old_;
    std::sort(writes_.begin(), writes_.end(),
              [](const auto& one, const auto& two) { return *one.first < *two.first; });
    for (auto& [path, value] : writes_) WriteAt(&item, *path, std::move(value));
    std::sort(removals_.begin(), removals_.end(),
              [](const Path* one, const Path* two) { return *two < *one; });
    for (const Path* path : removals_) RemoveAt(&item, *path);
    return item;
  }

 private:
  Result<void> Write(const Path& path, AttributeValue value) {
    // A value at 32 steps is the deepest there may be, as when an item is put.
    if (static_cast<int>(path.size()) + Depth(value) > item::kNestingMax) {
      return Fail(ErrorKind::kValidation,
                  "Nesting Levels have exceeded supported limits: Attributes in the item have "
                  "nested levels beyond supported limit");
    }
    writes_.emplace_back(&path, std::move(value));
    return {};
  }

  const item::Item& old_;
  bool exists_;
  bool legacy_;
  std::vector<std::pair<const Path*, AttributeValue>> writes_;
  std::vector<const Path*> removals_;
};

}  // namespace

Result<item::Item> Update::Apply(const item::Item& old, bool exists) const {
  Changes changes(old, exists, tree_->legacy);
  for (const UpdateAction& action : tree_->actions) TM_TRYV(changes.Plan(action));
  return changes.Carry();
}

}  // namespace tidemark::expr
