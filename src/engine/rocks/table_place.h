// Where a table's directory is, for all who open files in it: RocksDB knows the directory as
// kInside, whatever its real name, so it can be renamed while the database and its readers are at
// work. Thread-safe.
#pragma once
#include <atomic>
#include <memory>
#include <shared_mutex>
#include <string>

#include "base/result.h"
#include "engine/rocks/descriptor_pool.h"

namespace tidemark::engine {

class TablePlace {
 public:
  static constexpr char kInside[] = "/table";

  TablePlace(std::string directory, std::shared_ptr<DescriptorPool> descriptors);

  std::string directory() const;
  DescriptorPool& descriptors() const { return *descriptors_; }

  // The real path of one that begins with kInside (others are real already). It stays true while
  // the lock is held: for as long as a call by path takes.
  struct Real {
    std::shared_lock<std::shared_mutex> lock;
    std::string path;
  };
  Real At(const std::string& path) const;
  // Another path, which stays true as long as `held` does.
  std::string Also(const Real& held, const std::string& path) const;
  std::string RealPath(const std::string& path) const { return At(path).path; }  // for messages

  // A table that is made aside is worth nothing before it is whole: until MoveTo, which then syncs
  // all of it once, syncs need not be done. Before anything is written, and only while nothing is
  // written in the background.
  void DeferSyncs() { defers_syncs_ = true; }
  bool defers_syncs() const { return defers_syncs_; }

  // Renames the directory, durably; by one thread at a time. kAlreadyExists: `to` is there. After
  // kIo, directory() says how far it came.
  Result<void> MoveTo(const std::string& to);

 private:
  std::string Resolve(const std::string& path) const;  // under the lock
  Result<void> SyncDeferred(const std::string& directory);

  mutable std::shared_mutex mutex_;
  std::string directory_;
  std::atomic<bool> defers_syncs_{false};
  std::shared_ptr<DescriptorPool> descriptors_;
};

}  // namespace tidemark::engine
