// CreateTable, DescribeTable, ListTables, UpdateTable, DeleteTable, tags, and the test hook that
// empties an account.
//
// One object serves all requests; what it borrows must outlive it. Threads: any I/O thread; what
// blocks goes to the pool. Durable: what an answer says was done.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "catalog/catalog.h"
#include "runtime/blocking.h"
#include "runtime/task.h"
#include "table/requests.h"
#include "table/stream_switch.h"
#include "table/table_request.h"

namespace tidemark::table {

// What higher tiers do when a table goes. All run on the pool and may block; absent ones are
// skipped.
struct ControlHooks {
  // Before the rows of an existing table go (it is DELETING by now, still readable): the automatic
  // backup of a table with point-in-time recovery. An error leaves the table as it was and is the
  // answer of DeleteTable.
  std::function<Result<void>(const catalog::TableRecord&)> before_drop;
  // A drop that before_drop made way for has failed, the table stays.
  std::function<void(const catalog::TableRecord&)> drop_failed;
  // After the table is gone: forgetting its history. May run again after a crash.
  std::function<void(const catalog::TableRecord&)> after_drop;
  // UpdateTable has added an index to the table, or taken one out of use: the rest goes on behind.
  std::function<void(TableId)> indexes_changed;
  // Puts the ARN of the key that a wish for encryption means. kValidation, kKeyDisabled. Absent: as
  // it is.
  std::function<Result<void>(const Caller&, catalog::SseSettings*)> resolve_key;
  // The table is under another key from now on: wraps its data keys by that one.
  std::function<Result<void>(TableId)> move_to_key;
  // After Reset erased an account's records: removes backups' and images' files. The stores of its
  // tables are dropped by Reset itself.
  std::function<void(const catalog::Catalog::Erased&)> after_reset;
};

class Control {
 public:
  // `create_delay`: how long a table stays CREATING, for tests of clients; 0: as long as it takes.
  Control(catalog::Catalog& catalog, catalog::Shards& shards, runtime::BlockingPool& pool,
          Clock& clock, Random& random, ControlHooks hooks, Micros create_delay = Micros(0));

  // Finishes creations and deletions a crash cut short. At start, before requests; blocking.
  Result<void> Resume();

  // Makes tables ACTIVE whose delay is over. Regularly; blocking.
  void ActivateCreated();

  // Answers CREATING, as AWS does and as stock clients expect (they then wait for ACTIVE), although
  // the table is ready when the answer is sent. Errors: kValidation, kResourceInUse (the name is
  // taken).
  Task<TableDescription> Create(Caller caller, CreateTableRequest request);

  // `table`: a name or an ARN. Of a table that cannot be opened the numbers are 0.
  // kResourceNotFound: "Requested resource not found: Table: NAME not found".
  Task<TableDescription> Describe(Caller caller, std::string table);

  // Names after `start_after` (which need not exist), in byte order. `limit` 1..100, 100 if not
  // given.
  Task<TableNames> List(Caller caller, std::optional<std::string> start_after,
                        std::optional<uint32_t> limit);

  // Answers DELETING; the table and its rows are gone by then. Errors: kResourceNotFound,
  // kResourceInUse (being created, restored or deleted), kValidation (deletion protection), those
  // of before_drop.
  Task<TableDescription> Delete(Caller caller, std::string table);

  // The same, without an answer. Blocking.
  Result<void> DeleteById(TableId id);

  // Answers at once what AWS's control plane takes seconds for, and shows it as UPDATING, as AWS
  // does. Errors: kValidation, kResourceNotFound, kResourceInUse.
  Task<TableDescription> Update(Caller caller, UpdateTableRequest request);

  // Of the table with this ARN. Errors: kValidation, kAccessDenied, kResourceNotFound,
  // kResourceInUse (being created).
  Task<void> AddTags(Caller caller, std::string arn, std::vector<TagRequest> tags);
  Task<void> RemoveTags(Caller caller, std::string arn, std::vector<std::string> keys);
  Task<std::vector<catalog::Tag>> Tags(Caller caller, std::string arn);

  // Everything of the caller's account, in all Regions: no table, backup or history of it can be
  // found when this answers; files are removed in the background.
  Task<void> Reset(Caller caller);

 private:
  // With what the table holds; opens it on the pool if nobody knows yet.
  Task<TableDescription> DescriptionOf(catalog::TablePtr record);
  Task<void> EditTags(Caller caller, std::string arn,
                      std::function<Result<void>(std::vector<catalog::Tag>*)> edit);
  Result<void> ResolveKey(const Caller& caller, catalog::SseSettings* sse) const;
  Result<void> FinishCreate(const catalog::TableRecord& record);
  Result<void> FinishDelete(const catalog::TableRecord& record);

  catalog::Catalog& catalog_;
  catalog::Shards& shards_;
  runtime::BlockingPool& pool_;
  Clock& clock_;
  Random& random_;
  ControlHooks hooks_;
  StreamSwitch streams_;
  const Micros create_delay_;
};

}  // namespace tidemark::table
