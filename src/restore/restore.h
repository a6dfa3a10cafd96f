// Restores: always a new table, from a backup's image or from history at an instant; the source is
// not read.
#pragma once
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "catalog/catalog.h"
#include "pitr/window.h"
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
  Overrides overrides;
  Settings settings = Settings::kCurrent;
};

struct ToPointInTime {
  AccountId account;
  Region region;
  std::string source_table;  // name
  std::string target;
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
  // `jobs` runs what goes on after the answer.
  Restores(catalog::Catalog& catalog, catalog::Shards& shards, pitr::Recovery& recovery,
           runtime::BlockingPool& jobs, Random& random, KeyHooks keys = {},
           BringImage bring_image = {});

  // Reserve the target as CREATING, answer, and go on as a job until ACTIVE. Blocking, some ms. A
  // restore that a crash cut off begins again at the next start; one that cannot succeed removes
  // the target and says why in the log. Errors, in this order: kBackupNotFound / kTableNotFound,
  // kBackupInUse, kPitrUnavailable, kInvalidRestoreTime, kValidation (overrides), kKeyDisabled,
  // kTableAlreadyExists, kTableInUse.
  Result<catalog::TablePtr> Start(const FromBackup& request);
  Result<catalog::TablePtr> Start(const ToPointInTime& request);

  // Takes up unfinished restores. At start.
  Result<void> Resume();

  // Why the restore into this table failed, of the last 1,000 that did since the start; else "".
  std::string FailureOf(TableId target) const;

 private:
  // That the source can be read and the target be written.
  Result<void> CheckKeys(const catalog::SseSettings& source, catalog::TableRecord* target) const;
  Result<catalog::TablePtr> Reserve(catalog::TableRecord target);
  Result<void> Queue(TableId target);
  void Run(TableId target);
  Result<catalog::ImageRecord> FindImage(const catalog::RestoreSummary& restore) const;
  Result<void> BringFiles(const catalog::RestoreSummary& restore) const;
  Result<void> Execute(const catalog::TableRecord& target);
  Result<void> Equip(TableId target);
  void GiveUp(const catalog::TableRecord& target, const Error& error);

  catalog::Catalog& catalog_;
  catalog::Shards& shards_;
  pitr::Recovery& recovery_;
  runtime::BlockingPool& jobs_;
  table::StreamSwitch streams_;
  Random& random_;
  const KeyHooks keys_;
  const BringImage bring_image_;
  mutable std::mutex mutex_;
  std::deque<std::pair<TableId, std::string>> failures_;  // the newest last
};

}  // namespace tidemark::restore
