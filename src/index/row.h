// The row an item has in a secondary index. Pure. Layout: docs/formats/row_key.md.
#pragma once
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "index/definition.h"
#include "item/attribute_value.h"

namespace tidemark::index {

struct Row {
  Bytes key;
  Bytes value;        // the projected item in its stored form
  uint64_t size = 0;  // of the projected item, by DynamoDB's rules
};

// An item, and its stored form. The table's key attributes are in it.
struct Image {
  const item::Item& item;
  BytesView stored;
};

// Whether a value can be that of an index key: of the type, not empty. Its size is another matter.
bool IsKeyValue(const item::KeyAttribute& attribute, const item::AttributeValue& value);

// The row's key, with the attributes of a starting key as well; none: an attribute of the index's
// key is missing, or no value for it, so the item has no row.
std::optional<Bytes> RowKeyOf(const Definition& index, const item::KeySchema& table,
                              const item::Item& item);

// None: the item has no row.
std::optional<Row> RowOf(const Definition& index, const item::KeySchema& table, const Image& image);

}  // namespace tidemark::index
