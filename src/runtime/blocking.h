// Blocking calls (RocksDB, fsync, key derivation) leave the I/O threads through here.
#pragma once
#include <exception>
#include <functional>
#include <memory>
#include <type_traits>

#include "runtime/completion.h"

namespace tidemark::runtime {

// A fixed set of threads and a bounded queue. The destructor finishes what is queued and joins.
// Must be destroyed before the io_contexts whose coroutines wait in Blocking() are: their work
// refers to their frames.
class BlockingPool {
 public:
  // Work that its submitter stores, so that queueing allocates nothing.
  class Job {
   public:
    virtual void Run() = 0;  // once, on a pool thread; the job may be gone afterwards

   protected:
    ~Job() = default;

   private:
    friend class BlockingPool;
    Job* next_ = nullptr;
  };

  explicit BlockingPool(size_t threads, size_t queue_max = 100'000);
  ~BlockingPool();  // Stop()

  // Finishes what is queued and joins the threads; Submit refuses from then on. Once or more often,
  // by one thread.
  void Stop();

  // False when the queue is full or the pool is stopping: the caller answers kUnavailable.
  // Exceptions of `work` are logged and dropped.
  bool Submit(std::function<void()> work);
  // The same for a job that lives until its Run has been called.
  bool Submit(Job& job);
  size_t queued() const;

 private:
  struct State;
  void Work();

  std::unique_ptr<State> state_;
};

namespace detail {

template <class T, class Work>
class BlockingJob final : public BlockingPool::Job {
 public:
  explicit BlockingJob(Work work) : work_(std::move(work)) {}

  void SetCompletion(Completion<T> done) { done_ = std::move(done); }
  Completion<T> TakeCompletion() { return std::move(done_); }

  void Run() override {
    auto done = std::move(done_);
    try {
      done.Post(work_());
    } catch (const std::exception& e) {
      done.Post(Fail(ErrorKind::kInternal, "a blocking call threw: {}", e.what()));
    }
  }

 private:
  Work work_;
  Completion<T> done_;
};

}  // namespace detail

// Runs `work` (a callable returning Result<T>) on the pool and resumes the caller with its result.
//   TM_CO_TRY(auto rows, co_await runtime::Blocking(pool, [&] { return store.Scan(range); }));
// Everything `work` refers to must outlive the call; it does, since the caller waits.
// Errors: kUnavailable when the queue is full, kInternal for an exception, and those of `work`.
template <class Work, class R = std::invoke_result_t<Work&>>
Task<typename R::value_type> Blocking(BlockingPool& pool, Work work) {
  using T = typename R::value_type;
  detail::BlockingJob<T, Work> job(std::move(work));
  co_return co_await Await<T>([&pool, &job](Completion<T> done) {
    job.SetCompletion(std::move(done));
    if (!pool.Submit(job))
      job.TakeCompletion().Post(
          Fail(ErrorKind::kUnavailable, "too many requests are waiting for the disk"));
  });
}

}  // namespace tidemark::runtime
