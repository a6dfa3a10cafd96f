// The file system under one table directory: everything RocksDB writes through it is sealed with
// the table's data keys, everything it reads is authenticated. Beneath it lie base/files.h and the
// two kinds of open files (out_file.h, descriptor_pool.h), which ask the fault hook.
//
// RocksDB knows the directory as kInside (table_place.h). An open table that is idle holds no
// descriptor but those its readers have in the shared pool: append files and directories are
// opened when they are written or synced. Shared by the database and its files. Thread-safe.
#pragma once
#include <rocksdb/file_system.h>

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "engine/rocks/key_ring.h"
#include "engine/rocks/table_place.h"

namespace tidemark::engine {

class SealingFileSystem : public rocksdb::FileSystemWrapper {
 public:
  static constexpr const char* kInside = TablePlace::kInside;

  SealingFileSystem(std::string directory, std::shared_ptr<const KeyRing> keys, Random& random,
                    std::shared_ptr<DescriptorPool> descriptors);

  // Renames the directory, durably, and goes on in there (TablePlace::MoveTo).
  Result<void> MoveTo(const std::string& directory) { return place_->MoveTo(directory); }
  std::string directory() const { return place_->directory(); }
  void DeferSyncs() { place_->DeferSyncs(); }  // TablePlace::DeferSyncs
  // As long as what it gives lives, files that get a name by a link keep it, whoever deletes it.
  std::shared_ptr<const void> KeepLinks();
  // Writes a sealed append file of another directory under this one's current key; durable on
  // return but for the name.
  Result<void> WriteElsewhere(const std::string& path, BytesView content);
  // The first `bytes` of an append file inside.
  Result<Bytes> ReadPrefix(const std::string& name, uint64_t bytes);

  const char* Name() const override { return "TidemarkSealingFileSystem"; }

  using IOOptions = rocksdb::IOOptions;
  using IOStatus = rocksdb::IOStatus;
  using Debug = rocksdb::IODebugContext;
  using FileOptions = rocksdb::FileOptions;
  using Path = std::string;

  IOStatus NewSequentialFile(const Path& path, const FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* result,
                             Debug* dbg) override;
  IOStatus NewRandomAccessFile(const Path& path, const FileOptions& options,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                               Debug* dbg) override;
  IOStatus NewWritableFile(const Path& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result, Debug* dbg) override;
  // Nothing sealed can be changed in place, appended to again, or mapped.
  IOStatus ReopenWritableFile(const Path& path, const FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* result,
                              Debug* dbg) override;
  IOStatus ReuseWritableFile(const Path& path, const Path& old_path, const FileOptions& options,
                             std::unique_ptr<rocksdb::FSWritableFile>* result, Debug* dbg) override;
  IOStatus NewRandomRWFile(const Path& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSRandomRWFile>* result, Debug* dbg) override;
  IOStatus NewMemoryMappedFileBuffer(
      const Path& path, std::unique_ptr<rocksdb::MemoryMappedFileBuffer>* result) override;
  IOStatus Truncate(const Path& path, size_t size, const IOOptions& options, Debug* dbg) override;
  IOStatus NewLogger(const Path& path, const IOOptions& options,
                     std::shared_ptr<rocksdb::Logger>* result, Debug* dbg) override;

  IOStatus GetFileSize(const Path& path, const IOOptions& options, uint64_t* size,
                       Debug* dbg) override;
  IOStatus GetChildrenFileAttributes(const Path& path, const IOOptions& options,
                                     std::vector<rocksdb::FileAttributes>* result,
                                     Debug* dbg) override;
  // The server locks its data directory as a whole; a lock here would cost a descriptor per table.
  IOStatus LockFile(const Path& path, const IOOptions& options, rocksdb::FileLock** lock,
                    Debug* dbg) override;
  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions& options, Debug* dbg) override;

  // Names only.
  IOStatus NewDirectory(const Path& path, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* result, Debug* dbg) override;
  IOStatus FileExists(const Path& path, const IOOptions& options, Debug* dbg) override;
  IOStatus GetChildren(const Path& path, const IOOptions& options, std::vector<std::string>* result,
                       Debug* dbg) override;
  IOStatus DeleteFile(const Path& path, const IOOptions& options, Debug* dbg) override;
  IOStatus CreateDir(const Path& path, const IOOptions& options, Debug* dbg) override;
  IOStatus CreateDirIfMissing(const Path& path, const IOOptions& options, Debug* dbg) override;
  IOStatus DeleteDir(const Path& path, const IOOptions& options, Debug* dbg) override;
  IOStatus GetFileModificationTime(const Path& path, const IOOptions& options, uint64_t* time,
                                   Debug* dbg) override;
  IOStatus RenameFile(const Path& from, const Path& to, const IOOptions& options,
                      Debug* dbg) override;
  IOStatus LinkFile(const Path& from, const Path& to, const IOOptions& options,
                    Debug* dbg) override;
  IOStatus NumFileLinks(const Path& path, const IOOptions& options, uint64_t* count,
                        Debug* dbg) override;
  IOStatus AreFilesSame(const Path& first, const Path& second, const IOOptions& options, bool* same,
                        Debug* dbg) override;
  IOStatus GetAbsolutePath(const Path& path, const IOOptions& options, std::string* result,
                           Debug* dbg) override;
  IOStatus GetFreeSpace(const Path& path, const IOOptions& options, uint64_t* bytes,
                        Debug* dbg) override;
  IOStatus IsDirectory(const Path& path, const IOOptions& options, bool* is_directory,
                       Debug* dbg) override;

 private:
  Result<Bytes> ReadFramed(const Path& path) const;
  Result<std::unique_ptr<rocksdb::FSRandomAccessFile>> OpenChunked(const Path& path) const;
  Result<uint64_t> LogicalSize(const Path& path) const;

  const std::shared_ptr<TablePlace> place_;
  std::mutex links_mutex_;
  int keeping_links_ = 0;            // under links_mutex_
  std::set<std::string> new_links_;  // the same; while they are kept
  const std::shared_ptr<const KeyRing> keys_;
  Random& random_;
};

}  // namespace tidemark::engine
