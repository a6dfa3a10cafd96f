// A table found for a request: looked up once, then held until the answer.
#pragma once
#include <memory>
#include <string_view>

#include "catalog/catalog.h"
#include "engine/table_store.h"
#include "shard/shard.h"
#include "table/requests.h"

namespace tidemark::table {

using RowReaderPtr = std::shared_ptr<const engine::RowReader>;

struct OpenTable {
  catalog::TablePtr record;
  shard::Shard* shard = nullptr;
  shard::TableHandle handle;
  RowReaderPtr backup_rows;  // of a table in a backup, which has neither shard nor handle

  const item::KeySchema& keys() const { return record->keys; }
};

// Does not block. Errors: kResourceNotFound "Requested resource not found" unless the table is
// there and ACTIVE; kKeyDisabled; those of TableNameOf.
Result<OpenTable> FindActiveTable(const catalog::Catalog& catalog, const catalog::Shards& shards,
                                  const Caller& caller, std::string_view table);

}  // namespace tidemark::table
