#include "table/item_ops.h"

#include <string_view>
#include <utility>

#include "expr/condition.h"
#include "expr/projection.h"
#include "expr/update.h"
#include "item/item_codec.h"
#include "item/item_size.h"
#include "table/capacity.h"
#include "table/key_rules.h"
#include "table/mutations.h"
#include "table/open_table.h"
#include "table/parsed.h"

namespace tidemark::table {
namespace {

Result<void> CheckReturnsOldOnly(ReturnValues values) {
  if (values == ReturnValues::kNone || values == ReturnValues::kAllOld) return {};
  return Fail(ErrorKind::kValidation, "Return values set to invalid value");
}

// Queues the planned write of one row and waits for it.
template <class Plan>
Task<WriteResult> Run(OpenTable table, std::string table_name, Bytes row, Plan plan,
                      shard::Origin origin, Throttle* throttle) {
  TM_CO_TRYV(Admit(throttle, *table.record, Throttle::Use::kWrite));
  WriteOutcome outcome;
  shard::WriteRequest write{.table = std::move(table.handle),
                            .key = std::move(row),
                            .evaluate = [&plan, &outcome](const std::optional<Bytes>& old_row) {
                              return Evaluate(plan, old_row, &outcome);
                            }};
  TM_CO_TRY(const Timestamp commit_time,
            co_await table.shard->Write(std::move(write), std::move(origin)));
  Charge(throttle, *table.record, Throttle::Use::kWrite, outcome.write_units);
  WriteResult result;
  result.attributes = std::move(outcome.attributes);
  result.capacity.table = std::move(table_name);
  result.capacity.write_units = outcome.write_units;
  result.commit_time = commit_time;
  co_return result;
}

}  // namespace

Task<GetResult> ItemOps::Get(Caller caller, GetRequest request) {
  TM_CO_TRY(const auto projection, ParseProjection(request.expressions));
  TM_CO_TRY(auto table, FindActiveTable(catalog_, shards_, caller, request.table));
  TM_CO_TRYV(CheckKey(table.keys(), request.key));
  TM_CO_TRYV(Admit(throttle_, *table.record, Throttle::Use::kRead));
  Bytes row = PrimaryRow(table.keys(), request.key);
  TM_CO_TRY(auto value, co_await table.shard->Get(table.handle, std::move(row)));

  GetResult result;
  uint64_t size = 0;
  if (value) {
    TM_CO_TRY(size, item::EncodedItemSize(*value));
    TM_CO_TRY(result.item, Project(projection, std::move(*value)));
  }
  result.capacity.table = std::move(request.table);
  result.capacity.read_units = ReadUnits(size, request.consistent_read);
  Charge(throttle_, *table.record, Throttle::Use::kRead, result.capacity.read_units);
  co_return result;
}

Task<WriteResult> ItemOps::Put(Caller caller, PutRequest request) {
  TM_CO_TRYV(CheckReturnsOldOnly(request.return_values));
  PutPlan plan;
  plan.rules.return_values = request.return_values;
  plan.rules.on_condition_failure = request.on_condition_failure;
  TM_CO_TRY(plan.rules.condition, ParseWriteCondition(request.expressions));
  plan.size = item::ItemSize(request.item);
  TM_CO_TRYV(CheckPutSize(plan.size));
  TM_CO_TRY(auto table, FindActiveTable(catalog_, shards_, caller, request.table));
  TM_CO_TRYV(CheckItemKey(table.keys(), request.item));
  Bytes row = PrimaryRow(table.keys(), request.item);
  plan.value = item::EncodeItem(request.item);
  co_return co_await Run(std::move(table), std::move(request.table), std::move(row),
                         std::move(plan), std::move(caller.origin), throttle_);
}

Task<WriteResult> ItemOps::Update(Caller caller, UpdateRequest request) {
  UpdatePlan plan;
  plan.rules.return_values = request.return_values;
  plan.rules.on_condition_failure = request.on_condition_failure;
  TM_CO_TRY(auto parsed, ParseUpdate(request.expressions));
  plan.update = std::move(parsed.update);
  plan.rules.condition = std::move(parsed.condition);
  TM_CO_TRY(auto table, FindActiveTable(catalog_, shards_, caller, request.table));
  TM_CO_TRYV(CheckKey(table.keys(), request.key));
  if (plan.update) {
    TM_CO_TRYV(plan.update->CheckAvoidsKey(table.keys().partition.name));
    if (table.keys().sort) TM_CO_TRYV(plan.update->CheckAvoidsKey(table.keys().sort->name));
  }
  Bytes row = PrimaryRow(table.keys(), request.key);
  plan.key = std::move(request.key);
  co_return co_await Run(std::move(table), std::move(request.table), std::move(row),
                         std::move(plan), std::move(caller.origin), throttle_);
}

Task<WriteResult> ItemOps::Delete(Caller caller, DeleteRequest request) {
  TM_CO_TRYV(CheckReturnsOldOnly(request.return_values));
  DeletePlan plan;
  plan.rules.return_values = request.return_values;
  plan.rules.on_condition_failure = request.on_condition_failure;
  TM_CO_TRY(plan.rules.condition, ParseWriteCondition(request.expressions));
  TM_CO_TRY(auto table, FindActiveTable(catalog_, shards_, caller, request.table));
  TM_CO_TRYV(CheckKey(table.keys(), request.key));
  Bytes row = PrimaryRow(table.keys(), request.key);
  co_return co_await Run(std::move(table), std::move(request.table), std::move(row),
                         std::move(plan), std::move(caller.origin), throttle_);
}

}  // namespace tidemark::table
