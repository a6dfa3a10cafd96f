#include "table/capacity.h"

#include <algorithm>

#include "table/requests.h"

namespace tidemark::table {

double Capacity::total() const {
  double units = OfTable();
  for (const IndexCapacity& index : indexes) units += index.units;
  return units;
}

void Capacity::AddIndex(const IndexCapacity& index) {
  const auto at = std::ranges::find(indexes, index.name, &IndexCapacity::name);
  if (at == indexes.end()) {
    indexes.push_back(index);
  } else {
    at->units += index.units;
  }
}

}  // namespace tidemark::table
