#include "table/key_rules.h"

#include <optional>

#include "base/assert.h"
#include "item/item_size.h"

namespace tidemark::table {
namespace {

using item::kPartitionKeyBytesMax;
using item::kSortKeyBytesMax;

// Bytes of an S or B; nothing for numbers, which are always short enough and never empty.
std::optional<size_t> TextSize(const item::AttributeValue& value) {
  if (const auto* text = value.As<std::string>()) return text->size();
  if (const auto* binary = value.As<item::Binary>()) return binary->bytes.size();
  return std::nullopt;
}

Result<void> CheckItemAttribute(const item::KeyAttribute& attribute, const item::Item& item,
                                bool is_partition) {
  const auto* value = item.Find(attribute.name);
  if (!value)
    return Fail(ErrorKind::kValidation,
                "One or more parameter values were invalid: Missing the key {} in the item",
                attribute.name);
  if (value->type() != attribute.type)
    return Fail(ErrorKind::kValidation,
                "One or more parameter values were invalid: Type mismatch for key {} expected: {} "
                "actual: {}",
                attribute.name, item::TypeName(attribute.type), item::TypeName(value->type()));
  return CheckKeyValue(attribute, *value, is_partition);
}

}  // namespace

Result<void> CheckKeyValue(const item::KeyAttribute& attribute, const item::AttributeValue& value,
                           bool is_partition) {
  const auto size = TextSize(value);
  if (!size) return {};
  if (*size == 0)
    return FailRequest(
        "One or more parameter values are not valid. The AttributeValue for a key attribute "
        "cannot contain an empty {} value. Key: {}",
        value.type() == item::Type::kString ? "string" : "binary", attribute.name);
  // The service's own texts, the missing blank among them.
  if (is_partition && *size > kPartitionKeyBytesMax)
    return Fail(ErrorKind::kValidation,
                "One or more parameter values were invalid: Size of hashkey has exceeded the "
                "maximum size limit of{} bytes",
                kPartitionKeyBytesMax);
  if (!is_partition && *size > kSortKeyBytesMax)
    return Fail(ErrorKind::kValidation,
                "One or more parameter values were invalid: Aggregated size of all range keys has "
                "exceeded the size limit of {} bytes",
                kSortKeyBytesMax);
  return {};
}

Result<void> CheckItemKey(const item::KeySchema& schema, const item::Item& item) {
  TM_TRYV(CheckItemAttribute(schema.partition, item, true));
  if (schema.sort) TM_TRYV(CheckItemAttribute(*schema.sort, item, false));
  return {};
}

Result<void> CheckBatchItemKey(const item::KeySchema& schema, const item::Item& item) {
  const auto* partition = item.Find(schema.partition.name);
  const auto* sort = schema.sort ? item.Find(schema.sort->name) : nullptr;
  const bool fits = partition && partition->type() == schema.partition.type &&
                    (!schema.sort || (sort && sort->type() == schema.sort->type));
  if (!fits)
    return Fail(ErrorKind::kValidation, "The provided key element does not match the schema");
  TM_TRYV(CheckKeyValue(schema.partition, *partition, true));
  if (sort) TM_TRYV(CheckKeyValue(*schema.sort, *sort, false));
  return {};
}

Result<void> CheckKey(const item::KeySchema& schema, const item::Item& key) {
  if (key.size() != (schema.sort ? 2u : 1u))
    return Fail(ErrorKind::kValidation, "The provided key element does not match the schema");
  return CheckBatchItemKey(schema, key);
}

Result<void> CheckPutSize(uint64_t size) {
  if (size > item::kItemBytesMax)
    return Fail(ErrorKind::kValidation, "Item size has exceeded the maximum allowed size");
  return {};
}

Result<void> CheckUpdatedSize(uint64_t size) {
  if (size > item::kItemBytesMax)
    return Fail(ErrorKind::kValidation,
                "Item size to update has exceeded the maximum allowed size");
  return {};
}

Bytes PrimaryRow(const item::KeySchema& schema, const item::Item& item) {
  const auto* partition = item.Find(schema.partition.name);
  const auto* sort = schema.sort ? item.Find(schema.sort->name) : nullptr;
  TM_ASSERT(partition && (sort || !schema.sort));
  return item::RowKey(item::kPrimaryIndex, *partition, sort);
}

}  // namespace tidemark::table
