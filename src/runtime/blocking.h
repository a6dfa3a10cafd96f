// Blocking calls (RocksDB, fsync, key derivation) leave the I/O threads through here.
#pragma once
#include <functional>
#include <memory>
#include <type_traits>

#include "runtime/completion.h"

namespace tidemark::runtime {

// A fixed set of threads and a bounded queue. The destructor finishes what is queued and joins.
class BlockingPool {
 public:
  explicit BlockingPool(size_t threads, size_t queue_max = 100'000);
  ~BlockingPool();

  // False when the queue is full or the pool is stopping: the caller answers kUnavailable.
  bool Submit(std::function<void()> work);
  size_t queued() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Runs `work` (a callable returning Result<T>) on the pool and resumes the caller with its result.
//   TM_CO_TRY(auto rows, co_await runtime::Blocking(pool, [&] { return store.Scan(range); }));
// Everything `work` refers to must outlive the call; it does, since the caller waits.
template <class Work, class R = std::invoke_result_t<Work&>>
Task<typename R::value_type> Blocking(BlockingPool& pool, Work work) {
  using T = typename R::value_type;
  co_return co_await Await<T>([&pool, &work](Completion<T> done) {
    auto shared = std::make_shared<Completion<T>>(std::move(done));
    if (!pool.Submit([shared, &work] { shared->Post(work()); }))
      shared->Post(Fail(ErrorKind::kUnavailable, "too many requests are waiting for the disk"));
  });
}

}  // namespace tidemark::runtime
