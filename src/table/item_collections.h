// Item collections: of a table with local indexes, all items of one partition key value and their
// rows in those indexes. How large they are is added up when somebody asks.
//
// One object serves all requests; what it borrows must outlive it. Threads: any I/O thread; rows
// are read on the blocking pool.
#pragma once
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "runtime/blocking.h"
#include "runtime/task.h"
#include "table/requests.h"

namespace tidemark::table {

struct ItemCollection {
  item::Item key;      // the partition key alone
  uint64_t bytes = 0;  // by DynamoDB's rules
};

// Whether the table has local indexes, and so collections.
bool HasCollections(const catalog::TableRecord& table);

// What the collection of one partition key value adds up to. Blocking: reads all of it. Errors:
// those of reading.
Result<uint64_t> CollectionBytes(const engine::TableStore& store, const catalog::TableRecord& table,
                                 const item::AttributeValue& partition, bool fill_cache);

class ItemCollections {
 public:
  ItemCollections(catalog::Catalog& catalog, catalog::Shards& shards, runtime::BlockingPool& pool)
      : catalog_(catalog), shards_(shards), pool_(pool) {}

  // The collections of items that were written (their keys suffice), each once, in that order; none
  // of a table without local indexes. Of applied state. Errors: those of Queries.
  Task<std::vector<ItemCollection>> Measure(Caller caller, std::string table,
                                            std::vector<item::Item> written);

 private:
  catalog::Catalog& catalog_;
  catalog::Shards& shards_;
  runtime::BlockingPool& pool_;
};

}  // namespace tidemark::table
