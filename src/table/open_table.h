// A table found for a request: looked up once, then held until the answer.
#pragma once
#include <string_view>

#include "catalog/catalog.h"
#include "shard/shard.h"
#include "table/requests.h"

namespace tidemark::table {

struct OpenTable {
  catalog::TablePtr record;
  shard::Shard* shard = nullptr;
  shard::TableHandle handle;

  const item::KeySchema& keys() const { return record->keys; }
};

// Does not block. Errors: kResourceNotFound "Requested resource not found" unless the table is
// there and ACTIVE; kKeyDisabled; those of TableNameOf.
Result<OpenTable> FindActiveTable(const catalog::Catalog& catalog, const catalog::Shards& shards,
                                  const Caller& caller, std::string_view table);

}  // namespace tidemark::table
