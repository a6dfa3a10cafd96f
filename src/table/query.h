// Query and Scan: pages of at most 1 MB of items, measured before filters.
//
// One object serves all requests; what it borrows must outlive it. Threads: any I/O thread; the
// rows are read on the blocking pool, in one hop per page. A page is read from one snapshot of
// applied state, so ConsistentRead changes only what is charged. Errors: kValidation,
// kResourceNotFound, kUnavailable, kCorruption, kIo.
#pragma once
#include "catalog/catalog.h"
#include "runtime/blocking.h"
#include "runtime/task.h"
#include "table/requests.h"

namespace tidemark::table {

class Queries {
 public:
  Queries(catalog::Catalog& catalog, catalog::Shards& shards, runtime::BlockingPool& pool)
      : catalog_(catalog), shards_(shards), pool_(pool) {}

  Task<Page> Query(Caller caller, QueryRequest request);
  Task<Page> Scan(Caller caller, ScanRequest request);

 private:
  catalog::Catalog& catalog_;
  catalog::Shards& shards_;
  runtime::BlockingPool& pool_;
};

}  // namespace tidemark::table
