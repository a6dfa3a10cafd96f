#include "backup/store_jobs.h"

#include <algorithm>

#include "backup/backup.h"
#include "backup/older_backups.h"
#include "backup/source_check.h"
#include "base/log.h"
#include "base/told_paths.h"
#include "pitr/images.h"

namespace tidemark::backup {
namespace {

constexpr size_t kJobsWaitingMax = 100;
constexpr size_t kJobsKept = 1000;
constexpr size_t kCopiesByThemselves = 10;  // waiting at a time: requests come between
constexpr auto kCollectFirst = std::chrono::minutes(10);
constexpr auto kVerifyFirst = std::chrono::minutes(15);
constexpr auto kCollectInterval = std::chrono::hours(24);

Result<void> CheckManifestName(const AccountId& account, const std::string& manifest) {
  if (manifest.starts_with(ManifestPrefix(account))) return {};
  return Fail(ErrorKind::kBackupNotFound, "Backup not found in the store: {}", manifest);
}

// What may be written without coming near the disk reserve.
uint64_t SpareBytes(const shard::Shard& shard) {
  const auto disk = shard.Stats().disk;
  return disk.free_bytes - std::min(disk.free_bytes, disk.reserve_bytes);
}

}  // namespace

std::string_view ToString(StoreAct act) {
  switch (act) {
    case StoreAct::kCopy:
      return "COPY";
    case StoreAct::kVerify:
      return "VERIFY";
    case StoreAct::kFetch:
      return "FETCH";
    case StoreAct::kDelete:
      return "DELETE";
    case StoreAct::kCollect:
      return "COLLECT";
    case StoreAct::kKeys:
      return "KEYS";
  }
  return "";
}

std::string_view OperationOf(StoreAct act) {
  switch (act) {
    case StoreAct::kCopy:
      return "CopyBackup";
    case StoreAct::kVerify:
      return "VerifyStoredBackup";
    case StoreAct::kFetch:
      return "FetchStoredBackup";
    case StoreAct::kDelete:
      return "DeleteStoredBackup";
    case StoreAct::kCollect:
      return "CollectBackupStore";
    case StoreAct::kKeys:
      return "";
  }
  return "";
}

std::string_view ToString(StoreJobStatus status) {
  switch (status) {
    case StoreJobStatus::kRunning:
      return "RUNNING";
    case StoreJobStatus::kCompleted:
      return "COMPLETED";
    case StoreJobStatus::kFailed:
      return "FAILED";
  }
  return "";
}

StoreJobs::StoreJobs(catalog::Catalog& catalog, catalog::Shards& shards, StoreParts parts,
                     Random& random, bool copy_all, OnFailure on_failure)
    : catalog_(catalog),
      shards_(shards),
      parts_(parts),
      random_(random),
      copy_all_(copy_all),
      on_failure_(std::move(on_failure)),
      collect_next_(std::chrono::steady_clock::now() + kCollectFirst),
      verify_next_(std::chrono::steady_clock::now() + kVerifyFirst),
      thread_(1, kJobsWaitingMax) {}

StoreJobs::~StoreJobs() { Stop(); }

void StoreJobs::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const EntryPtr& entry : entries_) entry->progress.stop = true;
  }
  thread_.Stop();
}

Result<StoreJob> StoreJobs::Begin(const AccountId& account, StoreJob job, Work work) {
  if (job.id.empty()) job.id = ImageId::Make(random_).ToString();
  const auto entry = std::make_shared<Entry>();
  entry->account = account;
  entry->job = job;
  {
    std::lock_guard lock(mutex_);
    entry->progress.stop = stopping_;
    entries_.push_back(entry);
    while (entries_.size() > kJobsKept &&
           entries_.front()->job.status != StoreJobStatus::kRunning) {
      entries_.pop_front();
    }
  }
  if (!thread_.Submit([this, entry, work = std::move(work)] { Run(entry, work); })) {
    std::lock_guard lock(mutex_);
    std::erase(entries_, entry);
    return Fail(ErrorKind::kUnavailable, "too many jobs of the backup store are waiting");
  }
  return job;
}

