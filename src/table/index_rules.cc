#include "table/index_rules.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "index/row.h"
#include "item/item_size.h"
#include "table/key_rules.h"

namespace tidemark::table {
namespace {

std::string_view EmptyKind(const item::AttributeValue& value) {
  return value.type() == item::Type::kString ? "string" : "binary";
}

uint64_t SizeOf(const std::vector<item::KeyAttribute>& attributes, const item::Item& item) {
  uint64_t bytes = 0;
  for (const item::KeyAttribute& attribute : attributes) {
    if (const auto* value = item.Find(attribute.name)) bytes += item::ValueSize(*value);
  }
  return bytes;
}

Result<void> CheckPutValue(const catalog::IndexRecord& index, const item::KeyAttribute& attribute,
                           const item::AttributeValue& value) {
  if (value.type() != attribute.type)
    return Fail(ErrorKind::kValidation,
                "One or more parameter values were invalid: Type mismatch for Index Key {} "
                "Expected: {} Actual: {} IndexName: {}",
                attribute.name, item::TypeName(attribute.type), item::TypeName(value.type()),
                index.name);
  if (!index::IsKeyValue(attribute, value))
    return FailRequest(
        "One or more parameter values are not valid. A value specified for a secondary "
        "index key is not supported. The AttributeValue for a key attribute cannot contain "
        "an empty {} value. IndexName: {}, IndexKey: {}",
        EmptyKind(value), index.name, attribute.name);
  return {};
}

// `there`: whether the update found an item.
Result<void> CheckUpdatedValue(const catalog::IndexRecord& index,
                               const item::KeyAttribute& attribute,
                               const item::AttributeValue& value, bool there) {
  if (value.type() != attribute.type && !there) return CheckPutValue(index, attribute, value);
  if (value.type() != attribute.type)
    return Fail(ErrorKind::kValidation,
                "The update expression attempted to update the secondary index key to unsupported "
                "type");
  if (!index::IsKeyValue(attribute, value))
    return FailRequest(
        "One or more parameter values are not valid. The update expression attempted to "
        "update a secondary index key to a value that is not supported. The "
        "AttributeValue for a key attribute cannot contain an empty {} value.",
        EmptyKind(value));
  return {};
}

template <class Check>
Result<void> CheckKeyValuesOf(const catalog::IndexRecord& index, const item::Item& item,
                              Check check) {
  for (const auto* attributes : {&index.definition.partition, &index.definition.sort}) {
    for (const auto& attribute : *attributes) {
      const auto* value = item.Find(attribute.name);
      if (value) TM_TRYV(check(index, attribute, *value));
    }
  }
  return {};
}

// Calls check(index, attribute, value) for each key attribute of an index that the item has. Of
// several indexes that refuse, the first by name answers.
template <class Check>
Result<void> ForEachKeyValue(const catalog::TableRecord& table, const item::Item& item,
                             Check check) {
  Result<void> all;
  std::string_view refuser;
  for (const auto& index : table.indexes) {
    if (!index.IsKept() || (!all && refuser < index.name)) continue;
    auto one = CheckKeyValuesOf(index, item, check);
    if (one) continue;
    all = std::move(one);
    refuser = index.name;
  }
  return all;
}

Result<void> CheckPutSizes(const catalog::TableRecord& table, const item::Item& item) {
  for (const auto& index : table.indexes) {
    if (!index.IsKept()) continue;
    // The service's own texts, the missing blank among them.
    if (SizeOf(index.definition.partition, item) > item::kPartitionKeyBytesMax)
      return Fail(ErrorKind::kValidation,
                  "One or more parameter values were invalid: Size of hashkey has exceeded the "
                  "maximum size limit of{} bytes",
                  item::kPartitionKeyBytesMax);
    if (SizeOf(index.definition.sort, item) > item::kSortKeyBytesMax)
      return Fail(ErrorKind::kValidation,
                  "One or more parameter values were invalid: Aggregated size of all range keys "
                  "has exceeded the size limit of {} bytes",
                  item::kSortKeyBytesMax);
  }
  return {};
}

}  // namespace

Result<void> CheckIndexKeys(const catalog::TableRecord& table, const item::Item& item) {
  TM_TRYV(ForEachKeyValue(table, item, CheckPutValue));
  return CheckPutSizes(table, item);
}

Result<void> CheckUpdatedIndexKeys(const catalog::TableRecord& table, const item::Item* before,
                                   const item::Item& after) {
  const auto changed = [&](const item::KeyAttribute& attribute) {
    const auto* old_value = before ? before->Find(attribute.name) : nullptr;
    const auto* new_value = after.Find(attribute.name);
    return new_value && (!old_value || *old_value != *new_value);
  };
  TM_TRYV(
      ForEachKeyValue(table, after,
                      [&](const catalog::IndexRecord& index, const item::KeyAttribute& attribute,
                          const item::AttributeValue& value) -> Result<void> {
                        if (!changed(attribute)) return {};
                        return CheckUpdatedValue(index, attribute, value, before != nullptr);
                      }));
  if (!before) return CheckPutSizes(table, after);
  for (const auto& index : table.indexes) {
    if (!index.IsKept()) continue;
    const auto& definition = index.definition;
    if ((std::ranges::any_of(definition.partition, changed) &&
         SizeOf(definition.partition, after) > item::kPartitionKeyBytesMax) ||
        (std::ranges::any_of(definition.sort, changed) &&
         SizeOf(definition.sort, after) > item::kSortKeyBytesMax))
      return Fail(ErrorKind::kValidation,
                  "The update expression attempted to update the secondary index key beyond "
                  "allowed size limits");
  }
  return {};
}

}  // namespace tidemark::table
