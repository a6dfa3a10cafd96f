#include "engine/rocks/sealing_file_system.h"

#include <mutex>
#include <utility>
#include <vector>

#include "engine/rocks/chunked_file.h"
#include "engine/rocks/directory.h"
#include "engine/rocks/framed_file.h"
#include "engine/rocks/rocks_status.h"

namespace tidemark::engine {
namespace {

using rocksdb::IOStatus;

bool IsWriteOnce(const std::string& path) { return path.ends_with(".sst"); }

// RocksDB writes its options beside every table, only to parse them back; ours come from the code.
bool IsOptionsFile(const std::string& path) {
  return BytesView(path).substr(path.rfind('/') + 1).starts_with("OPTIONS-");
}

bool IsKeyList(const std::string& path) {
  return BytesView(path).substr(path.rfind('/') + 1).starts_with(kKeysFile);
}

// Through the page cache and by read and write only, whatever was asked for.
rocksdb::FileOptions Plain(rocksdb::FileOptions options) {
  options.use_mmap_reads = false;
  options.use_mmap_writes = false;
  options.use_direct_reads = false;
  options.use_direct_writes = false;
  return options;
}

// Syncs of names: plain ones, because the hints of FsyncWithDirOptions hold paths that are not
// real.
class PlainDirectory : public rocksdb::FSDirectoryWrapper {
 public:
  using FSDirectoryWrapper::FSDirectoryWrapper;
  IOStatus FsyncWithDirOptions(const rocksdb::IOOptions& options, rocksdb::IODebugContext* dbg,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, dbg);
  }
};

class NoLock : public rocksdb::FileLock {};

}  // namespace

SealingFileSystem::SealingFileSystem(std::string directory, std::shared_ptr<const KeyRing> keys,
                                     Random& random)
    : FileSystemWrapper(rocksdb::FileSystem::Default()),
      directory_(std::move(directory)),
      keys_(std::move(keys)),
      random_(random) {}

std::string SealingFileSystem::directory() const {
  std::shared_lock lock(mutex_);
  return directory_;
}

Result<void> SealingFileSystem::PublishAs(const std::string& directory) {
  std::unique_lock lock(mutex_);
  TM_TRYV(Publish(directory_, directory));
  directory_ = directory;
  return {};
}

std::string SealingFileSystem::RealPath(const Path& path) const {
  BytesView inside = kInside;
  if (path.starts_with(inside) && (path.size() == inside.size() || path[inside.size()] == '/')) {
    return directory_ + path.substr(inside.size());
  }
  return path;
}

SealingFileSystem::Real SealingFileSystem::At(const Path& path) const {
  std::shared_lock lock(mutex_);
  std::string real = RealPath(path);
  return {std::move(lock), std::move(real)};
}

IOStatus SealingFileSystem::OpenFramedTarget(const std::string& real, const FileOptions& options,
                                             FramedTarget* target) {
  IOStatus status = target_->NewSequentialFile(real, Plain(options), &target->file, nullptr);
  if (!status.ok()) return status;
  return target_->GetFileSize(real, IOOptions(), &target->size, nullptr);
}

Result<void> SealingFileSystem::WriteElsewhere(const std::string& path, BytesView content) {
  std::unique_ptr<rocksdb::FSWritableFile> target;
  FileOptions options = Plain(FileOptions());
  TM_TRYV(CheckRocks(target_->NewWritableFile(path, options, &target, nullptr), "create " + path));
  auto file = MakeFramedWriter(std::move(target), keys_, random_, path);
  TM_TRYV(CheckRocks(file->Append(rocksdb::Slice(content), IOOptions(), nullptr), "write " + path));
  TM_TRYV(CheckRocks(file->Sync(IOOptions(), nullptr), "sync " + path));
  return CheckRocks(file->Close(IOOptions(), nullptr), "close " + path);
}

