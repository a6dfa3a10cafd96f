#include "engine/rocks/sealing_file_system.h"

#include <utility>
#include <vector>

#include "base/files.h"
#include "engine/rocks/chunked_file.h"
#include "engine/rocks/directory.h"
#include "engine/rocks/framed_file.h"
#include "engine/rocks/rocks_status.h"

namespace tidemark::engine {
namespace {

using rocksdb::IOStatus;

bool IsWriteOnce(const std::string& path) { return path.ends_with(".sst"); }

// What RocksDB tries when an SST is missing: the name that they had long ago.
bool IsOldName(const std::string& path) { return path.ends_with(".ldb"); }

// RocksDB writes its options beside every table, only to parse them back; ours come from the code.
bool IsOptionsFile(const std::string& path) {
  return BytesView(path).substr(path.rfind('/') + 1).starts_with("OPTIONS-");
}

bool IsKeyList(const std::string& path) {
  return BytesView(path).substr(path.rfind('/') + 1).starts_with(kKeysFile);
}

// A directory is open only while it is synced, under the name it has then.
class NamesInside : public rocksdb::FSDirectory {
 public:
  NamesInside(std::shared_ptr<const TablePlace> place, std::string path)
      : place_(std::move(place)), path_(std::move(path)) {}
  IOStatus Fsync(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
    if (place_->defers_syncs()) return IOStatus::OK();
    return ToIoStatus(SyncDirectory(place_->At(path_).path));
  }

