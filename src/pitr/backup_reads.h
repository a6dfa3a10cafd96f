// Reading a backup or recovery point without restoring it: its image, opened to be read.
//
// Threads: any, and Open may block on the disk: from the pool.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "pitr/open_images.h"

namespace tidemark::pitr {

// Sizes other than those of production, for tests.
struct BackupReadOptions {
  size_t images_max = 64;  // kept open
  std::chrono::seconds image_idle = std::chrono::minutes(10);
};

class BackupReads {
 public:
  // kKeyDisabled.
  using CheckKey = std::function<Result<void>(const catalog::SseSettings&)>;
  // All must outlive it. `check_key`: asked at every reading, since what is open needs no key.
  BackupReads(catalog::Catalog& catalog, catalog::Shards& shards, engine::Engine& engine,
              Random& random, CheckKey check_key, BackupReadOptions options = {});

  // The backup, if it can be read as it lies. Errors: kBackupNotFound (also of another account or
  // Region), kBackupInUse (being made), kValidation (in cold storage, or its files in the backup
  // store only), kKeyDisabled.
  Result<catalog::BackupPtr> Find(const AccountId& account, const Region& region,
                                  std::string_view arn) const;
  // Its rows, of all its indexes. Who has them may read on after the backup is deleted. Errors:
  // kBackupNotFound, kKeyDisabled, kCorruption, kIo.
  Result<OpenImages::Reader> Open(const catalog::BackupRecord& backup);

  // By which key the data keys of an image that is being opened are to be wrapped for that id: that
  // of the backup.
  struct Key {
    std::string backup_arn;
    catalog::SseSettings sse;
  };
  std::optional<Key> KeyOf(TableId sealed_for) const;

  // Closes what is idle, and what of backups that are gone or whose key is off. Now and then.
  void Tend();
  size_t images() const { return images_.count(); }

 private:
  catalog::Catalog& catalog_;
  Random& random_;
  const CheckKey check_key_;
  OpenImages images_;

  mutable std::mutex mutex_;
  std::map<TableId, Key> opening_;
};

}  // namespace tidemark::pitr
