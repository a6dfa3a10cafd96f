#include "table/item_ops.h"

#include <utility>

#include "base/assert.h"
#include "item/item_codec.h"
#include "table/capacity.h"
#include "table/envelope.h"
#include "table/key_rules.h"
#include "table/open_table.h"
#include "table/parsed.h"
#include "table/write_plan.h"

namespace tidemark::table {

template <class Request>
Task<WriteResult> ItemOps::Write(Caller caller, Request request) {
  TM_CO_TRY(auto plan, InEnvelope(MakePlan(request)));
  TM_CO_TRYV(CheckSize(plan));
  TM_CO_TRY(auto table, FindActiveTable(catalog_, shards_, caller, request.table));
  TM_CO_TRY(Bytes row, BindPlan(table, request, &plan));
  TM_CO_TRYV(Admit(throttle_, *table.record, Throttle::Use::kWrite));
  CollectionGrowth growth;
  if (limit_.Concerns(table)) {
    TM_CO_TRY(growth, co_await limit_.Follow(table, row, MayGrow(plan)));
  }
  WriteOutcome outcome;
  shard::WriteRequest write{.table = std::move(table.handle),
                            .key = std::move(row),
                            .evaluate = [&](const std::optional<Bytes>& old_row) {
                              auto evaluated = Evaluate(plan, old_row, &outcome);
                              evaluated = AdmitToIndexes(throttle_, *table.record, outcome.indexes,
                                                         std::move(evaluated));
                              return growth.Count(*table.record, std::move(evaluated));
                            }};
  TM_CO_TRY(const Timestamp commit_time,
            co_await table.shard->Write(std::move(write), std::move(caller.origin)));
  growth.Keep();
  Charge(throttle_, *table.record, Throttle::Use::kWrite, outcome.write_units);
  ChargeIndexes(throttle_, *table.record, outcome.indexes);
  WriteResult result;
  result.attributes = std::move(outcome.attributes);
  result.capacity.table = std::move(request.table);
  result.capacity.write_units = outcome.write_units;
  result.capacity.indexes = std::move(outcome.indexes);
  result.commit_time = commit_time;
  co_return result;
}

Task<GetResult> ItemOps::Get(Caller caller, GetRequest request) {
  TM_CO_TRY(const auto projection, ParseProjection(request.expressions));
  OpenTable table;
  if (caller.from_backup.empty()) {
    TM_CO_TRY(table, FindActiveTable(catalog_, shards_, caller, request.table));
  } else {
    TM_ASSERT(past_ != nullptr);
    TM_CO_TRY(table, co_await past_->OpenBackup(caller, request.table));
  }
  TM_CO_TRYV(CheckKey(table.keys(), request.key));
  Throttle* const throttle = table.backup_rows ? nullptr : throttle_;
  TM_CO_TRYV(Admit(throttle, *table.record, Throttle::Use::kRead));
  Bytes row = PrimaryRow(table.keys(), request.key);
  std::optional<Bytes> value;
  if (table.backup_rows) {
    TM_CO_TRY(value, co_await past_->Get(table.backup_rows, std::move(row)));
  } else if (caller.as_of) {
    TM_ASSERT(past_ != nullptr);
    TM_CO_TRY(value, co_await past_->Get(table.record, *caller.as_of, std::move(row)));
  } else {
    TM_CO_TRY(value, co_await table.shard->Get(table.handle, std::move(row)));
  }

  GetResult result;
  uint64_t size = 0;
  if (value) {
    TM_CO_TRY(size, item::EncodedItemSize(*value));
    TM_CO_TRY(result.item, Project(projection, std::move(*value)));
  }
  result.capacity.table = std::move(request.table);
  result.capacity.read_units = ReadUnits(size, request.consistent_read);
  Charge(throttle, *table.record, Throttle::Use::kRead, result.capacity.read_units);
  co_return result;
}

Task<WriteResult> ItemOps::Put(Caller caller, PutRequest request) {
  return Write(std::move(caller), std::move(request));
}
Task<WriteResult> ItemOps::Update(Caller caller, UpdateRequest request) {
  return Write(std::move(caller), std::move(request));
}
Task<WriteResult> ItemOps::Delete(Caller caller, DeleteRequest request) {
  return Write(std::move(caller), std::move(request));
}

}  // namespace tidemark::table