void StoreJobs::Run(const EntryPtr& entry, const Work& work) {
  const Result<void> done =
      entry->progress.stop ? Fail(ErrorKind::kCancelled, "the server was stopped") : work(*entry);
  StoreJob failed;
  {
    std::lock_guard lock(mutex_);
    StoreJob& job = entry->job;
    job.status = done ? StoreJobStatus::kCompleted : StoreJobStatus::kFailed;
    if (done) return;
    job.failure = WithoutDirectories(done.error().message);
    failed = job;
  }
  LogWarn("{} of {}{} has failed: {}", ToString(failed.act), failed.backup_arn,
          failed.backup_arn.empty() ? failed.manifest : "", done.error().message);
  // One that the server's stop cuts off is not over.
  if (on_failure_ && done.error().kind != ErrorKind::kCancelled)
    on_failure_(entry->account, failed);
}

StoreJob StoreJobs::Now(const Entry& entry) const {
  StoreJob job = entry.job;
  job.bytes_done = entry.progress.bytes_done;
  job.bytes_total = entry.progress.bytes_total;
  return job;
}

void StoreJobs::Found(Entry& entry, std::string backup_arn, std::string manifest) {
  std::lock_guard lock(mutex_);
  entry.job.backup_arn = std::move(backup_arn);
  entry.job.manifest = std::move(manifest);
}

Result<StoreJob> StoreJobs::Copy(const AccountId& account, const std::string& backup_arn) {
  const auto backup = catalog_.FindBackup(backup_arn);
  if (!backup || backup->source.account != account) {
    return Fail(ErrorKind::kBackupNotFound, "Backup not found: {}", backup_arn);
  }
  if (backup->status != catalog::BackupStatus::kAvailable) {
    return Fail(ErrorKind::kBackupInUse, "Backup is being created: {}", backup_arn);
  }
  if (backup->in_store_only) {
    return Fail(ErrorKind::kValidation, "Backup {} lies in the store already, and only there",
                backup_arn);
  }
  if (backup->copy == catalog::StoreCopy::kWanted) {
    if (auto job = Describe(account, backup->copy_job)) return job;
  }
  return BeginCopy(*backup, ImageId::Make(random_).ToString());
}

Result<StoreJob> StoreJobs::BeginCopy(const catalog::BackupRecord& backup, std::string id) {
  const std::string arn = backup.Arn();
  auto before = std::make_shared<catalog::BackupRecord>();
  TM_TRYV(catalog_.EditBackup(arn, [&](catalog::BackupRecord& record) {
    *before =
        record;  // as it is now: it may have moved to cold storage, which it cannot from here on
    record.copy = catalog::StoreCopy::kWanted;
    record.copy_job = id;
  }));
  auto begun =
      Begin(backup.source.account, {.id = std::move(id), .act = StoreAct::kCopy, .backup_arn = arn},
            [this, before](Entry& entry) { return CopyOne(entry, before); });
  if (!begun) {
    (void)catalog_.EditBackup(arn, [&](catalog::BackupRecord& record) {
      record.copy = before->copy;
      record.copy_job = before->copy_job;
    });
  }
  return begun;
}

// What has become of it stands in the backup's record, unless the server stops: then it is wanted
// still.
Result<void> StoreJobs::CopyOne(Entry& entry, catalog::BackupPtr before) {
  auto copied = CopyNow(entry, *before);
  if (!copied && copied.error().kind == ErrorKind::kCancelled) return copied;
  const std::string arn = before->Arn();
  const auto left =
      before->copy == catalog::StoreCopy::kWanted ? catalog::StoreCopy::kNone : before->copy;
  auto noted = catalog_.EditBackup(arn, [&](catalog::BackupRecord& record) {
    record.copy = copied ? catalog::StoreCopy::kThere : left;
    record.copy_job.clear();
  });
  Ended(arn, copied.has_value());
  if (copied && !noted && noted.error().kind != ErrorKind::kBackupNotFound) return noted;
  return copied;
}

