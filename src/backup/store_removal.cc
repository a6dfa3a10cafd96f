#include "backup/store_removal.h"

#include "backup/store_leases.h"
#include "backup/store_verdicts.h"
#include "base/log.h"
#include "blob/decorators/stoppable_store.h"
#include "blob/transfer.h"

namespace tidemark::backup {
namespace {

constexpr size_t kBatchFiles = 1000;
// A batch has long ended by the time somebody else may take it for cut off.
constexpr auto kRemovalLife = std::chrono::minutes(20);
constexpr auto kBatchTime = std::chrono::minutes(5);
constexpr auto kCutOffPutAge = std::chrono::hours(48);  // no put takes so long

}  // namespace

// WHY intents first: a copy puts its manifest before it takes its intent back, so what is missing
// among the intents is among the manifests.
Result<std::set<std::string>> StoreRemoval::Needed(blob::BlobStore& store) const {
  std::set<std::string> needed;
  TM_TRY(auto intents, ReadLeases(store, kIntents));
  for (StoreLease& intent : intents) {
    if (clock_.Now() <= intent.until + kClocksApart) needed.merge(intent.files);
  }
  TM_TRY(const auto manifests, blob::ListAll(store, kManifests));
  for (const blob::ListedBlob& listed : manifests) {
    const auto manifest = blob::GetSmall(store, listed.name, kManifestBytesMax);
    if (!manifest && manifest.error().kind == ErrorKind::kNotFound) continue;
    if (!manifest) return Fail(manifest.error());
    TM_TRY(const StoredBackup stored, OpenManifest(*manifest, listed.name, keys_));
    needed.merge(BlobsOf(stored));
  }
  return needed;
}

// WHY the removal is put before anybody is asked: a copy that is not seen among the intents by then
// sees the removal, and relies on none of its files.
Result<void> StoreRemoval::FreeBatch(blob::BlobStore& store, const std::set<std::string>& files,
                                     Freed* freed) const {
  const Timestamp begin = clock_.Now();
  const StoreLease removal{
      .name = NewLeaseName(kRemovals), .until = begin + kRemovalLife, .files = files};
  TM_TRYV(PutLease(store, removal));
  TM_TRY(const auto needed, Needed(store));
  for (const std::string& file : files) {
    if (needed.contains(file)) continue;
    const Timestamp now = clock_.Now();
    if (now < begin || now > begin + kBatchTime) break;  // the rest is for another time
    const auto info = store.Head(file);
    if (!info && info.error().kind == ErrorKind::kNotFound) continue;
    TM_TRYV(store.Delete(file));
    ++freed->files;
    if (info) freed->bytes += info->bytes;
  }
  return store.Delete(removal.name);
}

Result<void> StoreRemoval::Free(blob::BlobStore& store, const std::set<std::string>& files,
                                Freed* freed) const {
  std::set<std::string> batch;
  for (const std::string& file : files) {
    batch.insert(file);
    if (batch.size() < kBatchFiles) continue;
    TM_TRYV(FreeBatch(store, batch, freed));
    batch.clear();
  }
  if (batch.empty()) return {};
  return FreeBatch(store, batch, freed);
}

Result<Freed> StoreRemoval::Delete(std::string_view manifest, CopyProgress& progress) {
  blob::StoppableStore store(store_, progress.stop);
  Freed freed;
  const auto bytes = blob::GetSmall(store, manifest, kManifestBytesMax);
  if (!bytes && bytes.error().kind == ErrorKind::kNotFound) {
    return Fail(ErrorKind::kBackupNotFound, "Backup not found in the store: {}", manifest);
  }
  std::set<std::string> files;
  if (bytes) {
    TM_TRY(const StoredBackup stored, OpenManifest(*bytes, manifest, keys_));
    files = BlobsOf(stored);
  } else if (bytes.error().kind == ErrorKind::kCorruption) {
    freed.kept_because = "its manifest is damaged: a collection finds what it needed";
  } else {
    return Fail(bytes.error());
  }
  TM_TRYV(store.Delete(manifest));
  TM_TRYV(store.Delete(VerdictName(manifest)));
  if (auto done = Free(store, files, &freed); !done) {
    freed.kept_because = done.error().message;  // the backup is deleted nevertheless
  }
  return freed;
}

Result<Freed> StoreRemoval::Collect(CopyProgress& progress) {
  blob::StoppableStore store(store_, progress.stop);
  TM_TRYV(DropEndedLeases(store));
  TM_TRYV(DropLoneVerdicts(store));
  TM_TRY(const auto needed, Needed(store));
  TM_TRY(const auto listed, blob::ListAll(store, "files/"));
  std::set<std::string> unneeded;
  for (const blob::ListedBlob& file : listed) {
    if (!needed.contains(file.name)) unneeded.insert(file.name);
  }
  Freed freed;
  TM_TRYV(Free(store, unneeded, &freed));
  TM_TRYV(store.Sweep(clock_.Now() - kCutOffPutAge));
  return freed;
}

Result<void> StoreRemoval::DropLoneVerdicts(blob::BlobStore& store) const {
  TM_TRY(const auto verdicts, blob::ListAll(store, kVerdicts));
  TM_TRY(const auto manifests, blob::ListAll(store, kManifests));
  std::set<std::string> of_backups;
  for (const blob::ListedBlob& manifest : manifests) of_backups.insert(VerdictName(manifest.name));
  for (const blob::ListedBlob& verdict : verdicts) {
    if (!of_backups.contains(verdict.name)) TM_TRYV(store.Delete(verdict.name));
  }
  return {};
}

Result<void> StoreRemoval::DropEndedLeases(blob::BlobStore& store) const {
  for (const std::string_view prefix : {kIntents, kRemovals}) {
    TM_TRY(const auto leases, ReadLeases(store, prefix));
    for (const StoreLease& lease : leases) {
      if (clock_.Now() <= lease.until + kClocksApart) continue;
      TM_TRYV(store.Delete(lease.name));
    }
  }
  return {};
}

}  // namespace tidemark::backup
