#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace tidemark::server {

// Runs `work` again and again, with pauses between, on a thread of its own until destroyed; that
// waits for a `work` under way.
class Upkeep {
 public:
  Upkeep(std::chrono::milliseconds interval, std::function<void()> work)
      : thread_([this, interval, work = std::move(work)] {
          std::unique_lock lock(mutex_);
          while (!wake_.wait_for(lock, interval, [&] { return stopping_; })) {
            lock.unlock();
            work();
            lock.lock();
          }
        }) {}
  ~Upkeep() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tidemark::server
