#include "backup/backup.h"

#include "base/log.h"
#include "pitr/images.h"
#include "pitr/replay.h"

namespace tidemark::backup {
namespace {

constexpr auto kSystemBackupAge = std::chrono::hours(24) * 35;

bool IsWanted(catalog::BackupType type, const ListQuery& query) {
  if (type == catalog::BackupType::kUser) return query.user;
  return type == catalog::BackupType::kSystem ? query.system : query.managed;
}

// Epoch milliseconds of the instant, padded to 14 digits, and 8 hex digits: random for a user's
// backup, zeros for a system one. While the commit clock waits for a wall clock that was set back,
// tables of one name can come and go within a millisecond: then of a later one, that is free.
BackupId MakeId(const catalog::Catalog& catalog, catalog::BackupRecord record, Random& random) {
  for (int64_t millis = ToMicros(record.created) / 1000;; ++millis) {
    const bool system = record.type == catalog::BackupType::kSystem;
    const uint32_t tail = system ? 0 : static_cast<uint32_t>(random.Next());
    record.id = BackupId(fmt::format("{:014}-{:08x}", millis, tail));
    if (!catalog.FindBackup(record.Arn())) return record.id;
  }
}

}  // namespace

std::chrono::seconds RetryDelay(int failures) {
  return std::min<std::chrono::seconds>(std::chrono::seconds(1) * (1 << std::min(failures, 10)),
                                        std::chrono::minutes(10));
}

Backups::Backups(catalog::Catalog& catalog, catalog::Shards& shards, engine::Engine& engine,
                 runtime::BlockingPool& jobs, Random& random)
    : catalog_(catalog), shards_(shards), engine_(engine), jobs_(jobs), random_(random) {}

Result<catalog::BackupPtr> Backups::Create(const AccountId& account, const Region& region,
                                           std::string_view table, std::string_view name) {
  return CreateOf(catalog::BackupType::kUser, account, region, table, name);
}

Result<catalog::BackupPtr> Backups::CreateManaged(const AccountId& account, const Region& region,
                                                  std::string_view table, std::string_view name) {
  return CreateOf(catalog::BackupType::kAwsBackup, account, region, table, name);
}

Result<catalog::BackupPtr> Backups::CreateOf(catalog::BackupType type, const AccountId& account,
                                             const Region& region, std::string_view name_of_table,
                                             std::string_view name) {
  const auto table = catalog_.FindTable(account, region, name_of_table);
  if (!table) return Fail(ErrorKind::kTableNotFound, "Table not found: {}", name_of_table);
  if (table->status != catalog::TableStatus::kActive) {
    return Fail(ErrorKind::kTableInUse, "Table is being {}: {}",
                table->status == catalog::TableStatus::kDeleting ? "deleted" : "created",
                name_of_table);
  }
  TM_TRYV(catalog::CheckAccessible(*table));
  return Start(*table, name, type);
}

Result<void> Backups::BeforeDrop(const catalog::TableRecord& table) {
  for (const auto& backup : catalog_.AllBackups()) {
    if (backup->source.id == table.id && backup->type != catalog::BackupType::kSystem &&
        backup->status == catalog::BackupStatus::kCreating) {
      return Fail(
          ErrorKind::kResourceInUse,
          "Attempt to change a resource which is still in use: Table is being backed up: {}",
          table.name);
    }
  }
  // Of a table that nobody can read no backup can be made; deleting it must be possible.
  if (!table.pitr.enabled || !catalog::CheckAccessible(table)) return {};
  auto backup = CreateSystem(table);
  if (!backup) return Fail(backup.error());
  return {};
}

Result<catalog::BackupPtr> Backups::CreateSystem(const catalog::TableRecord& table) {
  for (const auto& backup : catalog_.AllBackups()) {
    if (backup->type == catalog::BackupType::kSystem && backup->source.id == table.id)
      return backup;
  }
  return Start(table, table.name + "$DeletedTableBackup", catalog::BackupType::kSystem);
}

Result<catalog::BackupPtr> Backups::Start(const catalog::TableRecord& table, std::string_view name,
                                          catalog::BackupType type) {
  shard::Shard* shard = shards_.Find(table.region);
  if (!shard) return Fail(ErrorKind::kInternal, "Region {} has no shard", table.region.value);
  TM_TRYV(catalog_.Writable());
  // From the pin until the catalog knows of it, nothing else keeps the log slice it needs.
  const auto hold = shard->HoldLog();
  catalog::BackupRecord record;
  record.name = name;
  record.type = type;
  record.source = table;
  TM_TRY(record.image,
         pitr::PinImage(*shard, table.id, ImageId::Make(random_), R"({"act":"create backup"})"));
  record.created = record.image.as_of;
  record.id = MakeId(catalog_, record, random_);
  if (type == catalog::BackupType::kSystem) record.expires = record.created + kSystemBackupAge;
  // The table's record is not of the pin's instant: only an index that was complete before it and
  // is there after it has all of its rows in the image.
  const auto now = catalog_.FindTable(table.id);
  for (auto& index : record.source.indexes) {
    const auto* later = now ? now->FindIndex(index.name) : nullptr;
    if (!later || !later->IsKept() || later->definition.number != index.definition.number)
      index.status = catalog::IndexStatus::kCreating;
  }
  // Whoever switches recovery off forgets the key. Of a table that is deleted history is kept.
  if (type != catalog::BackupType::kSystem) record.source.pitr.history_key.clear();
  if (auto put = catalog_.PutBackup(record); !put) {
    pitr::RemoveUnrecorded(pitr::ImagePath(*shard, record.image), put.error());
    return Fail(std::move(put).error());
  }
  auto backup = std::make_shared<const catalog::BackupRecord>(std::move(record));
  // The whole account may have been erased since the table was found.
  if (!catalog_.FindTable(table.id)) {
    (void)Remove(*backup);
    return Fail(ErrorKind::kTableNotFound, "Table not found: {}", table.name);
  }
  Queue(backup);
  return backup;
}

void Backups::Queue(const catalog::BackupPtr& backup) {
  const std::string arn = backup->Arn();
  {
    std::lock_guard lock(mutex_);
    Attempt& attempt = attempts_[arn];
    if (attempt.queued) return;
    attempt.queued = true;
  }
  const bool queued = jobs_.Submit([this, backup, arn] {
    auto done = Finish(backup);
    if (!done) {
      LogError("backup {} stays CREATING and is tried again: {}", arn, done.error().message);
    }
    Ended(arn, done.has_value());
  });
  if (!queued) {
    LogWarn("backup {} waits: too many jobs are waiting", arn);
    Ended(arn, false);
  }
}

void Backups::Ended(const std::string& arn, bool done) {
  std::lock_guard lock(mutex_);
  if (done) {
    attempts_.erase(arn);
    return;
  }
  Attempt& attempt = attempts_[arn];
  attempt.queued = false;
  attempt.next = std::chrono::steady_clock::now() + RetryDelay(attempt.failures++);
}

bool Backups::ClaimFailed(const std::string& arn) {
  std::lock_guard lock(mutex_);
  const auto at = attempts_.find(arn);
  if (at == attempts_.end() || at->second.queued || at->second.failures == 0) return false;
  return at->second.queued = true;
}

void Backups::UndoSystem(TableId table) {
  for (const auto& backup : catalog_.AllBackups()) {
    if (backup->type != catalog::BackupType::kSystem || backup->source.id != table) continue;
    if (auto removed = Remove(*backup); !removed)
      LogError("backup {} of a table that stays is not removed: {}", backup->Arn(),
               removed.error().message);
  }
}

void Backups::Retry() {
  for (const auto& backup : catalog_.AllBackups()) {
    if (backup->status != catalog::BackupStatus::kCreating) continue;
    {
      std::lock_guard lock(mutex_);
      const auto at = attempts_.find(backup->Arn());
      // One without an attempt is between its record and its first: Start queues it.
      if (at == attempts_.end() || at->second.queued ||
          std::chrono::steady_clock::now() < at->second.next) {
        continue;
      }
    }
    Queue(backup);
  }
}

// Turns the log slice that the linked files lack into the image's run; then the image needs nothing
// else.
Result<void> Backups::Finish(const catalog::BackupPtr& backup) {
  const catalog::ImageRecord& image = backup->image;
  shard::Shard* shard = shards_.Find(image.region);
  if (!shard || !catalog_.FindBackup(backup->Arn())) return {};
  TM_TRYV(pitr::Replay(shard->log(), {image.table, image.replay_from, image.as_of}, SIZE_MAX,
                       [&](std::span<const pitr::RowSource> parts) {
                         return engine_.WriteRun(pitr::ImagePath(*shard, image), parts.front());
                       }));
  auto finished = catalog_.EditBackup(backup->Arn(), [](catalog::BackupRecord& record) {
    record.status = catalog::BackupStatus::kAvailable;
  });
  if (!finished && finished.error().kind == ErrorKind::kBackupNotFound) return {};  // erased
  return finished;
}

Result<catalog::BackupPtr> Backups::Describe(std::string_view arn) const {
  auto backup = catalog_.FindBackup(arn);
  if (!backup) return Fail(ErrorKind::kBackupNotFound, "Backup not found: {}", arn);
  return backup;
}

ListPage Backups::List(const AccountId& account, const Region& region,
                       const ListQuery& query) const {
  ListPage page;
  for (auto& backup : catalog_.Backups(account, region)) {
    if (!IsWanted(backup->type, query) ||
        (query.table_name && backup->source.name != *query.table_name) ||
        (query.from && backup->created < *query.from) ||
        (query.before && backup->created >= *query.before) ||
        (!query.after_arn.empty() && backup->Arn() <= query.after_arn)) {
      continue;
    }
    if (page.backups.size() == query.limit) {
      page.last_arn = page.backups.back()->Arn();
      break;
    }
    page.backups.push_back(std::move(backup));
  }
  return page;
}

Result<catalog::BackupPtr> Backups::Delete(std::string_view arn) {
  TM_TRY(const auto backup, Describe(arn));
  if (backup->type == catalog::BackupType::kAwsBackup) {
    return Fail(ErrorKind::kValidation,
                "Backup {} is managed by AWS Backup: delete the recovery point of this ARN in its "
                "backup vault",
                arn);
  }
  return DeleteManaged(arn);
}

Result<catalog::BackupPtr> Backups::DeleteManaged(std::string_view arn) {
  TM_TRY(const auto backup, Describe(arn));
  if (backup->type == catalog::BackupType::kSystem) {
    return Fail(
        ErrorKind::kValidation,
        "Backup {} was made by the system when its table was deleted; it cannot be deleted and "
        "expires by itself",
        arn);
  }
  if (catalog_.IsBeingRestored(backup->image.directory)) {
    return Fail(ErrorKind::kBackupInUse, "Backup is being restored: {}", arn);
  }
  // One that fails again and again, because the log it needs is damaged, must not hold the log and
  // the table for ever.
  const bool unfinished = backup->status == catalog::BackupStatus::kCreating;
  if (unfinished && !ClaimFailed(backup->Arn())) {
    return Fail(ErrorKind::kBackupInUse, "Backup is being created: {}", arn);
  }
  auto removed = Remove(*backup);
  if (unfinished) Ended(backup->Arn(), removed.has_value());
  TM_TRYV(std::move(removed));
  auto deleted = std::make_shared<catalog::BackupRecord>(*backup);
  deleted->status = catalog::BackupStatus::kDeleted;
  return deleted;
}

Result<void> Backups::Remove(const catalog::BackupRecord& backup) {
  TM_TRYV(catalog_.EraseBackup(backup.Arn()));
  if (shard::Shard* shard = shards_.Find(backup.image.region)) {
    const std::string path = pitr::ImagePath(*shard, backup.image);
    if (!jobs_.Submit([path] { pitr::RemoveImageFiles(path); })) pitr::RemoveImageFiles(path);
  }
  return {};
}

Result<void> Backups::Resume() {
  for (shard::Shard* shard : shards_.All()) pitr::RemoveOrphans(catalog_, *shard);
  for (const auto& backup : catalog_.AllBackups()) {
    if (backup->status != catalog::BackupStatus::kCreating) continue;
    Queue(backup);
  }
  return {};
}

void Backups::Maintain() {
  Retry();
  ExpireOld();
}

void Backups::ExpireOld() {
  for (const auto& backup : catalog_.AllBackups()) {
    const shard::Shard* shard = shards_.Find(backup->image.region);
    if (!backup->expires || !shard || *backup->expires > shard->Now()) continue;
    if (backup->status != catalog::BackupStatus::kAvailable ||
        catalog_.IsBeingRestored(backup->image.directory)) {
      continue;
    }
    if (auto removed = Remove(*backup); !removed) {
      LogWarn("backup {} is not removed at its end: {}", backup->Arn(), removed.error().message);
    }
  }
}

}  // namespace tidemark::backup
