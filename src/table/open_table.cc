#include "table/open_table.h"

#include "table/table_name.h"

namespace tidemark::table {

Result<OpenTable> FindActiveTable(const catalog::Catalog& catalog, const catalog::Shards& shards,
                                  const Caller& caller, std::string_view table) {
  TM_TRY(const std::string_view name, TableNameOf(caller, table));
  OpenTable found;
  found.record = catalog.FindTable(caller.account, caller.region, name);
  if (found.record && found.record->status == catalog::TableStatus::kActive) {
    TM_TRYV(catalog::CheckAccessible(*found.record));
    found.shard = shards.Find(caller.region);
    if (found.shard) found.handle = found.shard->Find(found.record->id);
    if (found.handle) return found;
  }
  return Fail(ErrorKind::kResourceNotFound, "Requested resource not found");
}

}  // namespace tidemark::table
