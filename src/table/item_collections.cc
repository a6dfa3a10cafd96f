#include "table/item_collections.h"

#include <algorithm>
#include <utility>

#include "item/item_codec.h"
#include "item/row_key.h"
#include "table/open_table.h"

namespace tidemark::table {
namespace {

Result<uint64_t> SumRows(const engine::TableStore& store, uint16_t number,
                         const item::AttributeValue& partition) {
  const Bytes prefix = item::PartitionPrefix(number, partition);
  TM_TRY(auto rows, store.Scan({.begin = prefix, .end = item::PrefixEnd(prefix)}));
  uint64_t bytes = 0;
  for (; rows->Valid(); rows->Next()) {
    TM_TRY(const uint64_t size, item::EncodedItemSize(rows->value()));
    bytes += size;
  }
  TM_TRYV(rows->status());
  return bytes;
}

}  // namespace

Task<std::vector<ItemCollection>> ItemCollections::Measure(Caller caller, std::string table,
                                                           std::vector<item::Item> written) {
  std::vector<ItemCollection> collections;
  TM_CO_TRY(const auto open, FindActiveTable(catalog_, shards_, caller, table));
  std::vector<uint16_t> numbers{item::kPrimaryIndex};
  for (const auto& index : open.record->indexes) {
    if (index.local) numbers.push_back(index.definition.number);
  }
  if (numbers.size() == 1) co_return collections;
  const std::string& name = open.keys().partition.name;
  for (const auto& item : written) {
    ItemCollection collection;
    collection.key.Set(name, *item.Find(name));
    if (std::ranges::find(collections, collection.key, &ItemCollection::key) == collections.end())
      collections.push_back(std::move(collection));
  }
  TM_CO_TRY(const auto store, co_await open.shard->Store(open.handle));
  auto sum = [&]() -> Result<void> {
    for (auto& collection : collections) {
      for (const uint16_t number : numbers) {
        TM_TRY(const uint64_t bytes, SumRows(*store, number, *collection.key.Find(name)));
        collection.bytes += bytes;
      }
    }
    return {};
  };
  TM_CO_TRYV(co_await runtime::Blocking(pool_, std::move(sum)));
  co_return collections;
}

}  // namespace tidemark::table
