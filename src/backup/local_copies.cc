#include "backup/local_copies.h"

#include "backup/source_check.h"
#include "base/files.h"
#include "pitr/images.h"

namespace tidemark::backup {

catalog::BackupRecord RecordOfCopy(const catalog::BackupRecord& source,
                                   const LocalCopyOrder& order) {
  catalog::BackupRecord copy = source;
  copy.id = order.id;
  copy.name = order.name;
  copy.type = catalog::BackupType::kAwsBackup;
  copy.expires.reset();
  copy.copied_from_table = source.TableArn();
  copy.source.account = order.account;
  copy.source.region = order.region;
  copy.source.id = order.sealed_for;
  copy.source.sse = order.sse;
  copy.image.id = order.image;
  copy.image.table = order.sealed_for;
  copy.image.region = order.region;
  copy.image.directory = order.image.ToString();
  copy.image.needs_log = false;
  copy.copy = catalog::StoreCopy::kNone;
  copy.copy_job.clear();
  copy.in_store_only = false;
  return copy;
}

std::string LocalCopyOrder::Arn(const catalog::BackupRecord& source) const {
  return RecordOfCopy(source, *this).Arn();
}

Result<catalog::BackupPtr> LocalCopies::SourceOf(const LocalCopyOrder& order) const {
  auto source = catalog_.FindBackup(order.source_arn);
  if (!source) return Fail(ErrorKind::kBackupNotFound, "Backup not found: {}", order.source_arn);
  if (source->status != catalog::BackupStatus::kAvailable || source->in_store_only)
    return Fail(ErrorKind::kBackupInUse, "Backup is being created: {}", order.source_arn);
  return source;
}

Result<void> LocalCopies::Check(const LocalCopyOrder& order, const std::atomic<bool>& stop) {
  TM_TRY(const auto source, SourceOf(order));
  if (catalog_.FindBackup(order.Arn(*source))) return {};
  const shard::Shard* from = shards_.Find(source->image.region);
  if (!from) return Fail(ErrorKind::kNotFound, "Region {} is gone", source->image.region.value);
  return CheckSource(engine_, pitr::ImagePath(*from, source->image), *source, stop);
}

Result<catalog::BackupPtr> LocalCopies::Make(const LocalCopyOrder& order) {
  TM_TRY(const auto source, SourceOf(order));
  catalog::BackupRecord copy = RecordOfCopy(*source, order);
  const std::string arn = copy.Arn();
  if (auto made = catalog_.FindBackup(arn)) return made;
  if (source->image.is_cold())
    return Fail(ErrorKind::kValidation, "Backup {} is in cold storage", order.source_arn);
  TM_TRYV(catalog_.Writable());
  TM_TRY(shard::Shard * shard, shards_.Ensure(order.region));
  const std::string directory = pitr::ImagePath(*shard, copy.image);
  auto done = LinkFiles(*source, directory, order.sealed_for);
  // WHY: a backup's record goes before its files, so that what was linked is whole.
  if (done && !catalog_.FindBackup(order.source_arn))
    done = Fail(ErrorKind::kBackupNotFound, "Backup not found: {}", order.source_arn);
  if (!done) {
    pitr::RemoveImageFiles(directory);
    return Fail(std::move(done).error());
  }
  if (auto put = catalog_.PutBackup(std::move(copy)); !put) {
    pitr::RemoveUnrecorded(directory, put.error());
    return Fail(std::move(put).error());
  }
  return catalog_.FindBackup(arn);
}

// KEYS is written anew beside its link, the other files of an image are never changed.
Result<void> LocalCopies::LinkFiles(const catalog::BackupRecord& source,
                                    const std::string& directory, TableId sealed_for) {
  shard::Shard* from = shards_.Find(source.image.region);
  if (!from) return Fail(ErrorKind::kNotFound, "Region {} is gone", source.image.region.value);
  const std::string image = pitr::ImagePath(*from, source.image);
  TM_TRYV(RemoveTree(directory));  // of an attempt that was cut off
  TM_TRYV(MakeDirectories(directory));
  TM_TRY(const auto names, ListDirectory(image));
  for (const std::string& name : names) TM_TRYV(Link(image + "/" + name, directory + "/" + name));
  TM_TRYV(engine_.RewrapKeys(directory, sealed_for));
  TM_TRYV(SyncDirectory(directory));
  return SyncDirectory(ParentDirectory(directory));
}

}  // namespace tidemark::backup
