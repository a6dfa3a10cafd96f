#pragma once
#include <future>

namespace tidemark::runtime {

namespace detail {
template <class T>
asio::awaitable<void> RunAndSet(Task<T> task, std::promise<Result<T>>* promise) {
  try {
    promise->set_value(co_await std::move(task));
  } catch (const std::exception& e) {
    promise->set_value(Fail(ErrorKind::kInternal, "a task threw: {}", e.what()));
  }
}
}  // namespace detail

template <class T>
Result<T> RunBlocking(asio::io_context& context, Task<T> task) {
  std::promise<Result<T>> promise;
  auto future = promise.get_future();
  asio::co_spawn(context, detail::RunAndSet<T>(std::move(task), &promise), asio::detached);
  return future.get();
}

}  // namespace tidemark::runtime
