// The stored form of an item (a row's value): compact, versioned from its first byte, canonical -
// equal items have equal bytes, so that hashes of them can be compared. Layout: docs/formats/item.md.
#pragma once
#include "base/bytes.h"
#include "base/result.h"
#include "item/attribute_value.h"

namespace tidemark::item {

void EncodeItem(const Item& item, Bytes* out);        // appends
Bytes EncodeItem(const Item& item);
Result<Item> DecodeItem(BytesView bytes);             // kCorruption

// The size by DynamoDB's rules without decoding into an Item (kCorruption). Reads a field at the head.
Result<uint64_t> EncodedItemSize(BytesView bytes);

// Appends the item as a DynamoDB JSON object ({"name":{"S":"..."},...}) straight from its stored
// form: the fast path of GetItem, Query and Scan.
Result<void> AppendEncodedItemJson(BytesView bytes, std::string* json);

}  // namespace tidemark::item
