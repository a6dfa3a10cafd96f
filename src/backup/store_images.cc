#include "backup/store_images.h"

#include <algorithm>

#include "backup/source_check.h"
#include "backup/stored_files.h"
#include "base/files.h"
#include "base/log.h"
#include "blob/blob_source.h"
#include "blob/decorators/stoppable_store.h"
#include "engine/run_names.h"
#include "pitr/images.h"

namespace tidemark::backup {
namespace {

// Whether it is stored as an older one's files, and the image here is its own.
bool IsMadeElsewhere(const StoredBackup& stored, const std::string& image) {
  return std::ranges::any_of(stored.files, [&](const StoredFile& file) {
    return engine::RunNumber(file.name).value_or(0) > 0 && !Exists(image + "/" + file.name);
  });
}

}  // namespace

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
    TM_TRY(const bool sound, IsAsStored(*here, stored, progress));
    if (!sound) return Replace(*here, progress);
    return Fail(ErrorKind::kAlreadyExists, "the backup {} is here already, and not damaged", arn);
  }
  TM_TRY(catalog::BackupRecord backup, RecordOf(stored));
  TM_TRYV(FetchFiles(backup, progress));
  auto put = catalog_.PutBackup(backup);
  if (!put) {
    pitr::RemoveUnrecorded(pitr::ImagePath(*shards_.Find(backup.image.region), backup.image),
                           put.error());
  }
  return put;
}

// What lies in cold storage was written anew.
Result<bool> StoreImages::IsAsStored(const catalog::BackupRecord& here, const StoredBackup& stored,
                                     const CopyProgress& progress) const {
  const shard::Shard* shard = shards_.Find(here.image.region);
  if (!shard || here.image.is_cold()) return true;
  const std::string image = pitr::ImagePath(*shard, here.image);
  TM_TRY(const bool same, HasFiles(image, stored, progress));
  if (same) return true;
  // It is damaged, or was stored as other files: then its own, and its rows, say whether it is.
  auto checked = CheckSource(engine_, image, here, progress.stop);
  if (checked) checked = CheckRows(engine_, image, here, progress.stop);
  if (checked) return true;
  const ErrorKind kind = checked.error().kind;
  if (kind == ErrorKind::kCancelled) return Fail(checked.error());
  // Nobody can say then whether its own files are sound.
  if (kind == ErrorKind::kKeyDisabled && IsMadeElsewhere(stored, image))
    return Fail(checked.error());
  LogWarn("backup {} is damaged: {}", here.Arn(), checked.error().message);
  return false;
}

// KEYS differ once data keys are wrapped anew.
Result<bool> StoreImages::HasFiles(const std::string& image, const StoredBackup& stored,
                                   const CopyProgress& progress) const {
  for (const StoredFile& file : stored.files) {
    if (file.name == kKeysName) {
      const auto keys = engine_.KeysOf(image);
      if (!keys && keys.error().kind != ErrorKind::kKeyDisabled) return false;
      continue;
    }
    const auto source = OpenFileOf(image, file.name);
    if (!source) return false;
    const auto hash = blob::HashOf(blob::StoppableSource(*source, progress.stop));
    if (!hash && hash.error().kind == ErrorKind::kCancelled) return Fail(hash.error());
    if (!hash || *hash != file.sha256) return false;
  }
  return true;
}

// Into a directory of its own: until all is there the backup is as it was.
Result<void> StoreImages::Replace(const catalog::BackupRecord& here, CopyProgress& progress) {
  catalog::BackupRecord whole = here;
  whole.image.id = ImageId::Make(random_);
  whole.image.directory = whole.image.id.ToString();
  TM_TRYV(FetchFiles(whole, progress));
  bool replaced = false;
  auto done = catalog_.EditBackup(here.Arn(), [&](catalog::BackupRecord& record) {
    replaced = record.image.directory == here.image.directory && !record.image.is_cold();
    if (!replaced) return;
    record.image.id = whole.image.id;
    record.image.directory = whole.image.directory;
  });
  if (done && !replaced)
    done = Fail(ErrorKind::kBackupInUse, "Backup {} has moved meanwhile", here.Arn());
  const shard::Shard& shard = *shards_.Find(here.image.region);
  if (!done) {
    pitr::RemoveUnrecorded(pitr::ImagePath(shard, whole.image), done.error());
    // A restore that reads of it goes on; the next start removes what stays.
  } else if (!catalog_.IsBeingRestored(here.image.directory)) {
    pitr::RemoveImageFiles(pitr::ImagePath(shard, here.image));
  }
  return done;
}

// Durable, with the directory's name.
Result<void> StoreImages::FetchFiles(const catalog::BackupRecord& backup, CopyProgress& progress) {
  TM_TRYV(catalog_.Writable());
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
