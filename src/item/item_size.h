// DynamoDB's size rules (developer guide, "Item sizes and formats"): what 400 KB is measured with.
#pragma once
#include <cstdint>

#include "item/attribute_value.h"

namespace tidemark::item {

constexpr uint64_t kItemBytesMax = 400 * 1024;
constexpr int kNestingMax = 32;

uint64_t ValueSize(const AttributeValue& value);  // bytes
uint64_t ItemSize(const Item& item);              // names (UTF-8) + values; bytes

}  // namespace tidemark::item
