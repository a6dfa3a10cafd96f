// Recovery points moved to cold storage: their rows written anew, as small as they can be made,
// into a directory of its own, and checked against what the log recorded, before the backup's
// record says so; the files that it had go last.
//
// A move that is cut off before the record leaves files that nothing names; the next attempt, or
// the next start (pitr::RemoveOrphans), removes them.
#pragma once
#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "catalog/catalog.h"
#include "engine/table_store.h"

namespace tidemark::backup {

class ColdMoves {
 public:
  ColdMoves(catalog::Catalog& catalog, catalog::Shards& shards, engine::Engine& engine,
            Random& random)
      : catalog_(catalog), shards_(shards), engine_(engine), random_(random) {}

  // Files that are written, verified and durable, while the backup is as it was.
  struct Written {
    std::string arn, directory;
    TableId sealed_for;  // an id of no table, for which their data key is wrapped
    uint64_t bytes = 0;
  };
  // Reads and writes the whole backup: blocking, for as long as that takes; one at a time. Errors:
  // kBackupNotFound, kBackupInUse (it is being made, or its files are in the store only),
  // kKeyDisabled, kNoSpace, kCorruption (it does not read, or is not what the log recorded),
  // kCancelled (Stop); then no files stay.
  Result<Written> Write(const std::string& arn);
  // The backup lies in cold storage from `now` on. kBackupNotFound: it was erased meanwhile;
  // kBackupInUse: it is to be copied to the store first. The files go then.
  Result<void> Commit(const Written& written, Timestamp now);
  void Discard(const Written& written);  // they are not wanted after all
  // Removes the files that moved backups had, but those that a restore still reads. By the thread
  // that commits, now and then.
  void RemoveWarm();

  // By which key the data key of files that are being written is to be wrapped: that of the backup.
  // Nothing: none is being written for that id.
  struct Key {
    std::string backup_arn;
    catalog::SseSettings sse;
  };
  std::optional<Key> KeyOf(TableId sealed_for) const;

  void Stop() { stopping_ = true; }  // Write ends soon, for good

 private:
  // Gives how many bytes they are.
  Result<uint64_t> WriteFiles(const catalog::BackupRecord& backup, const std::string& warm,
                              const Written& to);
  Result<void> Verify(const catalog::BackupRecord& backup, const Written& written) const;
  Result<void> CheckGoingOn() const;
  // For a reader's links, beside what they are on.
  std::string Aside(const std::string& directory) const;

  catalog::Catalog& catalog_;
  catalog::Shards& shards_;
  engine::Engine& engine_;
  Random& random_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::optional<std::pair<TableId, Key>> writing_;
  std::vector<std::pair<std::string, std::string>> warm_;  // image's directory, path; one thread
};

}  // namespace tidemark::backup
