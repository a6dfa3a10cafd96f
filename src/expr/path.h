// Document paths: where in an item an expression points.
#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "item/attribute_value.h"

namespace tidemark::expr {

// A member of a map (the name is resolved and literal, dots included) or an element of a list.
using PathStep = std::variant<std::string, uint32_t>;
// Never empty; the first step is the name of a top-level attribute.
using Path = std::vector<PathStep>;

// The service's spelling in error texts: "[a, b, [3]]".
std::string ToString(const Path& path);

// Whether the one path leads to or through the place of the other.
enum class PathRelation { kNone, kOverlap, kConflict };
// kOverlap: equal, or one is the beginning of the other. kConflict: they part at a step which needs
// a map for the one and a list for the other.
PathRelation Relate(const Path& one, const Path& two);

// nullptr where the item has nothing at the path.
const item::AttributeValue* Find(const item::Item& item, const Path& path);

// The parts of `item` at `paths`, in their surroundings: enclosing maps and lists are kept but hold
// only what was asked for (list elements in the order of their indices). The paths must be sorted
// (std::sort), so that those with a common beginning stand together, and must not overlap.
item::Item Extract(const item::Item& item, const std::vector<Path>& paths);

}  // namespace tidemark::expr
