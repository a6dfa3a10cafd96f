#include "restore/restore.h"

#include <algorithm>

#include "restore/plan.h"

namespace tidemark::restore {

Restores::Restores(catalog::Catalog& catalog, catalog::Shards& shards, pitr::Recovery& recovery,
                   RestoreReports& reports, runtime::BlockingPool& jobs, Random& random,
                   KeyHooks keys, BringImage bring_image)
    : catalog_(catalog),
      shards_(shards),
      recovery_(recovery),
      reports_(reports),
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
                                           .source_table_arn = backup->TableArn(),
                                           .restore_time = backup->created,
                                           .in_progress = true,
                                           .image_directory = backup->image.directory,
                                           .source_region = backup->image.region,
                                           .source_table = backup->image.table,
                                           .point_in_time = false};
  if (request.settings == Settings::kAll) CarryAll(backup->source, &target, &*target.restore);
  target.id = request.id.value_or(TableId::Make(random_));
  return Reserve(std::move(target), request.access_key, request.verifies_first);
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
  target.id = TableId::Make(random_);
  return Reserve(std::move(target), request.access_key, request.verifies_first);
}

Result<catalog::TablePtr> Restores::Reserve(catalog::TableRecord target,
                                            const std::string& access_key, bool verifies_first) {
  if (const auto taken = catalog_.FindTable(target.account, target.region, target.name)) {
    if (taken->status == catalog::TableStatus::kActive) {
      return Fail(ErrorKind::kTableAlreadyExists, "Table already exists: {}", target.name);
    }
    return Fail(ErrorKind::kTableInUse, "Table is being {}: {}",
                taken->status == catalog::TableStatus::kDeleting ? "deleted" : "created",
                target.name);
  }
  TM_TRY(shard::Shard * shard, shards_.Ensure(target.region));
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
  auto reported = reserved ? Report(*reserved, access_key, verifies_first) : Result<void>();
  if (reported) reported = Queue(id);
  if (!reported) {
    (void)catalog_.EraseTable(id);
    (void)reports_.Erase({id});
    return Fail(reported.error());
  }
  return reserved;
}

Result<void> Restores::Report(const catalog::TableRecord& target, const std::string& access_key,
                              bool verifies_first) {
  return reports_.Put({.id = target.id,
                       .account = target.account,
                       .region = target.region,
                       .table_name = target.name,
                       .source_table_arn = target.restore->source_table_arn,
                       .source_backup_arn = target.restore->source_backup_arn,
                       .restore_time = target.restore->restore_time,
                       .access_key = access_key,
                       .created = target.created,
                       .verifies_first = verifies_first});
}

}  // namespace tidemark::restore
