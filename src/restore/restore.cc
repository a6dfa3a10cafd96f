#include "restore/restore.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "codec/instant.h"
#include "restore/plan.h"

namespace tidemark::restore {

Restores::Restores(catalog::Catalog& catalog, catalog::Shards& shards, pitr::Recovery& recovery,
                   RestoreReports& reports, runtime::BlockingPool& jobs,
                   runtime::BlockingPool& verifying, Random& random, KeyHooks keys,
                   BringImage bring_image)
    : catalog_(catalog),
      shards_(shards),
      recovery_(recovery),
      reports_(reports),
      jobs_(jobs),
      verifying_(verifying),
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
  std::ranges::copy(request.tags, std::back_inserter(target.tags));
  target.id = request.id.value_or(TableId::Make(random_));
  return ReserveOne(std::move(target), {request.access_key, request.verifies_first});
}

Result<catalog::TablePtr> Restores::Start(const ToPointInTime& request) {
  TM_TRY(const Reach reach, FindReach(request));
  TM_TRY(auto target, PlanAt(request, reach, request.use_latest ? reach.latest : *request.time));
  return ReserveOne(std::move(target), {request.access_key, request.verifies_first});
}

Result<Restores::Reach> Restores::FindReach(const ToPointInTime& request) {
  if (request.deleted) return FindDeleted(request);
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
  return Reach{source, nullptr, now};
}

std::vector<catalog::BackupPtr> Restores::Deleted(const AccountId& account, const Region& region,
                                                  std::string_view name) const {
  auto found = catalog_.Backups(account, region);
  std::erase_if(found, [&](const catalog::BackupPtr& backup) {
    return (!name.empty() && backup->source.name != name) ||
           catalog_.FindTable(backup->source.id) || !recovery_.WindowOf(*backup);
  });
  std::ranges::sort(found, std::ranges::greater(), [](const catalog::BackupPtr& backup) {
    return std::pair(backup->created, backup->source.id);
  });
  return found;
}

Result<Restores::Reach> Restores::FindDeleted(const ToPointInTime& request) const {
  catalog::BackupPtr found;
  for (const auto& backup : Deleted(request.account, request.region, request.source_table)) {
    if (request.source_id && *request.source_id != backup->source.id) continue;
    const bool has_instant = !request.time || recovery_.FindSource(*backup, *request.time);
    if (!found || has_instant) found = backup;
    if (has_instant) break;
  }
  if (found) return Reach{catalog::TablePtr(found, &found->source), found, found->created};
  return Fail(ErrorKind::kTableNotFound,
              "Table not found among those that were deleted and can be restored: {}",
              request.source_table);
}

Result<pitr::Recovery::Source> Restores::SourceAt(const Reach& reach, Timestamp time) const {
  return reach.deleted ? recovery_.FindSource(*reach.deleted, time)
                       : recovery_.FindSource(*reach.source, time);
}

Result<Timestamp> Restores::CommonInstant(const ToPointInTime& first,
                                          const std::vector<Reach>& reaches) const {
  const Timestamp latest = std::ranges::min(reaches, {}, &Reach::latest).latest;
  if (first.use_latest) return latest;
  Timestamp common{};
  for (const Reach& reach : reaches) {
    // Within the second of one table's Earliest it means that, and so it does for all.
    const auto from = SourceAt(reach, *first.time);
    if (!from) return Fail(WithContext(from.error(), "table {}", reach.source->name));
    common = std::max(common, from->time);
  }
  return std::min(common, latest);
}

Result<std::vector<catalog::TablePtr>> Restores::Start(const std::vector<ToPointInTime>& requests) {
  std::set<std::string_view> names;
  for (const ToPointInTime& request : requests) {
    if (!names.insert(request.target).second)
      return Fail(ErrorKind::kValidation, "Two tables cannot be restored as {}", request.target);
  }
  std::vector<Reach> reaches;
  for (const ToPointInTime& request : requests) {
    TM_TRY(auto reach, FindReach(request));
    reaches.push_back(std::move(reach));
  }
  TM_TRY(const Timestamp time, CommonInstant(requests.front(), reaches));
  std::vector<catalog::TableRecord> targets;
  for (size_t i = 0; i < requests.size(); ++i) {
    TM_TRY(auto target, PlanAt(requests[i], reaches[i], time));
    if (target.restore->restore_time != time) {
      return Fail(ErrorKind::kInvalidRestoreTime,
                  "table {} cannot be restored to {}, as the others can: it begins at {}",
                  reaches[i].source->name, codec::FormatInstant(time),
                  codec::FormatInstant(target.restore->restore_time));
    }
    targets.push_back(std::move(target));
  }
  const std::string group = targets.front().id.ToString();
  return Reserve(std::move(targets),
                 {requests.front().access_key, requests.front().verifies_first, group});
}

