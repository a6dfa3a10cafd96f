// ReturnItemCollectionMetrics: what a request writes, remembered if it asks for them, and the
// collections of it afterwards.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/dynamodb/operations.h"
#include "api/dynamodb/shapes_gen.h"
#include "codec/json_writer.h"
#include "runtime/task.h"

namespace tidemark::api::dynamodb {

using CollectionsByTable = std::map<std::string, std::vector<table::ItemCollection>>;

class WrittenItems {
 public:
  WrittenItems(std::optional<ReturnItemCollectionMetrics> wanted, const table::Caller& caller);

  // `item`: whole, or its key. Copied only if metrics are wanted.
  void Add(const std::string& table, const item::Item& item);
  // After the write. Empty where nothing was asked for, or there is nothing to tell.
  Task<CollectionsByTable> Measure(const Services& services) const;

 private:
  std::optional<table::Caller> caller_;  // none: not wanted
  std::map<std::string, std::vector<item::Item>> items_;
};

// "ItemCollectionMetrics", if there are any: of a request that writes one item, and of those that
// write several.
void WriteCollectionMetrics(const CollectionsByTable& collections, codec::JsonWriter* w);
void WriteCollectionMetricsByTable(const CollectionsByTable& collections, codec::JsonWriter* w);

}  // namespace tidemark::api::dynamodb