 private:
  std::shared_ptr<const TablePlace> place_;
  std::string path_;
};

class NoLock : public rocksdb::FileLock {};

}  // namespace

SealingFileSystem::SealingFileSystem(std::string directory, std::shared_ptr<const KeyRing> keys,
                                     Random& random, std::shared_ptr<DescriptorPool> descriptors)
    : FileSystemWrapper(rocksdb::FileSystem::Default()),
      place_(std::make_shared<TablePlace>(std::move(directory), std::move(descriptors))),
      keys_(std::move(keys)),
      random_(random) {}

std::shared_ptr<const void> SealingFileSystem::KeepLinks() {
  std::lock_guard lock(links_mutex_);
  ++keeping_links_;
  return {this, [this](const void*) {
            std::lock_guard lock(links_mutex_);
            if (--keeping_links_ == 0) new_links_.clear();
          }};
}

Result<void> SealingFileSystem::WriteElsewhere(const std::string& path, BytesView content) {
  auto file = MakeFramedWriter(OutFile(place_, path), keys_, random_);
  TM_TRYV(CheckRocks(file->Append(rocksdb::Slice(content), IOOptions(), nullptr), "write " + path));
  return CheckRocks(file->Sync(IOOptions(), nullptr), "sync " + path);
}

Result<Bytes> SealingFileSystem::ReadFramed(const Path& path) const {
  const TablePlace::Real real = place_->At(path);
  TM_TRY(const Bytes raw, ReadFile(real.path));
  return OpenFramed(raw, *keys_, FinalName(real.path));
}

Result<std::unique_ptr<rocksdb::FSRandomAccessFile>> SealingFileSystem::OpenChunked(
    const Path& path) const {
  return OpenChunkedReader(std::make_unique<PooledFile>(place_, path), *keys_,
                           FinalName(place_->RealPath(path)));
}

Result<Bytes> SealingFileSystem::ReadPrefix(const std::string& name, uint64_t bytes) {
  TM_TRY(Bytes content, ReadFramed(std::string(kInside) + "/" + name));
  if (content.size() < bytes) {
    return Fail(ErrorKind::kCorruption, "{}/{} holds {} bytes, expected {}", directory(), name,
                content.size(), bytes);
  }
  content.resize(bytes);
  return content;
}

IOStatus SealingFileSystem::NewSequentialFile(const Path& path, const FileOptions&,
                                              std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                              Debug*) {
  result->reset();
  if (IsWriteOnce(path)) {
    auto reader = OpenChunked(path);
    if (!reader) return ToIoStatus(reader.error());
    *result = ReadInOrder(std::move(*reader));
    return IOStatus::OK();
  }
  auto content = ReadFramed(path);
  if (!content) return ToIoStatus(content.error());
  *result = ReadInOrder(std::move(*content));
  return IOStatus::OK();
}

IOStatus SealingFileSystem::NewRandomAccessFile(
    const Path& path, const FileOptions&, std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
    Debug*) {
  result->reset();
  if (IsWriteOnce(path)) {
    auto reader = OpenChunked(path);
    if (!reader) return ToIoStatus(reader.error());
    *result = std::move(*reader);
    return IOStatus::OK();
  }
  if (IsOldName(path)) {
    return IOStatus::PathNotFound(place_->RealPath(path.substr(0, path.rfind('.'))) + ".sst",
                                  "is missing");
  }
  *result = RefuseToReadAtRandom();
  return IOStatus::OK();
}

IOStatus SealingFileSystem::NewWritableFile(const Path& path, const FileOptions&,
                                            std::unique_ptr<rocksdb::FSWritableFile>* result,
                                            Debug*) {
  result->reset();
  if (IsOptionsFile(path)) return IOStatus::NotSupported("options files");
  OutFile target(place_, path);
  *result = IsWriteOnce(path) ? MakeChunkedWriter(std::move(target), *keys_, random_)
                              : MakeFramedWriter(std::move(target), keys_, random_);
  return IOStatus::OK();
}

IOStatus SealingFileSystem::ReopenWritableFile(const Path&, const FileOptions&,
                                               std::unique_ptr<rocksdb::FSWritableFile>*, Debug*) {
  return IOStatus::NotSupported("appending to a sealed file again");
}
IOStatus SealingFileSystem::ReuseWritableFile(const Path&, const Path&, const FileOptions&,
                                              std::unique_ptr<rocksdb::FSWritableFile>*, Debug*) {
  return IOStatus::NotSupported("reusing a sealed file");
}
IOStatus SealingFileSystem::NewRandomRWFile(const Path&, const FileOptions&,
                                            std::unique_ptr<rocksdb::FSRandomRWFile>*, Debug*) {
  return IOStatus::NotSupported("changing a sealed file");
}
IOStatus SealingFileSystem::NewMemoryMappedFileBuffer(
    const Path&, std::unique_ptr<rocksdb::MemoryMappedFileBuffer>*) {
  return IOStatus::NotSupported("mapping a sealed file");
}
IOStatus SealingFileSystem::Truncate(const Path&, size_t, const IOOptions&, Debug*) {
  return IOStatus::NotSupported("cutting a sealed file");
}
IOStatus SealingFileSystem::NewLogger(const Path&, const IOOptions&,
                                      std::shared_ptr<rocksdb::Logger>*, Debug*) {
  return IOStatus::NotSupported("log files");
}

Result<uint64_t> SealingFileSystem::LogicalSize(const Path& path) const {
  if (!IsWriteOnce(path) && !IsKeyList(path)) {
    TM_TRY(const Bytes content, ReadFramed(path));
    return content.size();
  }
  const TablePlace::Real real = place_->At(path);
  TM_TRY(const uint64_t physical, FileSize(real.path));
  if (IsKeyList(path)) return physical;  // the only file not sealed
  return ChunkedLogicalSize(physical, FinalName(real.path));
}

IOStatus SealingFileSystem::GetFileSize(const Path& path, const IOOptions&, uint64_t* size,
                                        Debug*) {
  Result<uint64_t> logical = LogicalSize(path);
  if (!logical) return ToIoStatus(logical.error());
  *size = *logical;
  return IOStatus::OK();
}

IOStatus SealingFileSystem::GetChildrenFileAttributes(const Path& path, const IOOptions& options,
                                                      std::vector<rocksdb::FileAttributes>* result,
                                                      Debug* dbg) {
  // The basic form, which asks GetFileSize above.
  return FileSystem::GetChildrenFileAttributes(path, options, result, dbg);
}

IOStatus SealingFileSystem::LockFile(const Path&, const IOOptions&, rocksdb::FileLock** lock,
                                     Debug*) {
  *lock = new NoLock();
  return IOStatus::OK();
}
IOStatus SealingFileSystem::UnlockFile(rocksdb::FileLock* lock, const IOOptions&, Debug*) {
  delete lock;
  return IOStatus::OK();
}

IOStatus SealingFileSystem::NewDirectory(const Path& path, const IOOptions&,
                                         std::unique_ptr<rocksdb::FSDirectory>* result, Debug*) {
  *result = std::make_unique<NamesInside>(place_, path);
  return IOStatus::OK();
}
IOStatus SealingFileSystem::FileExists(const Path& path, const IOOptions&, Debug*) {
  return Exists(place_->At(path).path) ? IOStatus::OK() : IOStatus::NotFound(path);
}
IOStatus SealingFileSystem::GetChildren(const Path& path, const IOOptions&,
                                        std::vector<std::string>* result, Debug*) {
  Result<std::vector<std::string>> names = ListDirectory(place_->At(path).path);
  if (!names) return ToIoStatus(names.error());
  *result = std::move(*names);
  return IOStatus::OK();
}
IOStatus SealingFileSystem::DeleteFile(const Path& path, const IOOptions&, Debug*) {
  {
    std::lock_guard lock(links_mutex_);
    if (new_links_.contains(path)) return IOStatus::OK();
  }
  return ToIoStatus(RemoveFile(place_->At(path).path));
}
IOStatus SealingFileSystem::CreateDir(const Path&, const IOOptions&, Debug*) {
  return IOStatus::NotSupported("directories inside a table");
}
IOStatus SealingFileSystem::CreateDirIfMissing(const Path& path, const IOOptions& options,
                                               Debug* dbg) {
  return FileExists(path, options, dbg);  // RocksDB makes sure of the table's own directory only
}
IOStatus SealingFileSystem::DeleteDir(const Path&, const IOOptions&, Debug*) {
  return IOStatus::NotSupported("directories inside a table");
}
IOStatus SealingFileSystem::RenameFile(const Path& from, const Path& to, const IOOptions&, Debug*) {
  const TablePlace::Real real = place_->At(from);
  return ToIoStatus(Rename(real.path, place_->Also(real, to)));
}
IOStatus SealingFileSystem::LinkFile(const Path& from, const Path& to, const IOOptions&, Debug*) {
  {
    std::lock_guard lock(links_mutex_);
    if (keeping_links_ > 0) new_links_.insert(to);
  }
  const TablePlace::Real real = place_->At(from);
  return ToIoStatus(Link(real.path, place_->Also(real, to)));
}
// What is only asked about a file.
IOStatus SealingFileSystem::GetFileModificationTime(const Path& path, const IOOptions& options,
                                                    uint64_t* time, Debug* dbg) {
  return target_->GetFileModificationTime(place_->At(path).path, options, time, dbg);
}
IOStatus SealingFileSystem::NumFileLinks(const Path& path, const IOOptions& options,
                                         uint64_t* count, Debug* dbg) {
  return target_->NumFileLinks(place_->At(path).path, options, count, dbg);
}
IOStatus SealingFileSystem::AreFilesSame(const Path& first, const Path& second,
                                         const IOOptions& options, bool* same, Debug* dbg) {
  const TablePlace::Real real = place_->At(first);
  return target_->AreFilesSame(real.path, place_->Also(real, second), options, same, dbg);
}
IOStatus SealingFileSystem::GetAbsolutePath(const Path& path, const IOOptions&, std::string* result,
                                            Debug*) {
  *result = path;
  return IOStatus::OK();
}
IOStatus SealingFileSystem::GetFreeSpace(const Path& path, const IOOptions& options,
                                         uint64_t* bytes, Debug* dbg) {
  return target_->GetFreeSpace(place_->At(path).path, options, bytes, dbg);
}
IOStatus SealingFileSystem::IsDirectory(const Path& path, const IOOptions& options,
                                        bool* is_directory, Debug* dbg) {
  return target_->IsDirectory(place_->At(path).path, options, is_directory, dbg);
}

}  // namespace tidemark::engine
