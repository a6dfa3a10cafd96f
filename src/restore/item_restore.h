// Restores of items into a live table: what was removed, changed or added since an instant, or
// since a backup, is made as it was, row by row, where nobody has changed it meanwhile.
//
// A job goes through what differs between `from`, or the backup, and `until` (pitr/diff.h) page by
// page, in order of rows. A row that is as at `until` is written as at `from`, under its latch; one
// that is as at `from` already, or neither, is left alone, and counted. Then the record in the
// catalog moves on.
//
// INVARIANT: each row is counted once, as if nothing had cut the job off. The writes of a page that
// was cut off are in the table's history under the job's id, and are looked up there.
//
// One thread of its own, a page of each job in turn, a few writes at once and a rest as long as
// they took: requests hardly feel it. What fails is tried again, unless it cannot get better.
#pragma once
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "catalog/catalog.h"
#include "pitr/backup_reads.h"
#include "pitr/diff.h"
#include "pitr/past.h"
#include "runtime/io_threads.h"
#include "table/collection_limit.h"
#include "table/put_back.h"

namespace tidemark::restore {

// Sizes other than those of production, for tests.
struct ItemRestoreOptions {
  size_t page_rows = 1000;           // WHY not less in a later version: see ItemRestores::doubtful_
  size_t left_max = 1000;            // rows named in a report ...
  size_t left_bytes_max = 64 << 10;  // ... and bytes of their keys and reasons
  size_t running_max = 10;           // at once, of a table
  size_t ended_max = 100;            // kept, of an account and Region
};

struct ItemRestoreRequest {
  catalog::TablePtr table;
  catalog::ItemSelection selection;
  std::string access_key;  // of who asks
  std::string token;       // a repetition is answered with the same job; empty: none
};

struct ItemRestoreQuery {
  std::string table_name;  // empty: of all tables
  size_t limit = 100;
  // Behind this one, which may be gone.
  struct Place {
    Timestamp created;
    ItemRestoreId id;
    auto operator<=>(const Place&) const = default;
  };
  std::optional<Place> after;
};
struct ItemRestorePage {
  std::vector<catalog::ItemRestorePtr> restores;  // newest first
  bool more = false;
};

// Of a job that is under way, by where in the table it is; in a partition it is not known, and 0.
int ProgressPercent(const catalog::ItemRestoreRecord& record);

class ItemRestores {
 public:
  // All must outlive it; `context` runs the writes.
  ItemRestores(catalog::Catalog& catalog, catalog::Shards& shards, pitr::Past& past,
               pitr::BackupReads& backups, table::CollectionLimit& limit, asio::io_context& context,
               Random& random, ItemRestoreOptions options = {});
  ~ItemRestores() { Stop(); }

  // Ends the page at hand as soon as it can, and begins no other. Once or more often.
  void Stop();
  // Takes up what a stop or crash cut off. At start.
  void Resume();

  // Records the job and answers; the job goes on. Blocking. Errors: kPitrUnavailable,
  // kInvalidRestoreTime, those of pitr::BackupReads::Find, kValidation (the backup has other
  // keys), kIdempotentMismatch, kLimitExceeded (too many are under way, or another
  // rewind of the table),
  // kUnavailable.
  Result<catalog::ItemRestorePtr> Start(ItemRestoreRequest request);
  ItemRestorePage List(const AccountId& account, const Region& region,
                       const ItemRestoreQuery& query) const;

 private:
  struct Page {
    std::vector<pitr::RowChange> changes;
    Bytes next;
    bool end = false;  // nothing is behind it
  };
  struct Tally;
  struct Due;

  void Run();
  // One page of a job; false: the job is over.
  Result<bool> Step(ItemRestoreId id);
  // The instants, or the backup's and the one, that a job is between.
  Result<void> SetInstants(const catalog::TableRecord& table, Timestamp now,
                           catalog::ItemRestoreRecord* job) const;
  // Both sources of a job from a backup: the backup, and the table as of `until`.
  struct Sides {
    table::RowReaderPtr before, after;
  };
  Result<Sides> OpenSides(const catalog::ItemRestoreRecord& job,
                          const catalog::TableRecord& table) const;
  Result<Page> ReadPage(const catalog::ItemRestoreRecord& job,
                        const catalog::TableRecord& table) const;
  // Why the job can only end; empty: it may get better.
  std::string Hopeless(const catalog::ItemRestoreRecord& job, const Error& error) const;
  Result<void> DoPage(const catalog::ItemRestoreRecord& job, const catalog::TablePtr& table,
                      Page* page, Tally* tally);
  // Of the first rows of a page, those that the job has written already, before it was cut off.
  Result<std::vector<bool>> Written(const catalog::ItemRestoreRecord& job,
                                    const catalog::TableRecord& table, const Page& page) const;
  Result<void> Write(const catalog::ItemRestoreRecord& job, const table::OpenTable& table,
                     std::deque<Due>* due, Tally* tally);
  Result<void> CheckRoom(const ItemRestoreRequest& request) const;
  Result<catalog::ItemRestorePtr> FindRepeated(const ItemRestoreRequest& request) const;
  void EraseOld(const AccountId& account, const Region& region, Timestamp now);
  void Queue(ItemRestoreId id);
  bool Rest(std::chrono::steady_clock::duration time);  // false: it stops

  catalog::Catalog& catalog_;
  catalog::Shards& shards_;
  pitr::Past& past_;
  pitr::BackupReads& backups_;
  table::CollectionLimit& limit_;
  asio::io_context& context_;
  Random& random_;
  const ItemRestoreOptions options_;

  std::mutex starting_;  // one looks for its token, and is recorded, at a time
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::deque<ItemRestoreId> queued_;
  std::map<ItemRestoreId, std::string> failed_;  // to be tried again: with what was told in the log
  // How many of a job's next rows may be written already, and not counted: those of a page that was
  // cut off. A page has page_rows at most, and what differs is the same whenever it is read.
  std::map<ItemRestoreId, size_t> doubtful_;  // the thread's, but for Resume before it has work
  std::thread thread_;
};

}  // namespace tidemark::restore
