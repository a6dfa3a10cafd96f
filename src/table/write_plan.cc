#include "table/write_plan.h"

#include <utility>

#include "item/item_codec.h"
#include "item/item_size.h"
#include "table/index_rules.h"
#include "table/key_rules.h"
#include "table/parsed.h"

namespace tidemark::table {
namespace {

Result<void> CheckReturnsOldOnly(ReturnValues values) {
  if (values == ReturnValues::kNone || values == ReturnValues::kAllOld) return {};
  return Fail(ErrorKind::kValidation, "ReturnValues can only be ALL_OLD or NONE");
}

Result<Bytes> RowOfKey(const OpenTable& table, const item::Item& key) {
  TM_TRYV(CheckKey(table.keys(), key));
  return PrimaryRow(table.keys(), key);
}

}  // namespace

Result<PutPlan> MakePlan(const PutRequest& request) {
  TM_TRYV(CheckReturnsOldOnly(request.return_values));
  PutPlan plan;
  plan.rules.return_values = request.return_values;
  plan.rules.on_condition_failure = request.on_condition_failure;
  TM_TRY(plan.rules.condition, ParseWriteCondition(request.expressions));
  plan.size = item::ItemSize(request.item);
  return plan;
}

Result<void> CheckSize(const PutPlan& plan) { return CheckPutSize(plan.size); }

Result<UpdatePlan> MakePlan(const UpdateRequest& request) {
  UpdatePlan plan;
  plan.rules.return_values = request.return_values;
  plan.rules.on_condition_failure = request.on_condition_failure;
  TM_TRY(auto parsed, ParseUpdate(request.expressions));
  plan.update = std::move(parsed.update);
  plan.rules.condition = std::move(parsed.condition);
  return plan;
}

Result<DeletePlan> MakePlan(const DeleteRequest& request) {
  TM_TRYV(CheckReturnsOldOnly(request.return_values));
  DeletePlan plan;
  plan.rules.return_values = request.return_values;
  plan.rules.on_condition_failure = request.on_condition_failure;
  TM_TRY(plan.rules.condition, ParseWriteCondition(request.expressions));
  return plan;
}

Result<CheckPlan> MakePlan(const ConditionCheckRequest& request) {
  CheckPlan plan;
  plan.rules.on_condition_failure = request.on_condition_failure;
  TM_TRY(plan.rules.condition, ParseWriteCondition(request.expressions));
  return plan;
}

Result<Bytes> BindPlan(const OpenTable& table, PutRequest& request, PutPlan* plan) {
  TM_TRYV(CheckItemKey(table.keys(), request.item));
  TM_TRYV(CheckIndexKeys(*table.record, request.item));
  plan->rules.table = table.record;
  Bytes row = PrimaryRow(table.keys(), request.item);
  plan->value = item::EncodeItem(request.item);
  plan->item = std::move(request.item);
  return row;
}

Result<Bytes> BindPlan(const OpenTable& table, UpdateRequest& request, UpdatePlan* plan) {
  TM_TRY(Bytes row, RowOfKey(table, request.key));
  if (plan->update) {
    TM_TRYV(plan->update->CheckAvoidsKey(table.keys().partition.name));
    if (table.keys().sort) TM_TRYV(plan->update->CheckAvoidsKey(table.keys().sort->name));
  }
  plan->rules.table = table.record;
  plan->key = std::move(request.key);
  return row;
}

Result<Bytes> BindPlan(const OpenTable& table, DeleteRequest& request, DeletePlan* plan) {
  plan->rules.table = table.record;
  return RowOfKey(table, request.key);
}

Result<Bytes> BindPlan(const OpenTable& table, ConditionCheckRequest& request, CheckPlan*) {
  return RowOfKey(table, request.key);
}

}  // namespace tidemark::table
