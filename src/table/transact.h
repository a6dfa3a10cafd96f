// TransactWriteItems and TransactGetItems: up to 100 items, of any tables of a Region, 4 MB.
//
// One object serves all requests; what it borrows must outlive it. Threads: any I/O thread. A write
// is one record of the shard's log: all of it or nothing, also after a crash and in every restore.
// Two that meet at an item go one after the other, so none is refused for a conflict.
//
// Errors of both, in the service's order: kValidation, kResourceNotFound (the whole request);
// kTransactionCanceled (detail: TransactionCancelled); those of shard::Shard. Write also:
// kIdempotentMismatch. Durable: writes are when they answer.
#pragma once
#include "catalog/catalog.h"
#include "runtime/task.h"
#include "table/collection_limit.h"
#include "table/request_tokens.h"
#include "table/throttle.h"
#include "table/transact_request.h"

namespace tidemark::table {

class Transactions {
 public:
  // `throttle`: null: none.
  Transactions(catalog::Catalog& catalog, catalog::Shards& shards, RequestTokens& tokens,
               CollectionLimit& limit, Throttle* throttle = nullptr)
      : catalog_(catalog), shards_(shards), tokens_(tokens), limit_(limit), throttle_(throttle) {}

  Task<TransactWriteResult> Write(Caller caller, TransactWriteRequest request);
  Task<TransactGetResult> Get(Caller caller, TransactGetRequest request);

 private:
  catalog::Catalog& catalog_;
  catalog::Shards& shards_;
  RequestTokens& tokens_;
  CollectionLimit& limit_;
  Throttle* const throttle_;
};

}  // namespace tidemark::table
