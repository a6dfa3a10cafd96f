// Copies to and from the backup store as jobs: begun by a request, one after another on a thread of
// their own, asked about until they have ended. In memory: a restart forgets them, and what they
// had sent counts when they are begun again.
#pragma once
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "backup/store_copies.h"
#include "backup/store_images.h"
#include "base/random.h"
#include "catalog/catalog.h"
#include "runtime/blocking.h"

namespace tidemark::backup {

enum class StoreAct { kCopy, kVerify, kFetch };
enum class StoreJobStatus { kRunning, kCompleted, kFailed };
std::string_view ToString(StoreAct act);           // "COPY"
std::string_view ToString(StoreJobStatus status);  // "RUNNING"

struct StoreJob {
  std::string id;
  StoreAct act = StoreAct::kCopy;
  StoreJobStatus status = StoreJobStatus::kRunning;
  std::string failure;     // why it has failed
  std::string backup_arn;  // once it is known
  std::string manifest;    // name in the store, once it is known
  uint64_t bytes_done = 0, bytes_total = 0;
};

class StoreJobs {
 public:
  StoreJobs(catalog::Catalog& catalog, catalog::Shards& shards, StoreCopies& copies,
            StoreImages& images, Random& random);
  ~StoreJobs();  // Stop()

  // Ends jobs at their next file, and waits for that. Once or more often.
  void Stop();

  // Errors: kBackupNotFound, kBackupInUse (CREATING); kUnavailable: too many jobs wait.
  Result<StoreJob> Copy(const AccountId& account, const std::string& backup_arn);
  // `manifest`: its name in the store. Errors: kBackupNotFound: not one of the account's.
  Result<StoreJob> Verify(const AccountId& account, const std::string& manifest);
  // Makes it a backup of this server again, AVAILABLE, under its ARN. Fails if that is there.
  Result<StoreJob> Fetch(const AccountId& account, const std::string& manifest);

  Result<StoreJob> Describe(const AccountId& account, const std::string& id) const;  // kNotFound

  // What the account has in the store, in order of name, behind `after`; of `limit` manifests those
  // that open: others are said in the log. Blocking.
  struct Listed {
    std::string manifest;
    StoredBackup stored;
  };
  struct ListedPage {
    std::vector<Listed> backups;
    std::string next;  // where to go on; empty: nowhere
  };
  Result<ListedPage> List(const AccountId& account, const std::string& after, size_t limit);

 private:
  struct Entry {
    AccountId account;
    StoreJob job;  // without its bytes
    CopyProgress progress;
  };
  using EntryPtr = std::shared_ptr<Entry>;  // shared: by the list and by the thread at work
  using Work = std::function<Result<void>(Entry&)>;

  Result<StoreJob> Begin(const AccountId& account, StoreJob job, Work work);
  void Run(const EntryPtr& entry, const Work& work);
  StoreJob Now(const Entry& entry) const;  // under the lock
  void Found(Entry& entry, std::string backup_arn, std::string manifest);
  Result<void> CopyOne(Entry& entry, const catalog::BackupRecord& backup);
  Result<void> FetchOne(Entry& entry);

  catalog::Catalog& catalog_;
  catalog::Shards& shards_;
  StoreCopies& copies_;
  StoreImages& images_;
  Random& random_;
  mutable std::mutex mutex_;
  std::deque<EntryPtr> entries_;  // the newest last
  bool stopping_ = false;
  runtime::BlockingPool thread_;
};

}  // namespace tidemark::backup
