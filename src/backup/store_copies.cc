#include "backup/store_copies.h"

#include "base/files.h"
#include "base/log.h"
#include "blob/decorators/stoppable_store.h"
#include "blob/transfer.h"

namespace tidemark::backup {
namespace {

constexpr auto kIntentLife = std::chrono::hours(24);
constexpr auto kCutOffAge = std::chrono::hours(48);  // no put takes so long

// WHY always copied, never linked: a copy that shares its blocks with the table goes with them.
Result<blob::FileSource> OpenFileOf(const std::string& image, const std::string& name) {
  return blob::FileSource::Open(image + "/" + name, blob::FileSource::Kind::kChangeable);
}

// A run that is still being written, and a KEYS being replaced, belong to nothing yet.
bool IsPartOfImage(const std::string& name) {
  return !name.starts_with("run-making-") && !name.ends_with(".new");
}

Result<std::vector<StoredFile>> FilesOf(const std::string& image, const CopyProgress& progress) {
  TM_TRY(const auto names, ListDirectory(image));
  std::vector<StoredFile> files;
  for (const std::string& name : names) {
    if (!IsPartOfImage(name)) continue;
    TM_TRY(const blob::FileSource source, OpenFileOf(image, name));
    TM_TRY(const auto sha256, blob::HashOf(blob::StoppableSource(source, progress.stop)));
    files.push_back({.name = name, .bytes = source.size(), .sha256 = sha256});
  }
  return files;
}

Result<void> CheckStored(const StoredFile& file, const blob::BlobInfo& info) {
  if (info.bytes == file.bytes && info.sha256 == file.sha256) return {};
  return Fail(ErrorKind::kCorruption, "blob {} is not the file {} of the backup",
              FileBlobName(file.sha256), file.name);
}

Result<bool> IsStored(blob::BlobStore& store, const StoredFile& file) {
  const auto info = store.Head(FileBlobName(file.sha256));
  if (!info && info.error().kind == ErrorKind::kNotFound) return false;
  if (!info) return Fail(info.error());
  TM_TRYV(CheckStored(file, *info));
  return true;
}

Result<void> PutFile(blob::BlobStore& store, const StoredFile& file, const std::string& image) {
  TM_TRY(const blob::FileSource source, OpenFileOf(image, file.name));
  const bool conditional = file.bytes <= store.capabilities().conditional_bytes_max;
  const auto put = store.Put(FileBlobName(file.sha256), source,
                             {.only_if_absent = conditional, .sha256 = file.sha256});
  // Another copy was faster: the name says that it is the same.
  if (!put && put.error().kind != ErrorKind::kAlreadyExists) return Fail(put.error());
  return {};
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

// Files, then the manifest, then again the files that were found.
Result<void> StoreCopies::PutAll(blob::BlobStore& store, const StoredBackup& stored,
                                 const std::string& image, StoreLease& intent,
                                 CopyProgress& progress) const {
  std::vector<const StoredFile*> found;
  for (const StoredFile& file : stored.files) {
    TM_TRYV(Declare(store, intent));  // before it is looked for
    TM_TRY(const bool is_stored, IsStored(store, file));
    if (is_stored) {
      found.push_back(&file);
    } else {
      TM_TRYV(PutFile(store, file, image));
    }
    progress.bytes_done += file.bytes;
  }
  TM_TRYV(Declare(store, intent));
  const std::string name = ManifestName(stored.backup);
  TM_TRY(const tidemark::Bytes manifest, SealManifest(stored, name, keys_));
  TM_TRYV(store.Put(name, blob::MemorySource(manifest), {}));
  for (const StoredFile* file : found) {
    TM_TRY(const bool is_stored, IsStored(store, *file));
    if (!is_stored) TM_TRYV(PutFile(store, *file, image));
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

Result<std::string> StoreCopies::Copy(const catalog::BackupRecord& backup, const std::string& image,
                                      CopyProgress& progress) {
  blob::StoppableStore store(store_, progress.stop);
  StoredBackup stored{.backup = backup, .copied = clock_.Now()};
  TM_TRY(stored.files, FilesOf(image, progress));
  progress.bytes_total = stored.Bytes();
  StoreLease intent{.name = NewLeaseName(kIntents), .until = {}, .files = BlobsOf(stored)};
  auto put = PutAll(store, stored, image, intent, progress);
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
  for (const StoredFile& file : stored.files) {
    TM_TRY(const auto info,
           blob::Fetch(store, FileBlobName(file.sha256), directory + "/" + file.name));
    TM_TRYV(CheckStored(file, info));
    progress.bytes_done += file.bytes;
  }
  TM_TRYV(SyncDirectory(directory));
  return stored;
}

}  // namespace tidemark::backup