Result<void> StoreJobs::CopyNow(Entry& entry, catalog::BackupRecord backup) {
  shard::Shard* shard = shards_.Find(backup.image.region);
  if (!shard) return Fail(ErrorKind::kNotFound, "Region {} is gone", backup.image.region.value);
  const std::string arn = backup.Arn();
  TM_TRYV(parts_.keys.Follow(entry.progress));  // a copy without its key is none
  // Of the server's own business, not of the backup's.
  backup.copy = catalog::StoreCopy::kNone;
  backup.copy_job.clear();
  const std::string image = pitr::ImagePath(*shard, backup.image);
  auto checked = CheckSource(parts_.engine, image, backup, entry.progress.stop);
  if (!checked && checked.error().kind != ErrorKind::kKeyDisabled) return checked;
  // Whoever can use the key again can read the copy again.
  if (!checked) LogWarn("{} is copied unchecked: {}", arn, checked.error().message);
  std::optional<Growth> growth;
  if (const auto older = FindOlder(catalog_, shards_, backup); older && checked) {
    TM_TRY(const std::string damaged, parts_.verdicts.FindDamaged(*older->backup, entry.progress));
    const std::string directory = StoringDirectory(*shard) + "/" + entry.job.id;
    if (damaged.empty()) {
      growth.emplace(parts_.engine, *older->backup, older->image, directory, SpareBytes(*shard));
    } else {
      LogWarn("{} is stored whole, nothing is built upon {}: {} is damaged", arn,
              older->backup->Arn(), damaged);
    }
  }
  TM_TRY(std::string manifest,
         parts_.copies.Copy(backup, image, entry.progress, growth ? &*growth : nullptr));
  Found(entry, arn, std::move(manifest));
  return {};
}

void StoreJobs::Resume() {
  for (const auto& backup : catalog_.AllBackups()) {
    if (backup->copy != catalog::StoreCopy::kWanted) continue;
    LogInfo("taking up the copy of backup {}", backup->Arn());
    const auto begun = BeginCopy(*backup, backup->copy_job);
    if (!begun) LogWarn("it waits for the next start: {}", begun.error().message);
  }
}

void StoreJobs::Ended(const std::string& what, bool done) {
  std::lock_guard lock(mutex_);
  if (done) {
    attempts_.erase(what);
    return;
  }
  Attempt& attempt = attempts_[what];
  attempt.next = std::chrono::steady_clock::now() + RetryDelay(attempt.failures++);
}

bool StoreJobs::IsDue(const std::string& what) const {
  std::lock_guard lock(mutex_);
  const auto at = attempts_.find(what);
  return at == attempts_.end() || at->second.next <= std::chrono::steady_clock::now();
}

void StoreJobs::Maintain() {
  for (const auto& backup : copy_all_ ? catalog_.AllBackups() : std::vector<catalog::BackupPtr>()) {
    if (thread_.queued() >= kCopiesByThemselves) break;
    if (backup->status != catalog::BackupStatus::kAvailable || backup->in_store_only ||
        backup->copy != catalog::StoreCopy::kNone || !IsDue(backup->Arn())) {
      continue;
    }
    const auto begun = BeginCopy(*backup, ImageId::Make(random_).ToString());
    if (!begun) LogWarn("backup {} is not copied yet: {}", backup->Arn(), begun.error().message);
  }
  BeginKeys();
  BeginUpkeep();
}

// What cannot begin waits for the next time.
void StoreJobs::BeginUpkeep() {
  const auto now = std::chrono::steady_clock::now();
  if (now >= collect_next_) {
    collect_next_ = now + kCollectInterval;
    (void)Collect(AccountId(""));
  }
  if (now < verify_next_) return;
  verify_next_ = now + kVerifyInterval;
  const auto work = [this](Entry& entry) -> Result<void> {
    TM_TRY(const auto faults, parts_.verdicts.VerifyShare(entry.progress));
    for (const Error& fault : faults) LogError("the backup store is damaged: {}", fault.message);
    return {};
  };
  (void)Begin(AccountId(""), {.act = StoreAct::kVerify}, work);
}

Result<StoreJob> StoreJobs::Verify(const AccountId& account, const std::string& manifest) {
  TM_TRYV(CheckManifestName(account, manifest));
  return Begin(account, {.act = StoreAct::kVerify, .manifest = manifest},
               [this](Entry& entry) -> Result<void> {
                 TM_TRY(const StoredBackup stored,
                        parts_.verdicts.Verify(entry.job.manifest, entry.progress));
                 Found(entry, stored.backup.Arn(), entry.job.manifest);
                 return {};
               });
}

Result<StoreJob> StoreJobs::Fetch(const AccountId& account, const std::string& manifest) {
  TM_TRYV(CheckManifestName(account, manifest));
  return Begin(account, {.act = StoreAct::kFetch, .manifest = manifest},
               [this](Entry& entry) { return FetchOne(entry); });
}

Result<void> StoreJobs::FetchOne(Entry& entry) {
  TM_TRY(const StoredBackup stored, parts_.copies.Read(entry.job.manifest));
  Found(entry, stored.backup.Arn(), entry.job.manifest);
  return parts_.images.Fetch(stored, entry.progress);
}

