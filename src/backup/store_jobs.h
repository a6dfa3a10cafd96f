// What is done with the backup store, as jobs: begun by a request, one after another on a thread of
// their own, asked about until they have ended. In memory: a restart forgets them, but for copies,
// which stand in the backups' records and go on; what they had sent counts.
#pragma once
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "backup/store_copies.h"
#include "backup/store_images.h"
#include "backup/store_removal.h"
#include "backup/store_verdicts.h"
#include "backup/stored_keys.h"
#include "base/random.h"
#include "catalog/catalog.h"
#include "engine/table_store.h"
#include "runtime/blocking.h"

namespace tidemark::backup {

enum class StoreAct { kCopy, kVerify, kFetch, kDelete, kCollect, kKeys };
enum class StoreJobStatus { kRunning, kCompleted, kFailed };
std::string_view ToString(StoreAct act);           // "COPY"
std::string_view OperationOf(StoreAct act);        // that begins it; empty: none does
std::string_view ToString(StoreJobStatus status);  // "RUNNING"

struct StoreJob {
  std::string id;
  StoreAct act = StoreAct::kCopy;
  StoreJobStatus status = StoreJobStatus::kRunning;
  std::string failure;     // why it has failed
  std::string backup_arn;  // once it is known
  std::string manifest;    // name in the store, once it is known
  uint64_t bytes_done = 0, bytes_total = 0;
  Freed freed;  // kDelete, kCollect
};

// What jobs work with, all borrowed.
struct StoreParts {
  engine::Engine& engine;
  StoreCopies& copies;
  StoreImages& images;
  StoreRemoval& removal;
  StoredKeys& keys;
  StoreVerdicts& verdicts;
};

class StoreJobs {
 public:
  // Told of each job that has failed, and whose it is (empty: the server's own). Quick.
  using OnFailure = std::function<void(const AccountId&, const StoreJob&)>;

  // `copy_all`: every backup is copied by itself, as soon as it is AVAILABLE.
  StoreJobs(catalog::Catalog& catalog, catalog::Shards& shards, StoreParts parts, Random& random,
            bool copy_all, OnFailure on_failure = {});
  ~StoreJobs();  // Stop()

  // Ends jobs at their next file, and waits for that. Once or more often.
  void Stop();

  // Takes up copies that were wanted. At start.
  void Resume();
  // Begins copies that are to be made by themselves, again after ever longer pauses if they fail;
  // what the store lacks of customers' keys; once a day a collection, and each hour a share of the
  // verification. Regularly, one thread;
  // quick.
  void Maintain();

  // Durable: that the copy is wanted. One that is being made already is given instead. Errors:
  // kBackupNotFound, kBackupInUse (CREATING); kUnavailable: too many jobs wait.
  Result<StoreJob> Copy(const AccountId& account, const std::string& backup_arn);
  // `manifest`: its name in the store. Errors: kBackupNotFound: not one of the account's.
  Result<StoreJob> Verify(const AccountId& account, const std::string& manifest);
  // Makes it a backup of this server again, AVAILABLE, under its ARN. Fails if that is there.
  Result<StoreJob> Fetch(const AccountId& account, const std::string& manifest);

  // Deletes a backup from the store, and what only it needed. kBackupInUse: a backup of this server
  // has its files there only. It is not copied again by itself.
  Result<StoreJob> Delete(const AccountId& account, const std::string& manifest);
  // Frees what nothing in the store needs, whoever left it.
  Result<StoreJob> Collect(const AccountId& account);

  Result<StoreJob> Describe(const AccountId& account, const std::string& id) const;  // kNotFound

  // What the account has in the store, in order of name, behind `after`; of `limit` manifests those
  // that open: others are said in the log. Blocking.
  struct Listed {
    std::string manifest;
    StoredBackup stored;
    std::optional<Verdict> verdict;
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
  struct Attempt {
    int failures = 0;
    std::chrono::steady_clock::time_point next;
  };

  Result<StoreJob> Begin(const AccountId& account, StoreJob job, Work work);
  void Run(const EntryPtr& entry, const Work& work);
  StoreJob Now(const Entry& entry) const;  // under the lock
  void Found(Entry& entry, std::string backup_arn, std::string manifest);
  Result<StoreJob> BeginCopy(const catalog::BackupRecord& backup, std::string id);
  Result<void> CopyOne(Entry& entry, catalog::BackupPtr backup);
  Result<void> CopyNow(Entry& entry, catalog::BackupRecord backup);
  Result<void> FetchOne(Entry& entry);
  Result<void> DeleteOne(Entry& entry);
  bool IsDue(const std::string& what) const;
  void Ended(const std::string& what, bool done);
  void BeginKeys();
  void BeginUpkeep();
  catalog::BackupPtr FindByManifest(const AccountId& account, const std::string& manifest) const;
  Result<void> CheckMayGo(const AccountId& account, const std::string& manifest) const;

  catalog::Catalog& catalog_;
  catalog::Shards& shards_;
  const StoreParts parts_;
  Random& random_;
  const bool copy_all_;
  const OnFailure on_failure_;
  mutable std::mutex mutex_;
  std::deque<EntryPtr> entries_;             // the newest last
  std::map<std::string, Attempt> attempts_;  // of what failed: ARNs of copies, "keys"
  std::chrono::steady_clock::time_point collect_next_, verify_next_;
  std::atomic<bool> keys_queued_{false};
  bool stopping_ = false;
  runtime::BlockingPool thread_;
};

}  // namespace tidemark::backup
