// Restores: always a new table, from a backup's image or from history at an instant; the source is
// not read.
#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "catalog/catalog.h"
#include "pitr/window.h"
#include "restore/progress.h"
#include "restore/restore_report.h"
#include "restore/verify.h"
#include "runtime/blocking.h"
#include "table/stream_switch.h"
#include "table/table_request.h"

namespace tidemark::restore {

struct Overrides {
  std::optional<catalog::BillingMode> billing;
  std::optional<catalog::Throughput> throughput;
  std::optional<catalog::OnDemandThroughput> on_demand;
  std::optional<catalog::SseSettings> sse;
  // The indexes the new table has, of those of the source; not given: all of them.
  std::optional<std::vector<table::IndexRequest>> local_indexes, global_indexes;
};

// What the new table's settings are taken from, where no override says otherwise.
enum class Settings {
  kCurrent,  // the source's now, what the service carries over; of a backup, those it was made with
  kAsOf,     // the same, as of the instant
  kAll,      // as of the instant, and what the service leaves out: tags, time to live, stream,
             // deletion protection, table class, recovery
};

struct FromBackup {
  AccountId account;
  Region region;  // where the new table goes
  std::string backup_arn;
  std::string target;
  std::string access_key;       // of who asks
  bool verifies_first = false;  // all is read before the table is shown, not afterwards
  Overrides overrides;
  Settings settings = Settings::kCurrent;
  std::optional<TableId> id;       // of the new table, which none has had; absent: any
  std::vector<catalog::Tag> tags;  // of the new table, beside those of its settings
};

struct ToPointInTime {
  AccountId account;
  Region region;
  std::string source_table;          // name
  bool deleted = false;              // of tables that were deleted: the last of the name, ...
  std::optional<TableId> source_id;  // ... or this one
  std::string target;
  std::string access_key;
  bool verifies_first = false;
  bool use_latest = false;
  std::optional<Timestamp> time;  // exactly one of the two (checked by the caller)
  Overrides overrides;
  Settings settings = Settings::kCurrent;
};

// What a restore asks about keys. Both may block; absent: every key can be used.
struct KeyHooks {
  // kKeyDisabled: what is under this key cannot be read.
  std::function<Result<void>(const catalog::SseSettings&)> check_usable;
  // Puts the ARN of the key that is meant. kValidation, kKeyDisabled.
  std::function<Result<void>(const AccountId&, const Region&, catalog::SseSettings*)> resolve;
};

// Brings the files of a backup that lie in the backup store only, if they do. Blocks for as long as
// that takes. kCancelled: the server stops; the restore is taken up at its next start.
using BringImage = std::function<Result<void>(const catalog::BackupRecord&)>;

class Restores {
 public:
  // `jobs` runs what goes on after the answer; what comes of it stands in `reports`. `verifying`
  // reads what was restored, at its leisure: with threads of its own no restore waits for that.
  Restores(catalog::Catalog& catalog, catalog::Shards& shards, pitr::Recovery& recovery,
           RestoreReports& reports, runtime::BlockingPool& jobs, runtime::BlockingPool& verifying,
           Random& random, KeyHooks keys = {}, BringImage bring_image = {});

  // Reserve the target as CREATING, answer, and go on as a job until ACTIVE. Blocking, some ms. A
  // restore that a crash cut off begins again at the next start; one that cannot succeed removes
  // the target and says why in its report. Errors, in this order: kBackupNotFound / kTableNotFound,
  // kBackupInUse, kPitrUnavailable, kInvalidRestoreTime, kValidation (overrides), kKeyDisabled,
  // kTableAlreadyExists, kTableInUse.
  Result<catalog::TablePtr> Start(const FromBackup& request);
  Result<catalog::TablePtr> Start(const ToPointInTime& request);
  // Of several tables of one account and Region, to one and the same instant: each is checked
  // before any begins, and all are reserved in one step or none is. Their `time` and `use_latest`
  // are alike; the latest is the last instant that all of them can be restored to. What each comes
  // to stands in its own report, with the group's id. kValidation besides: a target is named twice.
  Result<std::vector<catalog::TablePtr>> Start(const std::vector<ToPointInTime>& requests);

  // Takes up unfinished restores. At start.
  Result<void> Resume();

  // What is under way ends as soon as it can, and is taken up by the next Resume. Before the jobs'
  // pools are stopped.
  void Stop();

