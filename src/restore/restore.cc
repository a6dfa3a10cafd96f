#include "restore/restore.h"

#include <algorithm>

#include "archive/archive.h"
#include "base/log.h"
#include "pitr/images.h"
#include "pitr/replay.h"
#include "restore/indexes.h"
#include "restore/plan.h"
#include "restore/verify.h"

namespace tidemark::restore {
namespace {

constexpr size_t kPortionBytes = 128
                                 << 20;  // of log rows sorted in memory before they are ingested
constexpr size_t kFailuresKept = 1000;

}  // namespace

Restores::Restores(catalog::Catalog& catalog, catalog::Shards& shards, pitr::Recovery& recovery,
                   runtime::BlockingPool& jobs, Random& random, KeyHooks keys,
                   BringImage bring_image)
    : catalog_(catalog),
      shards_(shards),
      recovery_(recovery),
      jobs_(jobs),
      streams_(catalog, shards),
      random_(random),
      keys_(std::move(keys)),
      bring_image_(std::move(bring_image)) {}

Result<void> Restores::CheckKeys(const catalog::SseSettings& source,
                                 catalog::TableRecord* target) const {
  if (keys_.check_usable) TM_TRYV(keys_.check_usable(source));
  target->sse.inaccessible = {};
  target->sse.moving = false;
  if (!target->sse.enabled || !keys_.resolve) return {};
  return keys_.resolve(target->account, target->region, &target->sse);
}

Result<catalog::TablePtr> Restores::Start(const FromBackup& request) {
  const auto backup = catalog_.FindBackup(request.backup_arn);
  if (!backup) return Fail(ErrorKind::kBackupNotFound, "Backup not found: {}", request.backup_arn);
  if (backup->status != catalog::BackupStatus::kAvailable) {
    return Fail(ErrorKind::kBackupInUse, "Backup is being created: {}", request.backup_arn);
  }
  if (backup->in_store_only && !bring_image_) {
    return Fail(ErrorKind::kValidation,
                "Backup {} lies in the backup store only; this server was started without one",
                request.backup_arn);
  }
  TM_TRY(auto target, PlanTarget(backup->source, request.account, request.region, request.target,
                                 request.overrides, backup->created));
  TM_TRYV(CheckKeys(backup->source.sse, &target));
  target.restore = catalog::RestoreSummary{.source_backup_arn = request.backup_arn,
                                           .source_table_arn = backup->source.Arn(),
                                           .restore_time = backup->created,
                                           .in_progress = true,
                                           .image_directory = backup->image.directory,
                                           .source_region = backup->image.region,
                                           .source_table = backup->image.table,
                                           .point_in_time = false};
  if (request.settings == Settings::kAll) CarryAll(backup->source, &target, &*target.restore);
  return Reserve(std::move(target));
}

Result<catalog::TablePtr> Restores::Start(const ToPointInTime& request) {
  const auto source = catalog_.FindTable(request.account, request.region, request.source_table);
  if (!source || source->status == catalog::TableStatus::kDeleting) {
    return Fail(ErrorKind::kTableNotFound, "Table not found: {}", request.source_table);
  }
  shard::Shard* shard = shards_.Find(source->region);
  if (!shard) return Fail(ErrorKind::kInternal, "Region {} has no shard", source->region.value);
  if (!source->pitr.enabled) {
    return Fail(ErrorKind::kPitrUnavailable, "Point in time recovery is not enabled for table '{}'",
                source->name);
  }
  TM_TRYV(catalog::CheckAccessible(*source));
  // In log order behind every acknowledged write: when it is applied, all that came before is
  // readable.
  TM_TRY(const Timestamp now, shard->LogControl(source->id, R"({"act":"restore point"})"));
  TM_TRY(auto from, recovery_.FindSource(*source, request.use_latest ? now : *request.time));
  const Timestamp time = std::min(from.time, now);
  catalog::TablePtr settings = source;
  if (request.settings != Settings::kCurrent) {
    TM_TRY(settings, recovery_.TableAt(*source, time));
  }
  TM_TRY(auto target, PlanTarget(*settings, request.account, request.region, request.target,
                                 request.overrides, time));
  TM_TRYV(CheckKeys(source->sse, &target));
  target.restore = catalog::RestoreSummary{.source_table_arn = source->Arn(),
                                           .restore_time = time,
                                           .in_progress = true,
                                           .image_directory = from.image->directory,
                                           .source_region = from.image->region,
                                           .source_table = source->id,
                                           .point_in_time = true,
                                           .history_key = source->pitr.history_key};
  if (request.settings == Settings::kAll) CarryAll(*settings, &target, &*target.restore);
  return Reserve(std::move(target));
}

Result<catalog::TablePtr> Restores::Reserve(catalog::TableRecord target) {
  if (const auto taken = catalog_.FindTable(target.account, target.region, target.name)) {
    if (taken->status == catalog::TableStatus::kActive) {
      return Fail(ErrorKind::kTableAlreadyExists, "Table already exists: {}", target.name);
    }
    return Fail(ErrorKind::kTableInUse, "Table is being {}: {}",
                taken->status == catalog::TableStatus::kDeleting ? "deleted" : "created",
                target.name);
  }
  TM_TRY(shard::Shard * shard, shards_.Ensure(target.region));
  target.id = TableId::Make(random_);
  target.status = catalog::TableStatus::kCreating;
  target.created = shard->Now();
  if (target.billing == catalog::BillingMode::kPayPerRequest)
    target.billing_changed = target.created;
  const TableId id = target.id;
  const std::string restored_from_backup = target.restore->source_backup_arn;
  auto inserted = catalog_.InsertTable(std::move(target));
  if (!inserted && inserted.error().kind == ErrorKind::kResourceInUse) {
    return Fail(Error{ErrorKind::kTableAlreadyExists, inserted.error().message, nullptr});
  }
  if (!inserted && inserted.error().kind == ErrorKind::kNotFound) {
    const bool backup = !restored_from_backup.empty();
    return Fail(Error{
        backup ? ErrorKind::kBackupNotFound : ErrorKind::kPitrUnavailable,
        backup ? "Backup not found: " + restored_from_backup : inserted.error().message, nullptr});
  }
  TM_TRYV(inserted);
  const auto reserved = catalog_.FindTable(id);
  TM_TRYV(Queue(id));
  return reserved;
}

Result<void> Restores::Queue(TableId target) {
  if (jobs_.Submit([this, target] { Run(target); })) return {};
  (void)catalog_.EraseTable(target);
  return Fail(ErrorKind::kLimitExceeded,
              "Too many restores are waiting; try again when some have ended");
}

Result<void> Restores::Resume() {
  for (const auto& table : catalog_.AllTables()) {
    if (table->status != catalog::TableStatus::kCreating || !table->restore) continue;
    LogInfo("taking up the restore of table {}", table->name);
    TM_TRYV(Queue(table->id));
  }
  return {};
}

void Restores::Run(TableId id) {
  const auto target = catalog_.FindTable(id);
  if (!target || target->status != catalog::TableStatus::kCreating) return;
  auto done = Execute(*target);
  if (done) done = Equip(id);
  if (done) {
    auto active = catalog_.EditTable(id, [](catalog::TableRecord& record) -> Result<void> {
      record.status = catalog::TableStatus::kActive;
      record.restore->in_progress = false;
      for (auto& index : record.indexes) index.definition.building = false;
      record.restore->history_key.clear();
      record.restore->recovery_days = 0;
      return {};
    });
    if (active) {
      LogInfo("table {} is restored", target->name);
      return;
    }
    if (active.error().kind == ErrorKind::kResourceNotFound) {  // erased while it was restored
      if (shard::Shard* shard = shards_.Find(target->region))
        (void)shard->DropTable(id, R"({"act":"drop"})");
      return;
    }
    done = Fail(active.error());
  }
  if (done.error().kind == ErrorKind::kCancelled) return;  // the next start takes it up
  GiveUp(*target, done.error());
}

void Restores::GiveUp(const catalog::TableRecord& target, const Error& error) {
  LogError("the restore of table {} failed, the table is removed: {}", target.name, error.message);
  {
    std::lock_guard lock(mutex_);
    failures_.emplace_back(target.id, error.message);
    if (failures_.size() > kFailuresKept) failures_.pop_front();
  }
  if (shard::Shard* shard = shards_.Find(target.region)) {
    (void)shard->DiscardStore(target.id);
    // It may have been adopted.
    if (shard->Find(target.id)) (void)shard->DropTable(target.id, R"({"act":"drop"})");
  }
  (void)catalog_.EraseTable(target.id);
}

std::string Restores::FailureOf(TableId target) const {
  std::lock_guard lock(mutex_);
  const auto at = std::ranges::find(failures_, target, &decltype(failures_)::value_type::first);
  return at == failures_.end() ? "" : at->second;
}

// What of its settings needs the table there: each is done once, whatever crash comes between.
Result<void> Restores::Equip(TableId id) {
  auto table = catalog_.FindTable(id);
  if (table && table->stream && table->stream->label.empty()) {
    TM_TRY(const auto stream, streams_.Begin(*table));
    TM_TRY(table, catalog_.EditTable(id, [&](catalog::TableRecord& record) -> Result<void> {
      record.stream = stream;
      return {};
    }));
  }
  if (!table || table->restore->recovery_days == 0 || table->pitr.enabled) return {};
  return recovery_.EnableRestored(*table, table->restore->recovery_days);
}

Result<catalog::ImageRecord> Restores::FindImage(const catalog::RestoreSummary& restore) const {
  if (restore.point_in_time) {
    for (const auto& image : catalog_.Images(restore.source_table)) {
      if (image->directory == restore.image_directory) return *image;
    }
  } else if (const auto backup = catalog_.FindBackup(restore.source_backup_arn)) {
    return backup->image;
  }
  return Fail(ErrorKind::kNotFound, "image {} is gone", restore.image_directory);
}

Result<void> Restores::BringFiles(const catalog::RestoreSummary& restore) const {
  if (restore.point_in_time) return {};
  const auto backup = catalog_.FindBackup(restore.source_backup_arn);
  if (!backup || !backup->in_store_only) return {};
  if (bring_image_) return bring_image_(*backup);
  return Fail(ErrorKind::kNotFound, "backup {} lies in the backup store, and there is none",
              backup->Arn());
}

Result<void> Restores::Execute(const catalog::TableRecord& target) {
  const catalog::RestoreSummary& restore = *target.restore;
  TM_TRY(shard::Shard * shard, shards_.Ensure(target.region));
  if (shard->Find(target.id)) return {};  // a crash came after the last step
  TM_TRYV(BringFiles(restore));
  shard::Shard* source = shards_.Find(restore.source_region);
  if (!source) return Fail(ErrorKind::kNotFound, "Region {} is gone", restore.source_region.value);

  // Until the view holds what the image needs of the log.
  auto hold = source->HoldLog();
  TM_TRY(const auto image, FindImage(restore));
  std::shared_ptr<const archive::View> view;
  if (restore.point_in_time) {
    TM_TRY(archive::Archive * archive, recovery_.ArchiveOf(restore.source_region));
    view = archive->Look(image.needs_log ? std::optional(image.replay_from) : std::nullopt);
  }
  hold.reset();

  TM_TRY(auto store, shard->CloneStore(target.id, pitr::ImagePath(*source, image)));
  shard::Totals expected = image.totals;
  if (restore.point_in_time) {
    const pitr::HistorySource history{
        source->log(), view, {restore.source_table, restore.history_key}, image.needs_log};
    TM_TRY(const auto replayed,
           pitr::ReadHistory(
               history, {restore.source_table, image.replay_from, restore.restore_time},
               kPortionBytes, [&](const pitr::RowSource& rows) { return store->Ingest(rows); }));
    if (replayed.totals) expected = *replayed.totals;
    LogInfo("restoring table {}: {} changes over {} items", target.name, replayed.changes,
            image.totals.items);
  }
  TM_TRYV(EraseOtherIndexes(target, *store));
  std::vector<uint16_t> complete;
  for (const auto& index : target.indexes) {
    if (!index.definition.building) complete.push_back(index.definition.number);
  }
  TM_TRYV(VerifyTotals(*store, complete, expected));
  std::erase_if(expected.indexes, [&](const shard::IndexTotals& index) {
    return std::ranges::find(complete, index.index) == complete.end();
  });
  TM_TRYV(BuildIndexes(target, kPortionBytes, *store, &expected));
  TM_TRYV(shard->Adopt(target.id, std::move(store), expected, R"({"act":"restore"})"));
  return {};
}

}  // namespace tidemark::restore