Result<catalog::TableRecord> Restores::PlanAt(const ToPointInTime& request, const Reach& reach,
                                              Timestamp time) const {
  const catalog::TableRecord& source = *reach.source;
  TM_TRY(const auto from, SourceAt(reach, time));
  time = std::min(from.time, reach.latest);
  catalog::TablePtr settings = reach.source;
  if (request.settings != Settings::kCurrent) {
    TM_TRY(settings,
           reach.deleted ? catalog_.TableAt(source.id, time) : recovery_.TableAt(source, time));
  }
  TM_TRY(auto target, PlanTarget(*settings, request.account, request.region, request.target,
                                 request.overrides, time));
  TM_TRYV(CheckKeys(source.sse, &target));
  target.restore = catalog::RestoreSummary{.source_table_arn = source.Arn(),
                                           .restore_time = time,
                                           .in_progress = true,
                                           .image_directory = from.image->directory,
                                           .source_region = from.image->region,
                                           .source_table = source.id,
                                           .point_in_time = true,
                                           .history_key = source.pitr.history_key};
  if (request.settings == Settings::kAll) CarryAll(*settings, &target, &*target.restore);
  // What has expired since the deletion would be deleted at once.
  if (reach.deleted) target.ttl = {};
  target.id = TableId::Make(random_);
  return target;
}

Result<catalog::TablePtr> Restores::ReserveOne(catalog::TableRecord target, const Asked& asked) {
  std::vector<catalog::TableRecord> targets;
  targets.push_back(std::move(target));
  TM_TRY(auto reserved, Reserve(std::move(targets), asked));
  return reserved.front();
}

Result<std::vector<catalog::TablePtr>> Restores::Reserve(std::vector<catalog::TableRecord> targets,
                                                         const Asked& asked) {
  std::vector<TableId> ids;
  for (catalog::TableRecord& target : targets) {
    TM_TRYV(CheckFree(target));
    TM_TRY(shard::Shard * shard, shards_.Ensure(target.region));
    target.status = catalog::TableStatus::kCreating;
    target.created = shard->Now();
    if (target.billing == catalog::BillingMode::kPayPerRequest)
      target.billing_changed = target.created;
    ids.push_back(target.id);
  }
  const std::string restored_from_backup = targets.front().restore->source_backup_arn;
  auto inserted = catalog_.InsertTables(std::move(targets));
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
  std::vector<catalog::TablePtr> reserved;
  Result<void> begun;
  for (const TableId id : ids) {
    reserved.push_back(catalog_.FindTable(id));
    if (begun && reserved.back()) begun = Report(*reserved.back(), asked);
  }
  if (begun) begun = Queue(ids);
  if (!begun) {
    (void)catalog_.EraseTables(ids);
    (void)reports_.Erase(ids);
    return Fail(begun.error());
  }
  return reserved;
}

Result<void> Restores::CheckFree(const catalog::TableRecord& target) const {
  const auto taken = catalog_.FindTable(target.account, target.region, target.name);
  if (!taken) return {};
  if (taken->status == catalog::TableStatus::kActive) {
    return Fail(ErrorKind::kTableAlreadyExists, "Table already exists: {}", target.name);
  }
  return Fail(ErrorKind::kTableInUse, "Table is being {}: {}",
              taken->status == catalog::TableStatus::kDeleting ? "deleted" : "created",
              target.name);
}

Result<void> Restores::Report(const catalog::TableRecord& target, const Asked& asked) {
  return reports_.Put({.id = target.id,
                       .account = target.account,
                       .region = target.region,
                       .table_name = target.name,
                       .source_table_arn = target.restore->source_table_arn,
                       .source_backup_arn = target.restore->source_backup_arn,
                       .restore_time = target.restore->restore_time,
                       .access_key = asked.access_key,
                       .created = target.created,
                       .verifies_first = asked.verifies_first,
                       .group = asked.group});
}

}  // namespace tidemark::restore
