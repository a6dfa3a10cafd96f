#include "backup/stored_files.h"

#include "base/files.h"
#include "blob/decorators/stoppable_store.h"

namespace tidemark::backup {
namespace {

// A run that is still being written, and a KEYS being replaced, belong to nothing yet.
bool IsPartOfImage(const std::string& name) {
  return !name.starts_with("run-making-") && !name.ends_with(".new");
}

}  // namespace

Result<blob::FileSource> OpenFileOf(const std::string& directory, const std::string& name) {
  return blob::FileSource::Open(directory + "/" + name, blob::FileSource::Kind::kChangeable);
}

Result<std::vector<StoredFile>> HashFiles(const std::string& directory,
                                          const std::atomic<bool>& stop) {
  TM_TRY(const auto names, ListDirectory(directory));
  std::vector<StoredFile> files;
  for (const std::string& name : names) {
    if (!IsPartOfImage(name)) continue;
    TM_TRY(const blob::FileSource source, OpenFileOf(directory, name));
    TM_TRY(const auto sha256, blob::HashOf(blob::StoppableSource(source, stop)));
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

Result<uint64_t> BytesLacked(blob::BlobStore& store, const std::vector<StoredFile>& files) {
  uint64_t bytes = 0;
  for (const StoredFile& file : files) {
    TM_TRY(const bool is_stored, IsStored(store, file));
    if (!is_stored) bytes += file.bytes;
  }
  return bytes;
}

}  // namespace tidemark::backup
