// What the rows of a secondary index are made of. A value.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "item/row_key.h"

namespace tidemark::index {

constexpr size_t kKeyAttributesMax = 4;  // of a partition key, and of a sort key

// Numbers are stored: never renumber.
enum class Projection : uint8_t { kAll = 0, kKeysOnly = 1, kInclude = 2 };

struct Definition {
  uint16_t number = 0;                        // of its rows; item::kFirstSecondaryIndex and above
  std::vector<item::KeyAttribute> partition;  // 1 to kKeyAttributesMax
  std::vector<item::KeyAttribute> sort;       // up to as many
  Projection projection = Projection::kAll;
  std::vector<std::string> included;  // of kInclude, besides the keys; as given
  // Items older than the index may lack their row: changes write it whether it is there or not, and
  // count nothing.
  bool building = false;
  // The first part of that: requests that do not know the index may still change items, so nobody
  // may put a row that such a request would leave behind. Changes only take rows out.
  bool deletes_only = false;
  // Names of all projected attributes, sorted; of kAll none. Derived by Complete().
  std::vector<std::string> projected;
  bool operator==(const Definition&) const = default;

  // Fills `projected`; before the definition is used.
  void Complete(const item::KeySchema& table);
  bool Projects(std::string_view attribute) const;
  // Attributes of its row keys, in order: the index's, then the table's.
  std::vector<item::KeyAttribute> RowAttributes(const item::KeySchema& table) const;
};

}  // namespace tidemark::index
