#include "backup/store_images.h"

#include "base/files.h"
#include "pitr/images.h"

namespace tidemark::backup {

// WHY never SYSTEM: whoever brings it back wants it for longer than the system would keep it.
Result<catalog::BackupRecord> StoreImages::RecordOf(const StoredBackup& stored) {
  catalog::BackupRecord backup = stored.backup;
  TM_TRYV(shards_.Ensure(backup.source.region));
  backup.type = catalog::BackupType::kUser;
  backup.expires.reset();
  backup.copy = catalog::StoreCopy::kThere;
  catalog::ImageRecord& image = backup.image;
  image.id = ImageId::Make(random_);
  image.directory = image.id.ToString();
  image.region = backup.source.region;
  image.needs_log = false;
  return backup;
}

Result<bool> StoreImages::Register(const StoredBackup& stored) {
  if (catalog_.FindBackup(stored.backup.Arn())) return false;
  TM_TRY(catalog::BackupRecord backup, RecordOf(stored));
  backup.in_store_only = true;
  TM_TRYV(catalog_.PutBackup(std::move(backup)));
  return true;
}

Result<void> StoreImages::Fetch(const StoredBackup& stored, CopyProgress& progress) {
  const std::string arn = stored.backup.Arn();
  if (const auto here = catalog_.FindBackup(arn)) {
    if (here->in_store_only) return BringOne(arn, progress);
    return Fail(ErrorKind::kAlreadyExists, "the backup {} is here already", arn);
  }
  TM_TRY(catalog::BackupRecord backup, RecordOf(stored));
  TM_TRYV(FetchFiles(backup, progress));
  auto put = catalog_.PutBackup(backup);
  if (!put)
    pitr::RemoveImageFiles(pitr::ImagePath(*shards_.Find(backup.image.region), backup.image));
  return put;
}

// Durable, with the directory's name.
Result<void> StoreImages::FetchFiles(const catalog::BackupRecord& backup, CopyProgress& progress) {
  TM_TRY(shard::Shard * shard, shards_.Ensure(backup.image.region));
  const std::string directory = pitr::ImagePath(*shard, backup.image);
  TM_TRYV(RemoveTree(directory));  // of an attempt that was cut off
  auto fetched = copies_.Fetch(ManifestName(backup), directory, progress);
  Result<void> done;
  if (!fetched) {
    done = Fail(fetched.error());
  } else {
    done = SyncDirectory(ParentDirectory(directory));
  }
  if (!done) pitr::RemoveImageFiles(directory);
  return done;
}

Result<void> StoreImages::Bring(const catalog::BackupRecord& backup) {
  return BringOne(backup.Arn(), progress_);
}

Result<void> StoreImages::BringOne(const std::string& arn, CopyProgress& progress) {
  std::unique_lock lock(mutex_);
  done_.wait(lock, [&] { return !busy_.contains(arn); });
  const auto backup = catalog_.FindBackup(arn);
  if (!backup) return Fail(ErrorKind::kBackupNotFound, "Backup not found: {}", arn);
  if (!backup->in_store_only) return {};
  busy_.insert(arn);
  lock.unlock();
  auto done = FetchFiles(*backup, progress);
  if (done) {
    done = catalog_.EditBackup(arn,
                               [](catalog::BackupRecord& record) { record.in_store_only = false; });
  }
  lock.lock();
  busy_.erase(arn);
  done_.notify_all();
  return done;
}

}  // namespace tidemark::backup
