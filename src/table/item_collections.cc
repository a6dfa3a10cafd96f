#include "table/item_collections.h"

#include <algorithm>
#include <utility>

#include "item/item_codec.h"
#include "item/row_key.h"
#include "table/open_table.h"

namespace tidemark::table {

bool HasCollections(const catalog::TableRecord& table) {
  return std::ranges::any_of(table.indexes, &catalog::IndexRecord::local);
}

Result<uint64_t> CollectionBytes(const engine::TableStore& store, const catalog::TableRecord& table,
                                 const item::AttributeValue& partition, bool fill_cache) {
  std::vector<uint16_t> numbers{item::kPrimaryIndex};
  for (const auto& index : table.indexes) {
    if (index.local) numbers.push_back(index.definition.number);
  }
  // All begun before any is read, which may take long: so they are of about the same instant.
  std::vector<std::unique_ptr<engine::RowIterator>> scans;
  for (const uint16_t number : numbers) {
    const Bytes prefix = item::PartitionPrefix(number, partition);
    TM_TRY(auto scan,
           store.Scan({.begin = prefix, .end = item::PrefixEnd(prefix), .fill_cache = fill_cache}));
    scans.push_back(std::move(scan));
  }
  uint64_t bytes = 0;
  for (const auto& rows : scans) {
    for (; rows->Valid(); rows->Next()) {
      TM_TRY(const uint64_t size, item::EncodedItemSize(rows->value()));
      bytes += size;
    }
    TM_TRYV(rows->status());
  }
  return bytes;
}

Task<std::vector<ItemCollection>> ItemCollections::Measure(Caller caller, std::string table,
                                                           std::vector<item::Item> written) {
  std::vector<ItemCollection> collections;
  TM_CO_TRY(const auto open, FindActiveTable(catalog_, shards_, caller, table));
  if (!HasCollections(*open.record)) co_return collections;
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
      const auto& partition = *collection.key.Find(name);
      TM_TRY(collection.bytes,
             CollectionBytes(*store, *open.record, partition, /*fill_cache=*/true));
    }
    return {};
  };
  TM_CO_TRYV(co_await runtime::Blocking(pool_, std::move(sum)));
  co_return collections;
}

}  // namespace tidemark::table
