// From a request to write one item to the plan of it (mutations.h): every check that comes before
// the row's latch. Single writes and transactions go the same way.
#pragma once
#include "table/mutations.h"
#include "table/open_table.h"
#include "table/transact_request.h"

namespace tidemark::table {

// What needs no table: expressions. kValidation.
Result<PutPlan> MakePlan(const PutRequest& request);
Result<UpdatePlan> MakePlan(const UpdateRequest& request);
Result<DeletePlan> MakePlan(const DeleteRequest& request);
Result<CheckPlan> MakePlan(const ConditionCheckRequest& request);

// What needs no table either, and is told after it: an item that is put is not too large.
Result<void> CheckSize(const PutPlan& plan);
template <class Plan>
Result<void> CheckSize(const Plan&) {
  return {};
}

// What needs the table: its key attributes. Completes the plan and gives the key of the row.
// kValidation.
Result<Bytes> BindPlan(const OpenTable& table, PutRequest& request, PutPlan* plan);
Result<Bytes> BindPlan(const OpenTable& table, UpdateRequest& request, UpdatePlan* plan);
Result<Bytes> BindPlan(const OpenTable& table, DeleteRequest& request, DeletePlan* plan);
Result<Bytes> BindPlan(const OpenTable& table, ConditionCheckRequest& request, CheckPlan* plan);

}  // namespace tidemark::table
