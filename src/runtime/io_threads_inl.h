#pragma once
#include <exception>
#include <future>
#include <utility>

#include "base/result.h"

namespace tidemark::runtime {

namespace detail {
// The promise lives in the frame: if the context is destroyed first, the frame breaks the promise
// and the caller is released.
template <class T>
asio::awaitable<void> RunAndSet(Task<T> task, std::promise<Result<T>> promise) {
  try {
    promise.set_value(co_await std::move(task));
  } catch (const std::exception& e) {
    promise.set_value(Fail(ErrorKind::kInternal, "a task threw: {}", e.what()));
  }
}
}  // namespace detail

template <class T>
Result<T> RunBlocking(asio::io_context& context, Task<T> task) {
  std::promise<Result<T>> promise;
  auto future = promise.get_future();
  Spawn(context, detail::RunAndSet<T>(std::move(task), std::move(promise)));
  try {
    return future.get();
  } catch (const std::future_error&) {
    return Fail(ErrorKind::kCancelled, "the server is stopping");
  }
}

}  // namespace tidemark::runtime
