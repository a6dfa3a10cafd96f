#include "index/row.h"

#include <utility>
#include <vector>

#include "base/assert.h"
#include "item/item_codec.h"
#include "item/item_size.h"

namespace tidemark::index {
namespace {

// The values of key attributes; false: the item has no row.
bool Gather(const std::vector<item::KeyAttribute>& attributes, size_t bytes_max,
            const item::Item& item, std::vector<const item::AttributeValue*>* values) {
  size_t bytes = 0;
  for (const item::KeyAttribute& attribute : attributes) {
    const item::AttributeValue* value = item.Find(attribute.name);
    if (value == nullptr || !IsKeyValue(attribute, *value)) return false;
    bytes += item::ValueSize(*value);
    values->push_back(value);
  }
  return bytes <= bytes_max;
}

void AppendTableKey(const item::KeyAttribute& attribute, const item::Item& item, Bytes* key) {
  const item::AttributeValue* value = item.Find(attribute.name);
  TM_ASSERT(value != nullptr);
  item::AppendOrdered(*value, key);
}

// Both are sorted by name.
item::Item Project(const Definition& index, const item::Item& item) {
  std::vector<item::Map::Entry> kept;
  auto name = index.projected.begin();
  for (const auto& entry : item) {
    while (name != index.projected.end() && *name < entry.first) ++name;
    if (name == index.projected.end()) break;
    if (*name == entry.first) kept.push_back(entry);
  }
  return item::Map::FromEntries(std::move(kept));
}

}  // namespace

bool IsKeyValue(const item::KeyAttribute& attribute, const item::AttributeValue& value) {
  if (value.type() != attribute.type) return false;
  if (const auto* text = value.As<std::string>()) return !text->empty();
  if (const auto* binary = value.As<item::Binary>()) return !binary->bytes.empty();
  return true;
}

std::optional<Bytes> RowKeyOf(const Definition& index, const item::KeySchema& table,
                              const item::Item& item) {
  std::vector<const item::AttributeValue*> values;
  values.reserve(kKeyAttributesMax);
  if (!Gather(index.partition, item::kPartitionKeyBytesMax, item, &values)) return std::nullopt;
  const size_t partition = values.size();
  if (!Gather(index.sort, item::kSortKeyBytesMax, item, &values)) return std::nullopt;
  Bytes key = item::PartitionPrefix(index.number, {values.data(), partition});
  for (size_t i = partition; i < values.size(); ++i) item::AppendOrdered(*values[i], &key);
  AppendTableKey(table.partition, item, &key);
  if (table.sort) AppendTableKey(*table.sort, item, &key);
  return key;
}

std::optional<Row> RowOf(const Definition& index, const item::KeySchema& table,
                         const Image& image) {
  auto key = RowKeyOf(index, table, image.item);
  if (!key) return std::nullopt;
  Row row{.key = *std::move(key)};
  if (index.projection == Projection::kAll) {
    row.value = image.stored;
    row.size = item::ItemSize(image.item);
    return row;
  }
  const item::Item projected = Project(index, image.item);
  row.value = item::EncodeItem(projected);
  row.size = item::ItemSize(projected);
  return row;
}

}  // namespace tidemark::index
