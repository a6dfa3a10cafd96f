// A table's stream, on and off: CreateTable, UpdateTable, DeleteTable. Reading them is the module
// `streams`.
//
// On:  a control record, whose commit time the stream begins after -> the table's record -> changes
//      are noted. Off: a control record -> the table's record -> changes are no longer noted. So a
// crash in between leaves no change out that was acknowledged while the stream was on.
//
// Threads: any but I/O threads, all of it blocks. Durable: on return.
#pragma once
#include <functional>
#include <mutex>

#include "catalog/catalog.h"
#include "shard/shard.h"
#include "table/table_request.h"

namespace tidemark::table {

// The rules of CreateTable; kValidation with the service's texts.
Result<std::optional<catalog::StreamSettings>> MakeStream(
    const std::optional<StreamRequest>& request);

class StreamSwitch {
 public:
  StreamSwitch(catalog::Catalog& catalog, catalog::Shards& shards)
      : catalog_(catalog), shards_(shards) {}

  // At start, before there are writes: notes the changes of the tables that have a stream.
  void Resume();

  // UpdateTable's StreamSpecification, with what else is to be changed of the record; the record
  // as it is then. Errors: those of `edit`, kValidation with the service's texts,
  // kResourceNotFound.
  using Edit = std::function<Result<void>(catalog::TableRecord&)>;
  Result<catalog::TablePtr> Update(TableId id, const StreamRequest& request, const Edit& edit,
                                   const shard::Origin& origin);

  // Of a table that is made with a stream: its settings, once changes are noted. The caller stores
  // them together with ACTIVE.
  Result<catalog::StreamSettings> Begin(const catalog::TableRecord& table);
  // Of a table that is gone: keeps its stream, before the table's record is erased. Idempotent.
  Result<void> Keep(catalog::TableRecord table);

 private:
  Result<catalog::StreamSettings> Start(const catalog::TableRecord& table,
                                        catalog::StreamView view);
  Result<catalog::TablePtr> Enable(const catalog::TableRecord& table, catalog::StreamView view,
                                   const Edit& edit, const shard::Origin& origin);
  Result<catalog::TablePtr> Disable(const catalog::TableRecord& table, const Edit& edit,
                                    const shard::Origin& origin);
  Result<shard::Shard*> ShardOf(const catalog::TableRecord& table) const;
  void Note(const catalog::TableRecord& table) const;

  catalog::Catalog& catalog_;
  catalog::Shards& shards_;
  std::mutex mutex_;  // one switch at a time: what is noted follows the record
};

}  // namespace tidemark::table
