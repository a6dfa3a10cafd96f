// The stored form of an item (a row's value): compact, versioned from its first byte, canonical -
// equal items have equal bytes, so that hashes of them can be compared. Layout:
// docs/formats/item.md.
#pragma once
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "item/attribute_value.h"

namespace tidemark::item {

// Bound of the readers' recursion; above kNestingMax, so that no item once accepted is unreadable.
constexpr int kStoredDepthMax = 64;

void EncodeItem(const Item& item, Bytes* out);  // appends
Bytes EncodeItem(const Item& item);
Result<Item> DecodeItem(BytesView bytes);  // kCorruption

// The size by DynamoDB's rules without decoding into an Item (kCorruption): a field at the head.
Result<uint64_t> EncodedItemSize(BytesView bytes);

// Appends the item as a DynamoDB JSON object ({"name":{"S":"..."},...}) straight from its stored
// form: the fast path of GetItem, Query and Scan. kCorruption; *json is then as before.
Result<void> AppendEncodedItemJson(BytesView bytes, std::string* json);

}  // namespace tidemark::item