  // Of a restore that is under way; null: it is not.
  std::shared_ptr<const Progress> ProgressOf(TableId target) const;
  // The restore under way into a table of this name ends as soon as it can, and the table goes.
  // Durable. kResourceNotFound: there is none. kTableInUse: it is ending, and will be whole.
  Result<RestoreReportPtr> Cancel(const AccountId& account, const Region& region,
                                  std::string_view target);

  // Tables that were deleted and can be restored to instants before, by when they were: the last
  // ones first. Empty name: of all names.
  std::vector<catalog::BackupPtr> Deleted(const AccountId& account, const Region& region,
                                          std::string_view name) const;

 private:
  // What a restore to a point in time reads: a table, with the settings it has or had last.
  struct Reach {
    catalog::TablePtr source;
    catalog::BackupPtr deleted;  // that keeps its history; null: the table is there
    Timestamp latest;            // instant it can be restored to
  };
  Result<Reach> FindReach(const ToPointInTime& request);
  Result<Reach> FindDeleted(const ToPointInTime& request) const;
  Result<pitr::Recovery::Source> SourceAt(const Reach& reach, Timestamp time) const;
  Result<Timestamp> CommonInstant(const ToPointInTime& first,
                                  const std::vector<Reach>& reaches) const;
  Result<catalog::TableRecord> PlanAt(const ToPointInTime& request, const Reach& reach,
                                      Timestamp time) const;
  // That the source can be read and the target be written.
  Result<void> CheckKeys(const catalog::SseSettings& source, catalog::TableRecord* target) const;
  // What a report says of the request.
  struct Asked {
    std::string access_key;
    bool verifies_first = false;
    std::string group;  // empty: it is the only table
  };
  // All of them or none.
  Result<std::vector<catalog::TablePtr>> Reserve(std::vector<catalog::TableRecord> targets,
                                                 const Asked& asked);
  Result<catalog::TablePtr> ReserveOne(catalog::TableRecord target, const Asked& asked);
  Result<void> CheckFree(const catalog::TableRecord& target) const;
  Result<void> Report(const catalog::TableRecord& target, const Asked& asked);
  Result<void> Queue(const std::vector<TableId>& targets);
  void RunQueued(TableId target);
  void Run(TableId target, Progress& progress);
  Result<void> Finish(const catalog::TableRecord& target);
  // It failed, or was cancelled: what is there of the target goes.
  void Remove(const catalog::TableRecord& target);
  Result<catalog::ImageRecord> FindImage(const catalog::RestoreSummary& restore) const;
  Result<void> BringFiles(const catalog::TableRecord& target, Progress& progress) const;
  // A new store with the rows of an image in cold storage.
  Result<std::unique_ptr<engine::TableStore>> Retrieve(const catalog::TableRecord& target,
                                                       shard::Shard& shard,
                                                       const std::string& image, uint64_t rows,
                                                       Progress& progress);
  Result<void> MakeWhole(const pitr::HistorySource& history, const catalog::ImageRecord& image,
                         engine::TableStore& store, Progress& progress) const;
  Result<void> Execute(const catalog::TableRecord& target, Progress& progress);
  // `sums`: what the store's rows add up to; none: only reading them tells.
  Result<void> Complete(const catalog::TableRecord& target, engine::TableStore& store,
                        const std::optional<pitr::RowSums>& sums, Progress& progress,
                        shard::Totals* totals);
  Result<void> ReadAll(const std::vector<uint16_t>& indexes, const engine::TableStore& store,
                       const shard::Totals& totals, Progress& progress) const;
  // Reads all of a table that is in use, and compares it with what it adds up to at that instant.
  void VerifyLater(TableId target);
  Result<void> VerifyLive(const catalog::TableRecord& target) const;
  Result<void> Equip(TableId target);

  catalog::Catalog& catalog_;
  catalog::Shards& shards_;
  pitr::Recovery& recovery_;
  RestoreReports& reports_;
  runtime::BlockingPool& jobs_;
  runtime::BlockingPool& verifying_;
  table::StreamSwitch streams_;
  Random& random_;
  const KeyHooks keys_;
  const BringImage bring_image_;
  mutable std::mutex mutex_;
  std::map<TableId, std::shared_ptr<Progress>> running_;
  std::atomic<bool> stopping_{false};
};

}  // namespace tidemark::restore
