// ClientRequestTokens: a transaction sent again under a token that succeeded less than ten minutes
// ago takes no effect. They are rows of a table of the Region's shard that no catalog names,
// written with the transaction in one record, so neither is ever there without the other. Layout:
// docs/formats/request_tokens.md.
//
// The table is made at a Region's first token. Time is the shard's commit time. Threads: any I/O
// thread.
#pragma once
#include <map>
#include <mutex>
#include <string_view>

#include "base/clock.h"
#include "catalog/catalog.h"
#include "runtime/blocking.h"
#include "runtime/task.h"
#include "shard/shard.h"

namespace tidemark::table {

// Of the tables of tokens, one in each shard.
TableId RequestTokensTable();

enum class TokenUse {
  kFirst,     // or the first after the last one has expired
  kRepeated,  // by the same request
  kMismatch,  // by another request
};

class RequestTokens {
 public:
  RequestTokens(catalog::Shards& shards, runtime::BlockingPool& pool)
      : shards_(shards), pool_(pool) {}

  // The write of the token's row, to be the first of the transaction's. Its evaluation says in
  // `use`, which must outlive it, what the others are to do; a mismatch is refused with
  // kIdempotentMismatch. `digest`: of the request.
  struct Claim {
    AccountId account;
    std::string token;
    Bytes digest;
  };
  Task<shard::WriteRequest> Write(shard::Shard* shard, Claim claim, TokenUse* use);

  // Removes expired tokens of all Regions. Every second, by one caller at a time.
  Task<void> Sweep();
  // All tokens of an account, of all Regions.
  Task<void> Forget(AccountId account);

 private:
  // When a Region's tokens are to be looked at next; kept so that nobody opens the table for
  // nothing.
  struct Upkeep {
    Timestamp due{};       // looked at once after a start
    bool claimed = false;  // since the last look
  };

  Task<shard::TableHandle> TableOf(shard::Shard* shard);
  void NoteClaim(const shard::Shard* shard);
  bool IsDue(const shard::Shard* shard);
  Task<void> SweepShard(shard::Shard* shard, shard::TableHandle table);
  // Erases those of `names` that have expired by `expired_by`.
  Task<void> Erase(shard::Shard* shard, shard::TableHandle table, std::vector<Bytes> names,
                   Timestamp expired_by);

  catalog::Shards& shards_;
  runtime::BlockingPool& pool_;
  std::mutex making_;  // one table is made at a time
  std::mutex mutex_;   // what follows
  std::map<const shard::Shard*, Upkeep> upkeep_;
};

}  // namespace tidemark::table
