// On-demand backups: an image of the request's instant under a name.
#pragma once
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "catalog/catalog.h"
#include "engine/table_store.h"
#include "runtime/blocking.h"

namespace tidemark::backup {

struct ListQuery {
  std::optional<std::string> table_name;
  size_t limit = 100;
  std::optional<Timestamp> from;    // inclusive, on creation time
  std::optional<Timestamp> before;  // exclusive
  std::string after_arn;            // ExclusiveStartBackupArn
  bool user = true;
  bool system = false;
  bool managed = false;  // by AWS Backup
};

struct ListPage {
  std::vector<catalog::BackupPtr> backups;  // in ARN order
  std::string last_arn;                     // empty: no more
};

// How long to wait after so many failures (0: the first) before finishing a backup is tried again.
std::chrono::seconds RetryDelay(int failures);

class Backups {
 public:
  // `jobs` runs what goes on after the answer.
  Backups(catalog::Catalog& catalog, catalog::Shards& shards, engine::Engine& engine,
          runtime::BlockingPool& jobs, Random& random);

  // Pins the table at this instant and answers; the rest runs as a job (CREATING -> AVAILABLE) that
  // is taken up again after a crash. Blocking, some ms. Durable: the backup is, on return.
  // Errors: kTableNotFound, kTableInUse (not ACTIVE).
  Result<catalog::BackupPtr> Create(const AccountId& account, const Region& region,
                                    std::string_view table, std::string_view name);
  // The same for AWS Backup: only DeleteManaged deletes it.
  Result<catalog::BackupPtr> CreateManaged(const AccountId& account, const Region& region,
                                           std::string_view table, std::string_view name);
  // Of a table that is to be deleted, its system backup if it has recovery. kResourceInUse: a
  // backup of it is being made.
  Result<void> BeforeDrop(const catalog::TableRecord& table);
  // The automatic backup of a table with point-in-time recovery that is being deleted (35 days).
  // Idempotent: a deletion that a crash cut off finds the one it made.
  Result<catalog::BackupPtr> CreateSystem(const catalog::TableRecord& table);
  // The table was not deleted after all: its next deletion needs a new one.
  void UndoSystem(TableId table);

  Result<catalog::BackupPtr> Describe(std::string_view arn) const;  // kBackupNotFound
  ListPage List(const AccountId& account, const Region& region, const ListQuery& query) const;
  // One that is CREATING goes only if finishing it has failed. Errors: kBackupNotFound,
  // kBackupInUse (being made or restored), kValidation (a system backup, or one of AWS Backup).
  Result<catalog::BackupPtr> Delete(std::string_view arn);
  Result<catalog::BackupPtr> DeleteManaged(std::string_view arn);  // the same of any

  // Takes up unfinished backups; removes image directories nothing refers to. At start, blocking.
  Result<void> Resume();
  // Tries again what could not be finished, each after a delay that doubles; removes system backups
  // past their date. Run it every second or so.
  void Maintain();
  void ExpireOld();  // the latter alone

 private:
  struct Attempt {  // at finishing a backup
    bool queued = false;
    int failures = 0;
    std::chrono::steady_clock::time_point next;
  };
  Result<catalog::BackupPtr> CreateOf(catalog::BackupType type, const AccountId& account,
                                      const Region& region, std::string_view table,
                                      std::string_view name);
  Result<catalog::BackupPtr> Start(const catalog::TableRecord& table, std::string_view name,
                                   catalog::BackupType type);
  Result<void> Finish(const catalog::BackupPtr& backup);
  void Queue(const catalog::BackupPtr& backup);
  void Ended(const std::string& arn, bool done);
  void Retry();
  // As if an attempt were under way, until Ended: false if none has failed, or one is.
  bool ClaimFailed(const std::string& arn);
  Result<void> Remove(const catalog::BackupRecord& backup);

  catalog::Catalog& catalog_;
  catalog::Shards& shards_;
  engine::Engine& engine_;
  runtime::BlockingPool& jobs_;
  Random& random_;

  std::mutex mutex_;
  std::map<std::string, Attempt> attempts_;  // of backups that are CREATING
};

}  // namespace tidemark::backup
