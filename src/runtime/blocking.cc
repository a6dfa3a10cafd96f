#include "runtime/blocking.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/log.h"

namespace tidemark::runtime {
namespace {

class FunctionJob final : public BlockingPool::Job {
 public:
  explicit FunctionJob(std::function<void()> work) : work_(std::move(work)) {}

  void Run() override {
    std::unique_ptr<FunctionJob> self(this);
    try {
      work_();
    } catch (const std::exception& e) {
      LogError("work on the blocking pool threw: {}", e.what());
    }
  }

 private:
  std::function<void()> work_;
};

}  // namespace

struct BlockingPool::State {
  size_t queue_max = 0;
  mutable std::mutex mutex;
  std::condition_variable wake;
  Job* head = nullptr;
  Job* tail = nullptr;
  size_t queued = 0;
  size_t idle = 0;
  bool stopping = false;
  std::vector<std::thread> threads;
};

BlockingPool::BlockingPool(size_t threads, size_t queue_max) : state_(std::make_unique<State>()) {
  state_->queue_max = queue_max;
  for (size_t i = 0; i < threads; ++i) state_->threads.emplace_back([this] { Work(); });
}

BlockingPool::~BlockingPool() { Stop(); }

void BlockingPool::Stop() {
  {
    std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_all();
  for (auto& thread : state_->threads) thread.join();
  state_->threads.clear();
}

bool BlockingPool::Submit(std::function<void()> work) {
  auto job = std::make_unique<FunctionJob>(std::move(work));
  if (!Submit(*job)) return false;
  job.release();  // Run deletes it
  return true;
}

bool BlockingPool::Submit(Job& job) {
  State& state = *state_;
  bool wake;
  {
    std::lock_guard lock(state.mutex);
    if (state.stopping || state.queued >= state.queue_max) return false;
    job.next_ = nullptr;
    (state.tail ? state.tail->next_ : state.head) = &job;
    state.tail = &job;
    ++state.queued;
    wake = state.idle > 0;
  }
  if (wake) state.wake.notify_one();
  return true;
}

size_t BlockingPool::queued() const {
  std::lock_guard lock(state_->mutex);
  return state_->queued;
}

void BlockingPool::Work() {
  State& state = *state_;
  std::unique_lock lock(state.mutex);
  for (;;) {
    while (!state.head && !state.stopping) {
      ++state.idle;
      state.wake.wait(lock);
      --state.idle;
    }
    Job* job = state.head;
    if (!job) return;
    state.head = job->next_;
    if (!state.head) state.tail = nullptr;
    --state.queued;
    lock.unlock();
    job->Run();
    lock.lock();
  }
}

}  // namespace tidemark::runtime
