#include "vault/worker.h"

#include "base/log.h"
#include "vault/holds.h"

namespace tidemark::vault {

namespace {

// How often jobs under way are looked after, and what is due by the clock.
constexpr std::chrono::milliseconds kStepInterval{25};
constexpr std::chrono::seconds kTendInterval{1};
constexpr std::chrono::days kJobsKept{30};

template <class Record>
void EraseOldJobs(VaultStore& store, const Worker::Now& now) {
  for (const auto& job : store.All<Record>()) {
    if (job->IsOpen() || now(job->region) < job->created + kJobsKept) continue;
    auto erased = store.Apply([&]() -> Result<Changes> { return Changes{Erase{PathOf(*job)}}; });
    if (!erased) LogWarn("job {} is still to be forgotten: {}", job->id(), erased.error().message);
  }
}

}  // namespace

Worker::Worker(VaultStore& store, BackupJobs& backups, CopyJobs& copies, RestoreJobs& restores,
               PointUpkeep& points, PlanSchedule& plans, TestingSchedule& testing,
               RestoreTests& tests, Now now)
    : store_(store),
      backups_(backups),
      copies_(copies),
      restores_(restores),
      points_(points),
      plans_(plans),
      testing_(testing),
      tests_(tests),
      now_(std::move(now)) {}

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
         !store_.Open<RestoreJobRecord>().empty() || !store_.Open<PointRecord>().empty() ||
         tests_.HasWork();
}

void Worker::Run() {
  auto tended = std::chrono::steady_clock::time_point();
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    woken_ = false;
    lock.unlock();
    if (std::chrono::steady_clock::now() - tended >= kTendInterval) {
      Tend();
      tended = std::chrono::steady_clock::now();
    }
    backups_.Step(now_);
    copies_.Step(now_);
    restores_.Step(now_);
    tests_.Step(now_);
    points_.RemoveDeleting();
    const auto pause = HasWork() ? kStepInterval : std::chrono::milliseconds(kTendInterval);
    lock.lock();
    wake_.wait_for(lock, pause, [&] { return stopping_ || woken_; });
  }
}

void Worker::Tend() {
  points_.Expire(now_);
  plans_.Begin(now_);
  testing_.Begin(now_);
  EraseOldJobs<BackupJobRecord>(store_, now_);
  EraseOldJobs<CopyJobRecord>(store_, now_);
  EraseOldJobs<RestoreJobRecord>(store_, now_);
  tests_.Forget();
  ForgetHolds(store_, now_);
}

}  // namespace tidemark::vault
