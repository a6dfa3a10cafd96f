#include "backup/store_copies.h"

#include "base/files.h"
#include "base/log.h"
#include "blob/transfer.h"

namespace tidemark::backup {
namespace {

constexpr auto kIntentLife = std::chrono::hours(24);

Result<void> GoOn(const CopyProgress& progress) {
  if (!progress.stop) return {};
  return Fail(ErrorKind::kCancelled, "it was stopped; the next one goes on from here");
}

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
    TM_TRYV(GoOn(progress));
    TM_TRY(const blob::FileSource source, OpenFileOf(image, name));
    TM_TRY(const auto sha256, blob::HashOf(source));
    files.push_back({.name = name, .bytes = source.size(), .sha256 = sha256});
  }
  return files;
}

Result<void> CheckStored(const StoredFile& file, const blob::BlobInfo& info) {
  if (info.bytes == file.bytes && info.sha256 == file.sha256) return {};
  return Fail(ErrorKind::kCorruption, "blob {} is not the file {} of the backup",
              FileBlobName(file.sha256), file.name);
}

}  // namespace

Result<void> StoreCopies::Declare(Intent& intent, const std::vector<StoredFile>& files) {
  if (intent.until - clock_.Now() > kIntentLife / 2) return {};
  intent.until = clock_.Now() + kIntentLife;
  TM_TRYV(store_.Put(intent.name, blob::MemorySource(EncodeIntent(files, intent.until)), {}));
  return {};
}

Result<bool> StoreCopies::IsStored(const StoredFile& file) {
  const auto info = store_.Head(FileBlobName(file.sha256));
  if (!info && info.error().kind == ErrorKind::kNotFound) return false;
  if (!info) return Fail(info.error());
  TM_TRYV(CheckStored(file, *info));
  return true;
}

Result<void> StoreCopies::PutFile(const StoredFile& file, const std::string& image) {
  TM_TRY(const blob::FileSource source, OpenFileOf(image, file.name));
  const bool conditional = file.bytes <= store_.capabilities().conditional_bytes_max;
  const auto put = store_.Put(FileBlobName(file.sha256), source,
                              {.only_if_absent = conditional, .sha256 = file.sha256});
  // Another copy was faster: the name says that it is the same.
  if (!put && put.error().kind != ErrorKind::kAlreadyExists) return Fail(put.error());
  return {};
}

Result<std::string> StoreCopies::Copy(const catalog::BackupRecord& backup, const std::string& image,
                                      CopyProgress& progress) {
  StoredBackup stored{.backup = backup, .copied = clock_.Now()};
  TM_TRY(stored.files, FilesOf(image, progress));
  progress.bytes_total = stored.Bytes();
  Intent intent{.name = "intents/" + blob::NewWriter()};
  std::vector<const StoredFile*> found;
  for (const StoredFile& file : stored.files) {
    TM_TRYV(GoOn(progress));
    TM_TRYV(Declare(intent, stored.files));  // before it is looked for
    TM_TRY(const bool is_stored, IsStored(file));
    if (is_stored) {
      found.push_back(&file);
    } else {
      TM_TRYV(PutFile(file, image));
    }
    progress.bytes_done += file.bytes;
  }
  const std::string name = ManifestName(backup);
  TM_TRY(const tidemark::Bytes manifest, SealManifest(stored, name, keys_));
  TM_TRYV(store_.Put(name, blob::MemorySource(manifest), {}));
  for (const StoredFile* file : found) {
    TM_TRY(const bool is_stored, IsStored(*file));
    if (!is_stored) TM_TRYV(PutFile(*file, image));
  }
  if (const auto deleted = store_.Delete(intent.name); !deleted) {
    LogWarn("{} stays in the backup store until its time: {}", intent.name,
            deleted.error().message);
  }
  return name;
}

Result<StoreCopies::Names> StoreCopies::List(const AccountId& account, const std::string& after,
                                             size_t limit) {
  TM_TRY(const auto page,
         store_.List({.prefix = ManifestPrefix(account), .after = after, .limit = limit}));
  Names names{.manifests = {}, .more = page.more};
  for (const blob::ListedBlob& listed : page.blobs) names.manifests.push_back(listed.name);
  return names;
}

Result<StoredBackup> StoreCopies::Read(std::string_view manifest) {
  TM_TRY(const tidemark::Bytes bytes, blob::GetSmall(store_, manifest, kManifestBytesMax));
  return OpenManifest(bytes, manifest, keys_);
}

Result<StoredBackup> StoreCopies::Verify(std::string_view manifest, CopyProgress& progress) {
  TM_TRY(StoredBackup stored, Read(manifest));
  progress.bytes_total = stored.Bytes();
  for (const StoredFile& file : stored.files) {
    TM_TRYV(GoOn(progress));
    TM_TRY(const auto info, blob::Verify(store_, FileBlobName(file.sha256)));
    TM_TRYV(CheckStored(file, info));
    progress.bytes_done += file.bytes;
  }
  return stored;
}

Result<StoredBackup> StoreCopies::Fetch(std::string_view manifest, const std::string& directory,
                                        CopyProgress& progress) {
  TM_TRY(StoredBackup stored, Read(manifest));
  progress.bytes_total = stored.Bytes();
  TM_TRYV(MakeDirectories(directory));
  for (const StoredFile& file : stored.files) {
    TM_TRYV(GoOn(progress));
    TM_TRY(const auto info,
           blob::Fetch(store_, FileBlobName(file.sha256), directory + "/" + file.name));
    TM_TRYV(CheckStored(file, info));
    progress.bytes_done += file.bytes;
  }
  TM_TRYV(SyncDirectory(directory));
  return stored;
}

}  // namespace tidemark::backup
