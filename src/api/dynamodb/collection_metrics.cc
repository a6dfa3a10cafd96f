#include "api/dynamodb/collection_metrics.h"

#include <utility>

#include "api/dynamodb/item_answers.h"

namespace tidemark::api::dynamodb {

namespace {

constexpr uint64_t kGigabyte = 1ull << 30;

// The service gives a range of whole gigabytes.
void WriteCollection(const table::ItemCollection& collection, codec::JsonWriter* w) {
  w->BeginObject().Key("ItemCollectionKey");
  WriteItem(collection.key, w);
  const auto least = static_cast<double>(collection.bytes / kGigabyte);
  w->Key("SizeEstimateRangeGB").BeginArray().Double(least).Double(least + 1).EndArray();
  w->EndObject();
}

}  // namespace

WrittenItems::WrittenItems(std::optional<ReturnItemCollectionMetrics> wanted,
                           const table::Caller& caller) {
  if (wanted == ReturnItemCollectionMetrics::kSize) caller_ = caller;
}

void WrittenItems::Add(const std::string& table, const item::Item& item) {
  if (caller_) items_[table].push_back(item);
}

Task<CollectionsByTable> WrittenItems::Measure(const Services& services) const {
  CollectionsByTable collections;
  for (const auto& [table, items] : items_) {
    TM_CO_TRY(auto measured, co_await services.collections.Measure(*caller_, table, items));
    if (!measured.empty()) collections[table] = std::move(measured);
  }
  co_return collections;
}

void WriteCollectionMetrics(const CollectionsByTable& collections, codec::JsonWriter* w) {
  if (collections.empty()) return;
  w->Key("ItemCollectionMetrics");
  WriteCollection(collections.begin()->second.front(), w);
}

void WriteCollectionMetricsByTable(const CollectionsByTable& collections, codec::JsonWriter* w) {
  if (collections.empty()) return;
  w->Key("ItemCollectionMetrics").BeginObject();
  for (const auto& [table, all] : collections) {
    w->Key(table).BeginArray();
    for (const auto& collection : all) WriteCollection(collection, w);
    w->EndArray();
  }
  w->EndObject();
}

}  // namespace tidemark::api::dynamodb
