#include "pitr/backup_reads.h"

#include <set>
#include <utility>

namespace tidemark::pitr {

BackupReads::BackupReads(catalog::Catalog& catalog, catalog::Shards& shards, engine::Engine& engine,
                         Random& random, CheckKey check_key, BackupReadOptions options)
    : catalog_(catalog),
      random_(random),
      check_key_(std::move(check_key)),
      images_(shards, engine, random, "backup_views", options.images_max, options.image_idle) {}

Result<catalog::BackupPtr> BackupReads::Find(const AccountId& account, const Region& region,
                                             std::string_view arn) const {
  auto backup = catalog_.FindBackup(arn);
  if (!backup || backup->source.account != account || backup->source.region != region)
    return Fail(ErrorKind::kBackupNotFound, "Backup not found: {}", arn);
  if (backup->status != catalog::BackupStatus::kAvailable)
    return Fail(ErrorKind::kBackupInUse, "Backup is being created: {}", arn);
  if (backup->image.is_cold()) {
    return Fail(ErrorKind::kValidation,
                "Backup {} is in cold storage, from where it is read as a whole only: restore it "
                "to a new table, and read that",
                arn);
  }
  if (backup->in_store_only) {
    return Fail(ErrorKind::kValidation,
                "Backup {} has its files in the backup store only: restore it to a new table, "
                "which brings them; from then on it can be read here",
                arn);
  }
  TM_TRYV(check_key_(backup->source.sse));
  return backup;
}

Result<OpenImages::Reader> BackupReads::Open(const catalog::BackupRecord& backup) {
  // An id of no table: the backup's own may be gone, or be under another key by now.
  const TableId sealed_for = TableId::Make(random_);
  {
    const std::lock_guard lock(mutex_);
    opening_.emplace(sealed_for, Key{backup.Arn(), backup.source.sse});
  }
  auto opened = images_.Open(backup.image, sealed_for, /*of_backup=*/true);
  {
    const std::lock_guard lock(mutex_);
    opening_.erase(sealed_for);
  }
  // Deleted since it was found.
  if (!opened && !catalog_.FindBackup(backup.Arn()))
    return Fail(ErrorKind::kBackupNotFound, "Backup not found: {}", backup.Arn());
  return opened;
}

std::optional<BackupReads::Key> BackupReads::KeyOf(TableId sealed_for) const {
  const std::lock_guard lock(mutex_);
  const auto at = opening_.find(sealed_for);
  return at == opening_.end() ? std::nullopt : std::optional(at->second);
}

void BackupReads::Tend() {
  if (images_.count() == 0) return;
  std::set<ImageId> there;
  for (const auto& backup : catalog_.AllBackups()) {
    // What is open holds data keys: not when the customer's key is off.
    if (!backup->image.is_cold() && check_key_(backup->source.sse)) there.insert(backup->image.id);
  }
  images_.Tend([&](const catalog::ImageRecord& image) { return !there.contains(image.id); });
}

}  // namespace tidemark::pitr
