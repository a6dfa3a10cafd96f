// Query and Scan: pages of at most 1 MB of items, measured before filters.
//
// One object serves all requests; what it borrows must outlive it. Threads: any I/O thread; the
// rows are read on the blocking pool, in one hop per page. A page is read from one snapshot of
// applied state, so ConsistentRead changes only what is charged. Errors: kValidation,
// kResourceNotFound, kUnavailable, kCorruption, kIo.
#pragma once
#include <string_view>

#include "catalog/catalog.h"
#include "runtime/blocking.h"
#include "runtime/task.h"
#include "table/past_reads.h"
#include "table/requests.h"
#include "table/throttle.h"

namespace tidemark::table {

class Queries {
 public:
  // `throttle`: null where throughput is not enforced. `past`: for reads as of an instant; null:
  // there are none.
  Queries(catalog::Catalog& catalog, catalog::Shards& shards, runtime::BlockingPool& pool,
          Throttle* throttle = nullptr, const PastReads* past = nullptr)
      : catalog_(catalog), shards_(shards), pool_(pool), throttle_(throttle), past_(past) {}

  Task<Page> Query(Caller caller, QueryRequest request);
  Task<Page> Scan(Caller caller, ScanRequest request);

 private:
  // A live table, or that in the caller's backup.
  Task<OpenTable> Find(const Caller& caller, std::string_view table) const;

  catalog::Catalog& catalog_;
  catalog::Shards& shards_;
  runtime::BlockingPool& pool_;
  Throttle* const throttle_;
  const PastReads* const past_;
};

}  // namespace tidemark::table
