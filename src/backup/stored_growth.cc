#include "backup/stored_growth.h"

#include <algorithm>

#include "backup/image_changes.h"
#include "backup/stored_files.h"
#include "base/files.h"
#include "base/log.h"
#include "blob/transfer.h"
#include "engine/rocks/joined_keys.h"
#include "engine/run_names.h"

namespace tidemark::backup {
namespace {

constexpr uint64_t kFilesPerRuns =
    3;  // runs of changes beyond that part of all are restored slowly

std::vector<std::string> NamesOf(const std::vector<StoredFile>& files) {
  std::vector<std::string> names;
  for (const StoredFile& file : files) names.push_back(file.name);
  return names;
}

// The image's own run is no change to anything.
uint64_t BytesOfChanges(const StoredBackup& stored) {
  uint64_t bytes = 0;
  for (const StoredFile& file : stored.files)
    bytes += engine::RunNumber(file.name).value_or(0) > 0 ? file.bytes : 0;
  return bytes;
}

struct OlderStored {
  std::vector<StoredFile> files;  // without KEYS
  Bytes keys;                     // that file
};

// kNotFound, kCorruption: nothing can be built upon it, and why.
Result<void> CheckOlder(blob::BlobStore& store, const catalog::BackupRecord& record,
                        const StoredBackup& stored) {
  if (stored.backup.image.totals != record.image.totals)
    return Fail(ErrorKind::kCorruption, "it is another than the one here");
  if (engine::RunsAmong(NamesOf(stored.files)).size() >= engine::kRunsMax)
    return Fail(ErrorKind::kNotFound, "it has many runs");
  if (BytesOfChanges(stored) > stored.Bytes() / kFilesPerRuns)
    return Fail(ErrorKind::kNotFound, "its runs are a large part of it");
  TM_TRY(const uint64_t lacked, BytesLacked(store, stored.files));
  if (lacked > 0) return Fail(ErrorKind::kNotFound, "the store lacks files of it");
  return {};
}

Result<OlderStored> ReadOlder(blob::BlobStore& store, crypto::DataKeyProvider& keys,
                              const catalog::BackupRecord& record) {
  const std::string name = ManifestName(record);
  TM_TRY(const Bytes manifest, blob::GetSmall(store, name, kManifestBytesMax));
  TM_TRY(StoredBackup stored, OpenManifest(manifest, name, keys));
  TM_TRYV(CheckOlder(store, record, stored));
  const auto at = std::ranges::find(stored.files, kKeysName, &StoredFile::name);
  if (at == stored.files.end()) return Fail(ErrorKind::kCorruption, "it has no {}", kKeysName);
  OlderStored older;
  TM_TRY(older.keys, blob::GetSmall(store, FileBlobName(at->sha256), at->bytes));
  if (crypto::Sha256(older.keys) != at->sha256)
    return Fail(ErrorKind::kCorruption, "its {} is damaged", kKeysName);
  stored.files.erase(at);
  older.files = std::move(stored.files);
  return older;
}

// Bytes of the run that makes the newer of the older; nothing: it is not worth it, or an image does
// not read, or the older one is not what it should be.
Result<std::optional<uint64_t>> WriteRunOf(const Growth& growth, const GrownBackup& newer,
                                           const std::atomic<bool>& stop) {
  const uint64_t bytes_max = ChangesMax(newer.bytes_lacked);
  ImageSums sums;
  const auto bytes = WriteChanges(growth.engine, {growth.older_image, newer.image},
                                  growth.directory, stop, {.bytes_max = bytes_max, .sums = &sums});
  if (bytes && *bytes > bytes_max) return std::nullopt;
  if (!bytes && bytes.error().kind == ErrorKind::kCancelled) return Fail(bytes.error());
  const auto as_older =
      bytes ? sums.older.Compare("the older backup", pitr::CountedIndexes(growth.older.source),
                                 growth.older.image.totals)
            : Fail(bytes.error());
  if (!as_older) {
    LogWarn("{} is stored whole, not as changes to {}: {}", newer.backup.Arn(), growth.older.Arn(),
            as_older.error().message);
    return std::nullopt;
  }
  TM_TRYV(sums.newer.Compare("the backup", pitr::CountedIndexes(newer.backup.source),
                             newer.backup.image.totals));
  return *bytes;
}

}  // namespace

Result<std::optional<GrownFiles>> Grow(blob::BlobStore& store, crypto::DataKeyProvider& keys,
                                       const Growth& growth, const GrownBackup& newer,
                                       const std::atomic<bool>& stop) {
  if (newer.bytes_lacked < kWorthChanges) return std::nullopt;
  if (ChangesMax(newer.bytes_lacked) >= growth.spare_bytes) {
    LogWarn("{} is stored whole: the disk has {} bytes to spare for what changed since {}",
            newer.backup.Arn(), growth.spare_bytes, growth.older.Arn());
    return std::nullopt;
  }
  const auto older = ReadOlder(store, keys, growth.older);
  if (!older) {
    const ErrorKind kind = older.error().kind;
    if (kind != ErrorKind::kNotFound && kind != ErrorKind::kCorruption) return Fail(older.error());
    LogInfo("{} is stored whole, nothing is built upon {}: {}", newer.backup.Arn(),
            growth.older.Arn(), older.error().message);
    return std::nullopt;
  }
  TM_TRY(const auto run_bytes, WriteRunOf(growth, newer, stop));
  if (!run_bytes) return std::nullopt;
  GrownFiles grown{.files = older->files, .made = growth.directory + "/changes"};
  const std::string older_keys = growth.directory + "/older_keys";
  TM_TRYV(MakeDirectories(older_keys));
  TM_TRYV(ReplaceFile(older_keys + "/" + std::string(kKeysName), older->keys));
  TM_TRYV(engine::JoinKeys({older_keys, newer.image}, grown.made));
  if (*run_bytes > 0) {
    TM_TRYV(Rename(grown.made + "/" + engine::RunName(0),
                   grown.made + "/" + engine::NextRunName(NamesOf(older->files))));
  }
  TM_TRY(auto made, HashFiles(grown.made, stop));
  std::ranges::move(made, std::back_inserter(grown.files));
  LogInfo("{} is stored as {} and a run of {} bytes, instead of {} bytes", newer.backup.Arn(),
          growth.older.Arn(), *run_bytes, newer.bytes_lacked);
  return grown;
}

}  // namespace tidemark::backup
