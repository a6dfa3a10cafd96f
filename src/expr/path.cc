#include "expr/path.h"

#include <algorithm>
#include <span>
#include <string_view>

namespace tidemark::expr {
namespace {

const item::AttributeValue* Member(const item::AttributeValue& value, const PathStep& step) {
  if (const auto* index = std::get_if<uint32_t>(&step)) {
    const auto* list = value.As<item::List>();
    return list != nullptr && *index < list->values.size() ? &list->values[*index] : nullptr;
  }
  const auto* map = value.As<item::Map>();
  return map != nullptr ? map->Find(std::get<std::string>(step)) : nullptr;
}

// The paths which share the steps before `depth` and the step there: those of one member.
std::span<const Path> TakeGroup(std::span<const Path>* paths, size_t depth) {
  size_t size = 1;
  while (size < paths->size() && (*paths)[size][depth] == (*paths)[0][depth]) ++size;
  auto group = paths->first(size);
  *paths = paths->subspan(size);
  return group;
}

// False if nothing of `value` is asked for by these paths, which agree up to `depth`.
bool ExtractValue(const item::AttributeValue& value, std::span<const Path> paths, size_t depth,
                  item::AttributeValue* out) {
  if (paths.front().size() == depth) {
    *out = value;
    return true;
  }
  item::List list;
  item::Map map;
  bool is_list = value.As<item::List>() != nullptr;
  bool found = false;
  while (!paths.empty()) {
    auto group = TakeGroup(&paths, depth);
    const PathStep& step = group.front()[depth];
    const item::AttributeValue* member = Member(value, step);
    item::AttributeValue part;
    if (member == nullptr || !ExtractValue(*member, group, depth + 1, &part)) continue;
    found = true;
    if (is_list) {
      list.values.push_back(std::move(part));
    } else {
      map.Set(std::get<std::string>(step), std::move(part));
    }
  }
  if (!found) return false;
  *out = is_list ? item::AttributeValue(std::move(list)) : item::AttributeValue(std::move(map));
  return true;
}

}  // namespace

std::string ToString(const Path& path) {
  std::string text = "[";
  for (size_t i = 0; i < path.size(); ++i) {
    if (i > 0) text += ", ";
    if (const auto* index = std::get_if<uint32_t>(&path[i])) {
      text += "[" + std::to_string(*index) + "]";
    } else {
      text += std::get<std::string>(path[i]);
    }
  }
  return text + "]";
}

PathRelation Relate(const Path& one, const Path& two) {
  size_t common = std::min(one.size(), two.size());
  for (size_t i = 0; i < common; ++i) {
    if (one[i].index() != two[i].index()) return PathRelation::kConflict;
    if (one[i] != two[i]) return PathRelation::kNone;
  }
  return PathRelation::kOverlap;
}

const item::AttributeValue* Find(const item::Item& item, const Path& path) {
  const item::AttributeValue* value = item.Find(std::get<std::string>(path.front()));
  for (size_t i = 1; i < path.size() && value != nullptr; ++i) value = Member(*value, path[i]);
  return value;
}

item::Item Extract(const item::Item& item, const std::vector<Path>& paths) {
  item::Item out;
  std::span<const Path> rest(paths);
  while (!rest.empty()) {
    auto group = TakeGroup(&rest, 0);
    const std::string& name = std::get<std::string>(group.front().front());
    const item::AttributeValue* value = item.Find(name);
    item::AttributeValue part;
    if (value != nullptr && ExtractValue(*value, group, 1, &part)) out.Set(name, std::move(part));
  }
  return out;
}

}  // namespace tidemark::expr
