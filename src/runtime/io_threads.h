// One io_context per thread, one thread per core: a coroutine stays on the thread it was spawned
// on.
#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "runtime/asio.h"
#include "runtime/task.h"

namespace tidemark::runtime {

class IoThreads {
 public:
  explicit IoThreads(size_t threads);
  ~IoThreads();  // Stop() and join

  size_t size() const;
  asio::io_context& context(size_t index);

  // Lets the threads run until Stop(). Work guards keep idle contexts alive.
  void Start();
  void Stop();  // handlers that are queued are not run; coroutines are destroyed with the contexts
  void Join();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Starts `task` on `context`; an exception that escapes is logged and ends only this task.
void Spawn(asio::io_context& context, asio::awaitable<void> task);

// Runs a task to its end from a thread that is not an I/O thread (start-up, tests, jobs): the task
// runs on `context`, the caller blocks. kCancelled if the context is destroyed first.
template <class T>
Result<T> RunBlocking(asio::io_context& context, Task<T> task);

}  // namespace tidemark::runtime

#include "runtime/io_threads_inl.h"