Result<Bytes> SealingFileSystem::ReadPrefix(const std::string& name, uint64_t bytes) {
  std::unique_ptr<rocksdb::FSSequentialFile> file;
  std::string path = std::string(kInside) + "/" + name;
  TM_TRYV(CheckRocks(NewSequentialFile(path, FileOptions(), &file, nullptr), "open " + name));
  Bytes content(bytes, '\0');
  rocksdb::Slice got;
  TM_TRYV(
      CheckRocks(file->Read(bytes, IOOptions(), &got, content.data(), nullptr), "read " + name));
  if (got.size() != bytes) {
    return Fail(ErrorKind::kCorruption, "{} holds {} bytes, expected {}", name, got.size(), bytes);
  }
  return content;
}

IOStatus SealingFileSystem::NewSequentialFile(const Path& path, const FileOptions& options,
                                              std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                              Debug* dbg) {
  result->reset();
  if (IsWriteOnce(path)) {
    std::unique_ptr<rocksdb::FSRandomAccessFile> reader;
    IOStatus status = NewRandomAccessFile(path, options, &reader, dbg);
    if (status.ok()) *result = ReadInOrder(std::move(reader));
    return status;
  }
  Real real = At(path);
  FramedTarget target;
  IOStatus status = OpenFramedTarget(real.path, options, &target);
  if (!status.ok()) return status;
  auto reader = OpenFramedReader(std::move(target.file), target.size, *keys_, FinalName(real.path));
  if (!reader) return ToIoStatus(reader.error());
  *result = std::move(*reader);
  return IOStatus::OK();
}

IOStatus SealingFileSystem::NewRandomAccessFile(
    const Path& path, const FileOptions& options,
    std::unique_ptr<rocksdb::FSRandomAccessFile>* result, Debug* dbg) {
  result->reset();
  Real real = At(path);
  Result<std::unique_ptr<rocksdb::FSRandomAccessFile>> reader = nullptr;
  if (IsWriteOnce(path)) {
    std::unique_ptr<rocksdb::FSRandomAccessFile> target;
    IOStatus status = target_->NewRandomAccessFile(real.path, Plain(options), &target, dbg);
    if (!status.ok()) return status;
    uint64_t size = 0;
    status = target_->GetFileSize(real.path, IOOptions(), &size, dbg);
    if (!status.ok()) return status;
    reader = OpenChunkedReader(std::move(target), size, *keys_, FinalName(real.path));
  } else {
    FramedTarget target;
    IOStatus status = OpenFramedTarget(real.path, options, &target);
    if (!status.ok()) return status;
    reader = LoadFramedFile(std::move(target.file), target.size, *keys_, FinalName(real.path));
  }
  if (!reader) return ToIoStatus(reader.error());
  *result = std::move(*reader);
  return IOStatus::OK();
}

