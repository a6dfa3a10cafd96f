// GetItem, PutItem, UpdateItem, DeleteItem.
//
// One object serves all requests; what it borrows must outlive it. Threads: any I/O thread. Checks
// come in the service's order: expressions, the table, keys, then (under the row's latch) the
// condition. Errors of all: kValidation, kResourceNotFound (no such table, or not ACTIVE), those of
// shard::Shard. Writes also: kConditionFailed (detail: ConditionFailure), kItemCollectionTooLarge.
// Durable: writes are when they answer.
#pragma once
#include "catalog/catalog.h"
#include "runtime/task.h"
#include "table/collection_limit.h"
#include "table/past_reads.h"
#include "table/requests.h"
#include "table/throttle.h"

namespace tidemark::table {

class ItemOps {
 public:
  // `throttle`: null where throughput is not enforced. `past`: for reads as of an instant; null:
  // there are none.
  ItemOps(catalog::Catalog& catalog, catalog::Shards& shards, CollectionLimit& limit,
          Throttle* throttle = nullptr, const PastReads* past = nullptr)
      : catalog_(catalog), shards_(shards), limit_(limit), throttle_(throttle), past_(past) {}

  Task<GetResult> Get(Caller caller, GetRequest request);
  Task<WriteResult> Put(Caller caller, PutRequest request);
  Task<WriteResult> Update(Caller caller, UpdateRequest request);
  Task<WriteResult> Delete(Caller caller, DeleteRequest request);

 private:
  // Of all three: plan, find the table, queue, wait.
  template <class Request>
  Task<WriteResult> Write(Caller caller, Request request);

  catalog::Catalog& catalog_;
  catalog::Shards& shards_;
  CollectionLimit& limit_;
  Throttle* const throttle_;
  const PastReads* const past_;
};

}  // namespace tidemark::table