void StoreJobs::BeginKeys() {
  if (keys_queued_ || !IsDue("keys") || !parts_.keys.Behind()) return;
  keys_queued_ = true;
  const auto begun = Begin(AccountId(""), {.act = StoreAct::kKeys}, [this](Entry& entry) {
    auto done = parts_.keys.Follow(entry.progress);
    Ended("keys", done.has_value());
    keys_queued_ = false;
    return done;
  });
  if (!begun) keys_queued_ = false;
}

catalog::BackupPtr StoreJobs::FindByManifest(const AccountId& account,
                                             const std::string& manifest) const {
  for (const auto& backup : catalog_.AllBackups()) {
    if (backup->source.account == account && ManifestName(*backup) == manifest) return backup;
  }
  return nullptr;
}

Result<void> StoreJobs::CheckMayGo(const AccountId& account, const std::string& manifest) const {
  const auto backup = FindByManifest(account, manifest);
  if (!backup || !backup->in_store_only) return {};
  return Fail(ErrorKind::kBackupInUse,
              "Backup {} has its files in the store only: delete it with DeleteBackup first",
              backup->Arn());
}

Result<StoreJob> StoreJobs::Delete(const AccountId& account, const std::string& manifest) {
  TM_TRYV(CheckManifestName(account, manifest));
  TM_TRYV(CheckMayGo(account, manifest));
  return Begin(account, {.act = StoreAct::kDelete, .manifest = manifest},
               [this](Entry& entry) { return DeleteOne(entry); });
}

Result<void> StoreJobs::DeleteOne(Entry& entry) {
  const std::string manifest = entry.job.manifest;
  TM_TRYV(CheckMayGo(entry.account, manifest));
  const auto backup = FindByManifest(entry.account, manifest);
  if (backup) Found(entry, backup->Arn(), manifest);
  auto freed = parts_.removal.Delete(manifest, entry.progress);
  // It went before, and its record could not be told.
  const bool gone = !freed && freed.error().kind == ErrorKind::kBackupNotFound && backup &&
                    backup->copy == catalog::StoreCopy::kThere;
  if (!freed && !gone) return Fail(std::move(freed).error());
  if (freed) {
    std::lock_guard lock(mutex_);
    entry.job.freed = *std::move(freed);
  }
  if (!backup) return {};
  const auto noted = catalog_.EditBackup(backup->Arn(), [](catalog::BackupRecord& record) {
    record.copy = catalog::StoreCopy::kRemoved;
  });
  return noted || noted.error().kind == ErrorKind::kBackupNotFound ? Result<void>() : noted;
}

Result<StoreJob> StoreJobs::Collect(const AccountId& account) {
  return Begin(account, {.act = StoreAct::kCollect}, [this](Entry& entry) -> Result<void> {
    TM_TRY(Freed freed, parts_.removal.Collect(entry.progress));
    if (freed.files > 0) {
      LogInfo("{} files, {} bytes that nothing needed are gone from the backup store", freed.files,
              freed.bytes);
    }
    std::lock_guard lock(mutex_);
    entry.job.freed = std::move(freed);
    return {};
  });
}

Result<StoreJob> StoreJobs::Describe(const AccountId& account, const std::string& id) const {
  std::lock_guard lock(mutex_);
  for (const EntryPtr& entry : entries_) {
    if (entry->job.id == id && entry->account == account) return Now(*entry);
  }
  return Fail(ErrorKind::kNotFound, "there is no job {}; a restart forgets them", id);
}

Result<StoreJobs::ListedPage> StoreJobs::List(const AccountId& account, const std::string& after,
                                              size_t limit) {
  TM_TRY(const auto names, parts_.copies.List(account, after, limit));
  ListedPage page;
  if (names.more) page.next = names.manifests.back();
  for (const std::string& name : names.manifests) {
    auto stored = parts_.copies.Read(name);
    if (stored) {
      TM_TRY(auto verdict, parts_.verdicts.Find(name));
      page.backups.push_back({.manifest = name, .stored = std::move(*stored), .verdict = verdict});
    } else if (stored.error().kind == ErrorKind::kCorruption) {
      LogWarn("the backup store: {}", stored.error().message);
    } else if (stored.error().kind != ErrorKind::kNotFound) {
      return Fail(stored.error());
    }
  }
  return page;
}

}  // namespace tidemark::backup