IOStatus SealingFileSystem::NewWritableFile(const Path& path, const FileOptions& options,
                                            std::unique_ptr<rocksdb::FSWritableFile>* result,
                                            Debug* dbg) {
  result->reset();
  if (IsOptionsFile(path)) return IOStatus::NotSupported("options files");
  Real real = At(path);
  std::unique_ptr<rocksdb::FSWritableFile> target;
  IOStatus status = target_->NewWritableFile(real.path, Plain(options), &target, dbg);
  if (!status.ok()) return status;
  *result = IsWriteOnce(path) ? MakeChunkedWriter(std::move(target), *keys_, random_, real.path)
                              : MakeFramedWriter(std::move(target), keys_, random_, real.path);
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

IOStatus SealingFileSystem::GetFileSize(const Path& path, const IOOptions& options, uint64_t* size,
                                        Debug* dbg) {
  Real real = At(path);
  IOStatus status = target_->GetFileSize(real.path, options, size, dbg);
  if (!status.ok() || IsKeyList(path)) return status;  // KEYS is the only file not sealed
  Result<uint64_t> logical = 0;
  if (IsWriteOnce(path)) {
    logical = ChunkedLogicalSize(*size, FinalName(real.path));
  } else {
    FramedTarget target;
    status = OpenFramedTarget(real.path, FileOptions(), &target);
    if (!status.ok()) return status;
    logical = FramedLogicalSize(std::move(target.file), target.size, *keys_, FinalName(real.path));
  }
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

IOStatus SealingFileSystem::NewDirectory(const Path& path, const IOOptions& options,
                                         std::unique_ptr<rocksdb::FSDirectory>* result,
                                         Debug* dbg) {
  std::unique_ptr<rocksdb::FSDirectory> target;
  IOStatus status = target_->NewDirectory(At(path).path, options, &target, dbg);
  if (status.ok()) *result = std::make_unique<PlainDirectory>(std::move(target));
  return status;
}
IOStatus SealingFileSystem::FileExists(const Path& path, const IOOptions& options, Debug* dbg) {
  Real real = At(path);
  return target_->FileExists(real.path, options, dbg);
}
IOStatus SealingFileSystem::GetChildren(const Path& path, const IOOptions& options,
                                        std::vector<std::string>* result, Debug* dbg) {
  Real real = At(path);
  return target_->GetChildren(real.path, options, result, dbg);
}
IOStatus SealingFileSystem::DeleteFile(const Path& path, const IOOptions& options, Debug* dbg) {
  Real real = At(path);
  return target_->DeleteFile(real.path, options, dbg);
}
IOStatus SealingFileSystem::CreateDir(const Path& path, const IOOptions& options, Debug* dbg) {
  Real real = At(path);
  return target_->CreateDir(real.path, options, dbg);
}
IOStatus SealingFileSystem::CreateDirIfMissing(const Path& path, const IOOptions& options,
                                               Debug* dbg) {
  Real real = At(path);
  return target_->CreateDirIfMissing(real.path, options, dbg);
}
IOStatus SealingFileSystem::DeleteDir(const Path& path, const IOOptions& options, Debug* dbg) {
  Real real = At(path);
  return target_->DeleteDir(real.path, options, dbg);
}
IOStatus SealingFileSystem::GetFileModificationTime(const Path& path, const IOOptions& options,
                                                    uint64_t* time, Debug* dbg) {
  Real real = At(path);
  return target_->GetFileModificationTime(real.path, options, time, dbg);
}
IOStatus SealingFileSystem::RenameFile(const Path& from, const Path& to, const IOOptions& options,
                                       Debug* dbg) {
  Real real = At(from);
  return target_->RenameFile(real.path, RealPath(to), options, dbg);
}
IOStatus SealingFileSystem::LinkFile(const Path& from, const Path& to, const IOOptions& options,
                                     Debug* dbg) {
  Real real = At(from);
  return target_->LinkFile(real.path, RealPath(to), options, dbg);
}
IOStatus SealingFileSystem::NumFileLinks(const Path& path, const IOOptions& options,
                                         uint64_t* count, Debug* dbg) {
  Real real = At(path);
  return target_->NumFileLinks(real.path, options, count, dbg);
}
IOStatus SealingFileSystem::AreFilesSame(const Path& first, const Path& second,
                                         const IOOptions& options, bool* same, Debug* dbg) {
  Real real = At(first);
  return target_->AreFilesSame(real.path, RealPath(second), options, same, dbg);
}
IOStatus SealingFileSystem::GetAbsolutePath(const Path& path, const IOOptions&, std::string* result,
                                            Debug*) {
  *result = path;
  return IOStatus::OK();
}
IOStatus SealingFileSystem::GetFreeSpace(const Path& path, const IOOptions& options,
                                         uint64_t* bytes, Debug* dbg) {
  Real real = At(path);
  return target_->GetFreeSpace(real.path, options, bytes, dbg);
}
IOStatus SealingFileSystem::IsDirectory(const Path& path, const IOOptions& options,
                                        bool* is_directory, Debug* dbg) {
  Real real = At(path);
  return target_->IsDirectory(real.path, options, is_directory, dbg);
}

}  // namespace tidemark::engine
