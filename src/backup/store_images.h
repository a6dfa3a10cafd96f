// Files of backups, brought back from the store into images of this server; and backups that are
// known here while their files lie in the store only, which is how a site is rebuilt: at once for
// all backups, with as many bytes as its restores need. Blocking; thread-safe.
#pragma once
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>

#include "backup/store_copies.h"
#include "base/random.h"
#include "catalog/catalog.h"
#include "engine/table_store.h"

namespace tidemark::backup {

class StoreImages {
 public:
  // Borrows everything.
  StoreImages(catalog::Catalog& catalog, catalog::Shards& shards, StoreCopies& copies,
              engine::Engine& engine, Random& random)
      : catalog_(catalog), shards_(shards), copies_(copies), engine_(engine), random_(random) {}

  // Makes the stored backup one of this server, AVAILABLE, under its ARN; its files stay in the
  // store. False: it is here already, and stays as it is. Durable.
  Result<bool> Register(const StoredBackup& stored);

  // The same with its files. kAlreadyExists: they are here, as they were copied; what is not is
  // replaced.
  Result<void> Fetch(const StoredBackup& stored, CopyProgress& progress);

  // The files of a backup of this server, if they are in the store only: kNotFound, kCorruption
  // name one that is not as it was put, and nothing has changed then. Durable. Of several calls for
  // one backup one works and the others wait. kCancelled: Stop().
  Result<void> Bring(const catalog::BackupRecord& backup);

  // Ends what goes on, and what would come, with kCancelled.
  void Stop() { progress_.stop = true; }
  uint64_t bytes_brought() const { return progress_.bytes_done; }  // by Bring, since the start

 private:
  Result<catalog::BackupRecord> RecordOf(const StoredBackup& stored);
  Result<bool> IsAsStored(const catalog::BackupRecord& here, const StoredBackup& stored,
                          const CopyProgress& progress) const;
  Result<bool> HasFiles(const std::string& image, const StoredBackup& stored,
                        const CopyProgress& progress) const;
  Result<void> Replace(const catalog::BackupRecord& here, CopyProgress& progress);
  Result<void> FetchFiles(const catalog::BackupRecord& backup, CopyProgress& progress);
  Result<void> BringOne(const std::string& arn, CopyProgress& progress);

  catalog::Catalog& catalog_;
  catalog::Shards& shards_;
  StoreCopies& copies_;
  engine::Engine& engine_;
  Random& random_;
  CopyProgress progress_;
  std::mutex mutex_;
  std::condition_variable done_;
  std::set<std::string> busy_;  // ARNs
};

}  // namespace tidemark::backup
