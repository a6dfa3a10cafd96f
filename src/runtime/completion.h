// Completion<T>: the one-shot right to resume a coroutine that waits for a Result<T>, from any
// thread. Move-only. A Completion that is destroyed unused resumes its coroutine with kCancelled,
// so no coroutine waits for ever.
//
//   TM_CO_TRY(auto value, co_await runtime::Await<int>([&](runtime::Completion<int> done) {
//     queue.Push(std::move(done));               // elsewhere, later: done.Post(42)
//   }));
#pragma once
#include <memory>

#include "base/result.h"
#include "runtime/asio.h"
#include "runtime/task.h"

namespace tidemark::runtime {

template <class T>
class Completion {
 public:
  Completion() = default;
  Completion(Completion&&) = default;
  Completion& operator=(Completion&&) = default;
  ~Completion() {
    if (handler_ && !handler_->used) Post(Fail(ErrorKind::kCancelled, "the server is stopping"));
  }

  explicit operator bool() const { return handler_ != nullptr; }

  // Resumes the coroutine on its own I/O thread, later. Any thread.
  void Post(Result<T> result) {
    if (!handler_) return;
    auto shared = std::shared_ptr<Handler>(std::move(handler_));
    shared->used = true;
    asio::post(*shared->context, [shared, result = std::move(result)]() mutable {
      shared->Run(std::move(result));
    });
  }

  // Resumes at once; only on the waiting coroutine's own I/O thread.
  void Run(Result<T> result) {
    if (!handler_) return;
    auto handler = std::move(handler_);
    handler->used = true;
    handler->Run(std::move(result));
  }

  // The I/O thread the coroutine lives on: lets a batch be resumed by one post per thread.
  asio::io_context* context() const { return handler_ ? handler_->context : nullptr; }

 private:
  template <class U, class Start>
  friend Task<U> Await(Start start);

  struct Handler {
    asio::io_context* context = nullptr;
    bool used = false;
    virtual ~Handler() = default;
    virtual void Run(Result<T> result) = 0;
  };

  template <class AsioHandler>
  struct HandlerOf : Handler {
    explicit HandlerOf(AsioHandler handler) : asio_handler(std::move(handler)) {}
    void Run(Result<T> result) override { std::move(asio_handler)(std::move(result)); }
    AsioHandler asio_handler;
  };

  std::unique_ptr<Handler> handler_;
};

// Suspends the calling coroutine, hands `start` the right to resume it, and returns what it is
// resumed with. `start` may complete at once or on another thread.
template <class T, class Start>
Task<T> Await(Start start) {
  auto executor = co_await asio::this_coro::executor;
  auto* context =
      static_cast<asio::io_context*>(&asio::query(executor, asio::execution::context));
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<T>)>(
      [&start, context](auto handler) {
        Completion<T> completion;
        auto owned =
            std::make_unique<typename Completion<T>::template HandlerOf<decltype(handler)>>(
                std::move(handler));
        owned->context = context;
        completion.handler_ = std::move(owned);
        start(std::move(completion));
      },
      asio::use_awaitable);
}

}  // namespace tidemark::runtime
