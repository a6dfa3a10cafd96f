// UpdateTimeToLive and DescribeTimeToLive, and the sweeper that deletes what has expired.
//
// While a table has a time to live, every write of an item keeps an expiry row beside it
// (expiry.h); the sweeper follows these rows. A deletion is an ordinary change, made only if the
// item still is what its row says, and marked as the service's own. Tables without the setting cost
// nothing; of those with it, only what is due is looked at.
//
// A new setting first removes the rows of an earlier one (those a restored table's files brought
// with them, too), then gives the items that are there theirs.
//
// INVARIANT: a row may lead to an item that changed meanwhile, or went; an item of a table whose
// setting is settled never lacks its row. What a row says is checked under the item's latch.
//
// The requests: any I/O thread. Sweep: one thread.
#pragma once
#include <chrono>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "catalog/catalog.h"
#include "item/number.h"
#include "runtime/blocking.h"
#include "runtime/task.h"
#include "table/collection_limit.h"
#include "table/requests.h"

namespace tidemark::table {

struct UpdateTimeToLiveRequest {
  std::string table;  // a name or an ARN
  bool enabled = false;
  std::string attribute;
};

class TimeToLive {
 public:
  // `context`: an I/O thread that runs the sweeper's writes.
  TimeToLive(catalog::Catalog& catalog, catalog::Shards& shards, runtime::BlockingPool& pool,
             CollectionLimit& limit, const Clock& clock, asio::io_context& context)
      : catalog_(catalog),
        shards_(shards),
        pool_(pool),
        limit_(limit),
        clock_(clock),
        context_(context) {}

  // Errors: kResourceNotFound, kValidation (the table is not ACTIVE).
  Task<catalog::TtlSettings> Describe(Caller caller, std::string table);
  // Errors: kResourceNotFound, kResourceInUse (not ACTIVE), kValidation (as it is already, or
  // another attribute is in use).
  Task<void> Update(Caller caller, UpdateTimeToLiveRequest request);

  // Deletes what is due, and puts new settings into effect; as much as fits in a round. Regularly;
  // blocking.
  void Sweep();

 private:
  // Of a table between two looks.
  struct State {
    Timestamp setting{};  // TtlSettings::changed
    // What the table added up to when nothing was due before `next`; none: it must be looked at.
    std::optional<shard::Totals> seen{};
    std::optional<item::Number> next{};  // none: nothing expires
    bool erased = false;                 // the rows of an earlier setting
    Bytes filled{};                      // items up to this row have theirs
    Micros retry{};
  };

  // One step with a table. Whether there may be more to do at once.
  bool Step(const catalog::TablePtr& table);
  Result<bool> Step(const catalog::TablePtr& table, State* state);
  Result<bool> Settle(const catalog::TablePtr& table, shard::Shard& shard,
                      shard::TableHandle handle, State* state);
  // Whether there may be items left that lack their row.
  Result<bool> Fill(const catalog::TablePtr& table, shard::Shard& shard, shard::TableHandle handle,
                    State* state);
  Result<bool> DeleteDue(const catalog::TablePtr& table, shard::Shard& shard,
                         shard::TableHandle handle, State* state);
  Result<void> Write(shard::Shard& shard, std::vector<shard::WriteRequest> writes,
                     shard::Origin origin);

  catalog::Catalog& catalog_;
  catalog::Shards& shards_;
  runtime::BlockingPool& pool_;
  CollectionLimit& limit_;
  const Clock& clock_;
  asio::io_context& context_;
  std::unordered_map<TableId, State> states_;
  size_t turn_ = 0;  // which table a round begins with
};

}  // namespace tidemark::table
