#include "backup/store_jobs.h"

#include "base/log.h"
#include "pitr/images.h"

namespace tidemark::backup {
namespace {

constexpr size_t kJobsWaitingMax = 100;
constexpr size_t kJobsKept = 1000;

Result<void> CheckManifestName(const AccountId& account, const std::string& manifest) {
  if (manifest.starts_with(ManifestPrefix(account))) return {};
  return Fail(ErrorKind::kBackupNotFound, "Backup not found in the store: {}", manifest);
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

StoreJobs::StoreJobs(catalog::Catalog& catalog, catalog::Shards& shards, StoreCopies& copies,
                     StoreImages& images, Random& random)
    : catalog_(catalog),
      shards_(shards),
      copies_(copies),
      images_(images),
      random_(random),
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
  job.id = ImageId::Make(random_).ToString();
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
    return Fail(ErrorKind::kUnavailable, "too many copies are waiting");
  }
  return job;
}

void StoreJobs::Run(const EntryPtr& entry, const Work& work) {
  const Result<void> done =
      entry->progress.stop ? Fail(ErrorKind::kCancelled, "the server was stopped") : work(*entry);
  std::lock_guard lock(mutex_);
  StoreJob& job = entry->job;
  job.status = done ? StoreJobStatus::kCompleted : StoreJobStatus::kFailed;
  if (done) return;
  job.failure = done.error().message;
  LogWarn("{} of {}{} has failed: {}", ToString(job.act), job.backup_arn,
          job.backup_arn.empty() ? job.manifest : "", job.failure);
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
  return Begin(account, {.act = StoreAct::kCopy, .backup_arn = backup_arn},
               [this, backup](Entry& entry) { return CopyOne(entry, *backup); });
}

Result<void> StoreJobs::CopyOne(Entry& entry, const catalog::BackupRecord& backup) {
  shard::Shard* shard = shards_.Find(backup.image.region);
  if (!shard) return Fail(ErrorKind::kNotFound, "Region {} is gone", backup.image.region.value);
  TM_TRY(std::string manifest,
         copies_.Copy(backup, pitr::ImagePath(*shard, backup.image), entry.progress));
  Found(entry, backup.Arn(), std::move(manifest));
  return {};
}

Result<StoreJob> StoreJobs::Verify(const AccountId& account, const std::string& manifest) {
  TM_TRYV(CheckManifestName(account, manifest));
  return Begin(account, {.act = StoreAct::kVerify, .manifest = manifest},
               [this](Entry& entry) -> Result<void> {
                 TM_TRY(const StoredBackup stored,
                        copies_.Verify(entry.job.manifest, entry.progress));
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
  TM_TRY(const StoredBackup stored, copies_.Read(entry.job.manifest));
  Found(entry, stored.backup.Arn(), entry.job.manifest);
  return images_.Fetch(stored, entry.progress);
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
  TM_TRY(const auto names, copies_.List(account, after, limit));
  ListedPage page;
  if (names.more) page.next = names.manifests.back();
  for (const std::string& name : names.manifests) {
    auto stored = copies_.Read(name);
    if (stored) {
      page.backups.push_back({.manifest = name, .stored = std::move(*stored)});
    } else if (stored.error().kind == ErrorKind::kCorruption) {
      LogWarn("the backup store: {}", stored.error().message);
    } else if (stored.error().kind != ErrorKind::kNotFound) {
      return Fail(stored.error());
    }
  }
  return page;
}

}  // namespace tidemark::backup
