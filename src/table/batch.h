// BatchGetItem (up to 100 keys, 16 MB of answer) and BatchWriteItem (up to 25 writes).
//
// One object serves all requests; what it borrows must outlive it. Threads: any I/O thread. A batch
// is no transaction: rows that are not cached are read in one hop to the pool; writes are queued
// together and awaited once, but each stands alone, and a failure of the machine may leave some of
// them done. Errors as in item_ops.h.
#pragma once
#include "catalog/catalog.h"
#include "runtime/blocking.h"
#include "runtime/task.h"
#include "table/collection_limit.h"
#include "table/past_reads.h"
#include "table/requests.h"
#include "table/throttle.h"

namespace tidemark::table {

class Batches {
 public:
  // `throttle`: null where throughput is not enforced. `past`: for reads as of an instant; null:
  // there are none.
  Batches(catalog::Catalog& catalog, catalog::Shards& shards, runtime::BlockingPool& pool,
          CollectionLimit& limit, Throttle* throttle = nullptr, const PastReads* past = nullptr)
      : catalog_(catalog),
        shards_(shards),
        pool_(pool),
        limit_(limit),
        throttle_(throttle),
        past_(past) {}

  Task<BatchGetResult> Get(Caller caller, BatchGetRequest request);
  Task<BatchWriteResult> Write(Caller caller, BatchWriteRequest request);

 private:
  catalog::Catalog& catalog_;
  catalog::Shards& shards_;
  runtime::BlockingPool& pool_;
  CollectionLimit& limit_;
  Throttle* const throttle_;
  const PastReads* const past_;
};

}  // namespace tidemark::table
