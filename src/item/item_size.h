// DynamoDB's size rules (developer guide, "Item sizes and formats"): what 400 KB is measured with.
#pragma once
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "item/attribute_value.h"

namespace tidemark::item {

constexpr uint64_t kItemBytesMax = 400 * 1024;
constexpr int kNestingMax = 32;

uint64_t ValueSize(const AttributeValue& value);  // bytes
uint64_t ItemSize(const Item& item);              // names (UTF-8) + values; bytes

// Of an attribute, or of an entry of a map: at most 65,535 bytes. kConstraint, with the service's
// text.
Result<void> CheckAttributeName(std::string_view name);

}  // namespace tidemark::item
