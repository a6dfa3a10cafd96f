#include "table/row_space.h"

#include "base/assert.h"
#include "base/error.h"

namespace tidemark::table {

Bytes RowSpace::RowKey(const item::Item& key) const {
  std::vector<const item::AttributeValue*> values;
  for (const auto& attribute : attributes) {
    values.push_back(key.Find(attribute.name));
    TM_ASSERT(values.back() != nullptr);
  }
  Bytes row = item::PartitionPrefix(number, {values.data(), partition.size()});
  for (size_t i = partition.size(); i < values.size(); ++i) item::AppendOrdered(*values[i], &row);
  return row;
}

Result<RowSpace> FindRowSpace(const catalog::TableRecord& table,
                              const std::optional<std::string>& index) {
  RowSpace space;
  if (!index) {
    space.partition = {table.keys.partition};
    if (table.keys.sort) space.sort = {*table.keys.sort};
    space.attributes = space.partition;
    space.attributes.insert(space.attributes.end(), space.sort.begin(), space.sort.end());
    return space;
  }
  space.index = table.FindIndex(*index);
  if (!space.index || !space.index->IsKept())
    return Fail(ErrorKind::kValidation, "The table does not have the specified index: {}", *index);
  if (space.index->status == catalog::IndexStatus::kCreating)
    return Fail(ErrorKind::kValidation, "Cannot read from backfilling global secondary index: {}",
                *index);
  const auto& definition = space.index->definition;
  space.number = definition.number;
  space.partition = definition.partition;
  space.sort = definition.sort;
  space.attributes = definition.RowAttributes(table.keys);
  return space;
}

}  // namespace tidemark::table
