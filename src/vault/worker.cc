#include "vault/worker.h"

#include "base/log.h"
#include "vault/holds.h"

namespace tidemark::vault {

namespace {

constexpr std::chrono::milliseconds kStepInterval{25};  // of jobs under way
constexpr std::chrono::days kJobsKept{30};

// Of a test of a restore that has not ended: its job tells which table it is to remove.
bool IsWanted(const VaultStore& store, const RestoreJobRecord& job) {
  const auto test = TestOf(store, job);
  return test && test->IsOpen();
}
template <class Record>
bool IsWanted(const VaultStore&, const Record&) {
  return false;
}

template <class Record>
void EraseOldJobs(VaultStore& store, const Worker::Now& now) {
  for (const auto& job : store.All<Record>()) {
    if (job->IsOpen() || now(job->region) < job->created + kJobsKept) continue;
    if (IsWanted(store, *job)) continue;
    auto erased = store.Apply([&]() -> Result<Changes> { return Changes{Erase{PathOf(*job)}}; });
    if (!erased) LogWarn("job {} is still to be forgotten: {}", job->id(), erased.error().message);
  }
}

}  // namespace

Worker::Worker(VaultStore& store, BackupJobs& backups, CopyJobs& copies, RestoreJobs& restores,
               PointUpkeep& points, ColdStorage& cold, PlanSchedule& plans,
               TestingSchedule& testing, RestoreTests& tests, ReportJobs& reports, Now now,
               std::chrono::milliseconds tend_interval)
    : store_(store),
      backups_(backups),
      copies_(copies),
      restores_(restores),
      points_(points),
      cold_(cold),
      plans_(plans),
      testing_(testing),
      tests_(tests),
      reports_(reports),
      now_(std::move(now)),
      tend_interval_(tend_interval) {}

void Worker::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Worker::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Worker::Wake() {
  {
    std::lock_guard lock(mutex_);
    woken_ = true;
  }
  wake_.notify_all();
}

bool Worker::HasWork() const {
  return !store_.Open<BackupJobRecord>().empty() || !store_.Open<CopyJobRecord>().empty() ||
         !store_.Open<RestoreJobRecord>().empty() || !store_.Open<ReportJobRecord>().empty() ||
         !store_.Open<PointRecord>().empty() || cold_.IsBusy() || tests_.HasWork();
}

void Worker::Run() {
  auto tended = std::chrono::steady_clock::time_point();
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    woken_ = false;
    lock.unlock();
    if (std::chrono::steady_clock::now() - tended >= tend_interval_) {
      Tend();
      tended = std::chrono::steady_clock::now();
    }
    backups_.Step(now_);
    copies_.Step(now_);
    restores_.Step(now_);
    tests_.Step(now_);
    reports_.Step(now_);
    points_.RemoveDeleting();
    cold_.Step(now_);
    const auto pause = HasWork() ? kStepInterval : tend_interval_;
    lock.lock();
    wake_.wait_for(lock, pause, [&] { return stopping_ || woken_; });
  }
}

void Worker::Tend() {
  points_.Expire(now_);
  cold_.Begin(now_);
  plans_.Begin(now_);
  testing_.Begin(now_);
  reports_.Begin(now_);
  EraseOldJobs<BackupJobRecord>(store_, now_);
  EraseOldJobs<CopyJobRecord>(store_, now_);
  EraseOldJobs<ReportJobRecord>(store_, now_);
  EraseOldJobs<RestoreJobRecord>(store_, now_);
  tests_.Forget();
  ForgetHolds(store_, now_);
  if (arrivals_) arrivals_->Tend(now_);
}

}  // namespace tidemark::vault
