// What a Query or a Scan reads: the rows of a table itself, or of one of its indexes.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/table_record.h"
#include "item/row_key.h"

namespace tidemark::table {

struct RowSpace {
  uint16_t number = item::kPrimaryIndex;      // of its rows
  std::vector<item::KeyAttribute> partition;  // what a Query fixes ...
  std::vector<item::KeyAttribute> sort;       // ... and orders by
  // Of row keys, in order: the two above and, in an index, the table's key.
  std::vector<item::KeyAttribute> attributes;
  // As long as the table's record lives; null: the table itself.
  const catalog::IndexRecord* index = nullptr;

  bool IsGlobal() const { return index && !index->local; }
  // Key of the row that has these attributes, which must have passed CheckStartKey.
  Bytes RowKey(const item::Item& key) const;
};

// Errors: kValidation (no such index, or one that is being built).
Result<RowSpace> FindRowSpace(const catalog::TableRecord& table,
                              const std::optional<std::string>& index);

}  // namespace tidemark::table
