#include "backup/store_copies.h"

#include <algorithm>
#include <mutex>

#include "backup/stored_files.h"
#include "base/files.h"
#include "base/log.h"
#include "blob/decorators/stoppable_store.h"
#include "blob/transfer.h"
#include "runtime/side_by_side.h"

namespace tidemark::backup {
namespace {

constexpr auto kIntentLife = std::chrono::hours(24);
constexpr auto kCutOffAge = std::chrono::hours(48);  // no put takes so long
constexpr size_t kFetchesAtOnce = 8;                 // files; a store far away answers late

// Whether it is stored as other files than those of its image.
bool IsMadeOfOthers(const StoredBackup& stored, const std::vector<StoredFile>& files) {
  return !std::ranges::all_of(stored.files, [&](const StoredFile& file) {
    return file.name == kKeysName || std::ranges::find(files, file) != files.end();
  });
}

// Side by side; after an error of one the others end at their next piece.
Result<void> FetchFiles(blob::BlobStore& store, const StoredBackup& stored,
                        const std::string& directory, CopyProgress& progress) {
  std::atomic<bool> failed{false};
  std::mutex mutex;
  Result<void> first;  // error: what the others end for
  blob::StoppableStore while_sound(store, failed);
  const auto fetch = [&](const StoredFile& file) -> Result<void> {
    TM_TRY(const auto info,
           blob::Fetch(while_sound, FileBlobName(file.sha256), directory + "/" + file.name));
    TM_TRYV(CheckStored(file, info));
    progress.bytes_done += file.bytes;
    return {};
  };
  const auto work = [&](size_t i) {
    auto done = fetch(stored.files[i]);
    std::lock_guard lock(mutex);
    if (!done && !failed) first = done;
    failed = failed || !done;
    return done;
  };
  auto all = runtime::SideBySide(stored.files.size(), work, kFetchesAtOnce);
  return first ? all : first;
}

}  // namespace

Result<void> StoreCopies::Declare(blob::BlobStore& store, StoreLease& intent) const {
  const Timestamp now = clock_.Now();
  if (intent.until - now > kIntentLife / 2) return {};
  if (intent.until != Timestamp{} && now > intent.until) {
    return Fail(ErrorKind::kUnavailable, "the copy was held up for more than {} hours",
                kIntentLife.count());
  }
  const bool first = intent.until == Timestamp{};
  intent.until = now + kIntentLife;
  TM_TRYV(PutLease(store, intent));
  return first ? CheckStaying(store, intent) : Result<void>();
}

// WHY behind the intent: who removes files asks for intents after saying what goes.
Result<void> StoreCopies::CheckStaying(blob::BlobStore& store, const StoreLease& intent) const {
  TM_TRY(const auto removals, ReadLeases(store, kRemovals));
  for (const StoreLease& removal : removals) {
    if (clock_.Now() > removal.until + kClocksApart) continue;  // a crash cut it off
    for (const std::string& file : removal.files) {
      if (!intent.files.contains(file)) continue;
      return Fail(ErrorKind::kUnavailable,
                  "blob {} is being removed by {}: begin again in some minutes", file,
                  removal.name);
    }
  }
  return {};
}

// Of files that the copy relies on and nobody here has made for it.
Result<std::string> StoreCopies::PlaceOf(const StoredFile& file, const Origin& origin,
                                         const CopyProgress& progress) const {
  if (origin.has_all) return origin.places.front();
  for (const std::string& place : origin.places) {
    const auto source = OpenFileOf(place, file.name);
    if (!source || source->size() != file.bytes) continue;
    TM_TRY(const auto sha256, blob::HashOf(blob::StoppableSource(*source, progress.stop)));
    if (sha256 == file.sha256) return place;
  }
  return Fail(ErrorKind::kUnavailable,
              "blob {} is gone from the store, and is not here: copy the backup again, then it is "
              "stored whole",
              FileBlobName(file.sha256));
}

Result<void> StoreCopies::PutFile(blob::BlobStore& store, const StoredFile& file,
                                  const Origin& origin, const CopyProgress& progress) const {
  TM_TRY(const std::string place, PlaceOf(file, origin, progress));
  TM_TRY(const blob::FileSource source, OpenFileOf(place, file.name));
  const bool conditional = file.bytes <= store.capabilities().conditional_bytes_max;
  const auto put = store.Put(FileBlobName(file.sha256), source,
                             {.only_if_absent = conditional, .sha256 = file.sha256});
  // Another copy was faster: the name says that it is the same.
  if (!put && put.error().kind != ErrorKind::kAlreadyExists) return Fail(put.error());
  return {};
}

// Files, then the manifest, then again the files that were found.
Result<void> StoreCopies::PutAll(blob::BlobStore& store, const StoredBackup& stored,
                                 const Origin& origin, StoreLease& intent,
                                 CopyProgress& progress) const {
  std::vector<const StoredFile*> found;
  for (const StoredFile& file : stored.files) {
    TM_TRYV(Declare(store, intent));  // before it is looked for
    TM_TRY(const bool is_stored, IsStored(store, file));
    if (is_stored) {
      found.push_back(&file);
    } else {
      TM_TRYV(PutFile(store, file, origin, progress));
    }
    progress.bytes_done += file.bytes;
  }
  TM_TRYV(Declare(store, intent));
  const std::string name = ManifestName(stored.backup);
  TM_TRY(const tidemark::Bytes manifest, SealManifest(stored, name, keys_));
  const auto put = store.Put(name, blob::MemorySource(manifest), {});
  auto all = put ? PutAgain(store, found, origin, progress) : Fail(put.error());
  // What is not known to be whole is not to be relied on; this goes on past the stop.
  if (!all && !origin.was_stored) {
    if (const auto undone = store_.Delete(name); !undone)
      LogWarn("{} stays in the backup store: {}", name, undone.error().message);
  }
  return all;
}

// Those that went meanwhile.
Result<void> StoreCopies::PutAgain(blob::BlobStore& store,
                                   const std::vector<const StoredFile*>& found,
                                   const Origin& origin, const CopyProgress& progress) const {
  for (const StoredFile* file : found) {
    TM_TRY(const bool is_stored, IsStored(store, *file));
    if (!is_stored) TM_TRYV(PutFile(store, *file, origin, progress));
  }
  return {};
}

// What is left over costs space and does no harm.
void StoreCopies::TidyUp(const StoreLease& intent) {
  Result<void> tidied = store_.Delete(intent.name);
  if (tidied) {
    const auto swept = store_.Sweep(clock_.Now() - kCutOffAge);
    if (!swept) tidied = Fail(swept.error());
  }
  if (!tidied) LogWarn("leftovers stay in the backup store: {}", tidied.error().message);
}

// As it is stored already, if nothing of that is gone; else as changes to an older one, where that
// is much less; else as its own files. What is cold was written anew to be small.
Result<void> StoreCopies::ChooseFiles(blob::BlobStore& store, const Growth* growth,
                                      StoredBackup& stored, Origin& origin,
                                      const CopyProgress& progress) const {
  const std::string name = ManifestName(stored.backup), image = origin.places.front();
  const auto manifest = blob::GetSmall(store, name, kManifestBytesMax);
  const auto kind = manifest ? std::nullopt : std::optional(manifest.error().kind);
  if (kind && kind != ErrorKind::kNotFound && kind != ErrorKind::kCorruption)
    return Fail(manifest.error());
  origin.was_stored = kind != ErrorKind::kNotFound;
  if (stored.backup.image.is_cold()) return {};
  const auto before = kind ? Fail(manifest.error()) : OpenManifest(*manifest, name, keys_);
  if (before && IsMadeOfOthers(*before, stored.files)) {
    TM_TRY(const uint64_t gone, BytesLacked(store, before->files));
    if (gone == 0) {
      stored.files = before->files;
      origin = {.places = {image}, .has_all = false, .was_stored = true};
      return {};
    }
  }
  if (!growth) return {};
  TM_TRY(const uint64_t lacked, BytesLacked(store, stored.files));
  TM_TRY(auto grown, Grow(store, keys_, *growth, {stored.backup, image, lacked}, progress.stop));
  if (!grown) return {};
  stored.files = std::move(grown->files);
  origin = {.places = {grown->made, growth->older_image},
            .has_all = false,
            .was_stored = origin.was_stored};
  return {};
}

Result<std::string> StoreCopies::Copy(const catalog::BackupRecord& backup, const std::string& image,
                                      CopyProgress& progress, const Growth* growth) {
  auto copied = CopyFiles(backup, image, progress, growth);
  auto removed = growth ? RemoveTree(growth->directory) : Result<void>();
  if (!removed) LogWarn("it goes at the next start: {}", removed.error().message);
  return copied;
}

Result<std::string> StoreCopies::CopyFiles(const catalog::BackupRecord& backup,
                                           const std::string& image, CopyProgress& progress,
                                           const Growth* growth) {
  blob::StoppableStore store(store_, progress.stop);
  StoredBackup stored{.backup = backup, .copied = clock_.Now()};
  TM_TRY(stored.files, HashFiles(image, progress.stop));
  progress.bytes_total = stored.Bytes();
  Origin origin{.places = {image}};
  TM_TRYV(ChooseFiles(store, growth, stored, origin, progress));
  progress.bytes_total = stored.Bytes();
  StoreLease intent{.name = NewLeaseName(kIntents), .until = {}, .files = BlobsOf(stored)};
  auto put = PutAll(store, stored, origin, intent, progress);
  TidyUp(intent);
  TM_TRYV(std::move(put));
  return ManifestName(backup);
}

Result<StoreCopies::Names> StoreCopies::List(const AccountId& account, const std::string& after,
                                             size_t limit) {
  TM_TRY(const auto page,
         store_.List({.prefix = ManifestPrefix(account), .after = after, .limit = limit}));
  Names names{.manifests = {}, .more = page.more};
  for (const blob::ListedBlob& listed : page.blobs) names.manifests.push_back(listed.name);
  return names;
}

Result<StoredBackup> StoreCopies::ReadFrom(blob::BlobStore& store,
                                           std::string_view manifest) const {
  TM_TRY(const tidemark::Bytes bytes, blob::GetSmall(store, manifest, kManifestBytesMax));
  return OpenManifest(bytes, manifest, keys_);
}

Result<StoredBackup> StoreCopies::Read(std::string_view manifest) {
  return ReadFrom(store_, manifest);
}

Result<StoredBackup> StoreCopies::Verify(std::string_view manifest, CopyProgress& progress) {
  blob::StoppableStore store(store_, progress.stop);
  TM_TRY(StoredBackup stored, ReadFrom(store, manifest));
  progress.bytes_total = stored.Bytes();
  for (const StoredFile& file : stored.files) {
    TM_TRY(const auto info, blob::Verify(store, FileBlobName(file.sha256)));
    TM_TRYV(CheckStored(file, info));
    progress.bytes_done += file.bytes;
  }
  return stored;
}

Result<StoredBackup> StoreCopies::Fetch(std::string_view manifest, const std::string& directory,
                                        CopyProgress& progress) {
  blob::StoppableStore store(store_, progress.stop);
  TM_TRY(StoredBackup stored, ReadFrom(store, manifest));
  progress.bytes_total = stored.Bytes();
  TM_TRYV(MakeDirectories(directory));
  TM_TRYV(FetchFiles(store, stored, directory, progress));
  TM_TRYV(SyncDirectory(directory));
  return stored;
}

}  // namespace tidemark::backup
