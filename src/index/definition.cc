#include "index/definition.h"

#include <algorithm>

namespace tidemark::index {

void Definition::Complete(const item::KeySchema& table) {
  projected.clear();
  if (projection == Projection::kAll) return;
  for (const item::KeyAttribute& attribute : RowAttributes(table))
    projected.push_back(attribute.name);
  projected.insert(projected.end(), included.begin(), included.end());
  std::ranges::sort(projected);
  const auto twice = std::ranges::unique(projected);
  projected.erase(twice.begin(), twice.end());
}

bool Definition::Projects(std::string_view attribute) const {
  return projection == Projection::kAll || std::ranges::binary_search(projected, attribute);
}

std::vector<item::KeyAttribute> Definition::RowAttributes(const item::KeySchema& table) const {
  std::vector<item::KeyAttribute> attributes = partition;
  attributes.insert(attributes.end(), sort.begin(), sort.end());
  attributes.push_back(table.partition);
  if (table.sort) attributes.push_back(*table.sort);
  return attributes;
}

}  // namespace tidemark::index
