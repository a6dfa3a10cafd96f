#include "backup/older_backups.h"

#include "base/files.h"
#include "base/log.h"
#include "pitr/images.h"

namespace tidemark::backup {
namespace {

// Data keys of both go into one KEYS, as they are wrapped: then neither key must be missing.
bool AreUnderOneKey(const catalog::SseSettings& one, const catalog::SseSettings& other) {
  return one.enabled == other.enabled && one.type == other.type && one.key_arn == other.key_arn &&
         !one.moving && !other.moving;
}

}  // namespace

bool MayBeBuiltUpon(const catalog::BackupRecord& one, const catalog::BackupRecord& backup) {
  return one.source.id == backup.source.id && one.source.account == backup.source.account &&
         one.source.region == backup.source.region && one.created < backup.created &&
         one.status == catalog::BackupStatus::kAvailable &&
         one.copy == catalog::StoreCopy::kThere && !one.in_store_only && !one.image.is_cold() &&
         !backup.image.is_cold() && AreUnderOneKey(one.source.sse, backup.source.sse);
}

std::optional<OlderBackup> FindOlder(const catalog::Catalog& catalog, catalog::Shards& shards,
                                     const catalog::BackupRecord& backup) {
  catalog::BackupPtr newest;
  for (const auto& one : catalog.AllBackups()) {
    if (MayBeBuiltUpon(*one, backup) && (!newest || newest->created < one->created)) newest = one;
  }
  const shard::Shard* shard = newest ? shards.Find(newest->image.region) : nullptr;
  if (!shard) return std::nullopt;
  return OlderBackup{newest, pitr::ImagePath(*shard, newest->image)};
}

std::string StoringDirectory(const shard::Shard& shard) {
  return ParentDirectory(shard.ImagesDirectory()) + "/storing";
}

void RemoveStoringLeftovers(catalog::Shards& shards) {
  for (const shard::Shard* shard : shards.All()) {
    if (auto removed = RemoveTree(StoringDirectory(*shard)); !removed)
      LogWarn("{}", removed.error().message);
  }
}

}  // namespace tidemark::backup
