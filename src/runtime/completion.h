// Completion<T>: the one-shot right to resume a coroutine that waits for a Result<T>, from any
// thread. Move-only. A Completion that is destroyed unused resumes its coroutine with kCancelled,
// so no coroutine waits for ever. It may outlive the coroutine's io_context: then it does nothing.
//
//   TM_CO_TRY(auto value, co_await runtime::Await<int>([&](runtime::Completion<int> done) {
//     queue.Push(std::move(done));               // elsewhere, later: done.Post(42)
//   }));
//
// What it refers to lives in the waiting coroutine's frame, so an Await allocates nothing beyond
// coroutine frames, which Asio recycles. Posts are gathered: a burst from one thread wakes each I/O
// thread once.
#pragma once
#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include "base/result.h"
#include "runtime/asio.h"
#include "runtime/context_gate.h"
#include "runtime/task.h"

namespace tidemark::runtime {

namespace detail {

template <class T>
struct WaitState : Waiter {
  enum class Phase { kStarting, kWaiting, kDone };

  // kStarting: the coroutine still runs and will look at `result` before it suspends.
  std::atomic<Phase> phase{Phase::kStarting};
  std::optional<Result<T>> result;
};

template <class T, class AsioHandler>
struct SuspendedState : WaitState<T> {
  std::optional<AsioHandler> handler;

  void Resume() override {
    // The handler owns the frame this object lives in, so it must leave it first.
    AsioHandler resume = *std::exchange(handler, std::nullopt);
    std::move(resume)();
  }
  void Abandon() override { AsioHandler destroyed = *std::exchange(handler, std::nullopt); }
};

}  // namespace detail

template <class T>
class Completion {
 public:
  Completion() = default;
  Completion(Completion&& other) noexcept
      : gate_(std::move(other.gate_)), state_(std::exchange(other.state_, nullptr)) {}
  Completion& operator=(Completion&& other) noexcept {
    Completion old = std::move(*this);
    gate_ = std::move(other.gate_);
    state_ = std::exchange(other.state_, nullptr);
    return *this;
  }
  ~Completion() {
    if (state_) Post(Fail(ErrorKind::kCancelled, "the server is stopping"));
  }

  explicit operator bool() const { return state_ != nullptr; }

  // Resumes the coroutine on its own I/O thread, later. Any thread. Only the first one counts.
  void Post(Result<T> result) {
    if (!state_) return;
    auto* state = std::exchange(state_, nullptr);
    auto gate = std::move(gate_);
    gate->Enter([&]() -> detail::Waiter* {
      state->result.emplace(std::move(result));
      // Once it is done the coroutine may go on at any moment: nothing of `state` is touched then.
      auto before = state->phase.exchange(State::Phase::kDone, std::memory_order_acq_rel);
      return before == State::Phase::kWaiting ? state : nullptr;
    });
  }

  // Resumes at once, on the caller's stack; only on the waiting coroutine's own I/O thread.
  void Run(Result<T> result) {
    if (!state_) return;
    auto* state = std::exchange(state_, nullptr);
    auto gate = std::move(gate_);
    state->result.emplace(std::move(result));
    auto before = state->phase.exchange(State::Phase::kDone, std::memory_order_acq_rel);
    if (before != State::Phase::kWaiting) return;
    gate->Unlink(*state);
    state->Resume();
  }

  // The I/O thread the coroutine lives on.
  asio::io_context* context() const { return gate_ ? gate_->context() : nullptr; }

 private:
  using State = detail::WaitState<T>;

  template <class U, class Start>
  friend Task<U> Await(Start start);

  Completion(std::shared_ptr<detail::ContextGate> gate, State* state)
      : gate_(std::move(gate)), state_(state) {}

  std::shared_ptr<detail::ContextGate> gate_;  // shared: a completion may outlive the context
  State* state_ = nullptr;
};

// Suspends the calling coroutine, hands `start` the right to resume it, and returns what it is
// resumed with. `start` may complete at once (then nothing is suspended) or on another thread. The
// coroutine must run on an io_context's own executor, and that io_context on one thread.
template <class T, class Start>
Task<T> Await(Start start) {
  using Handler = asio::async_result<asio::use_awaitable_t<>, void()>::handler_type;
  using State = detail::SuspendedState<T, Handler>;
  using Phase = typename detail::WaitState<T>::Phase;

  auto executor = co_await asio::this_coro::executor;
  auto& context = static_cast<asio::io_context&>(asio::query(executor, asio::execution::context));
  const auto& gate = detail::ContextGate::Of(context);
  State state;
  start(Completion<T>(gate, &state));
  if (state.phase.load(std::memory_order_acquire) != Phase::kDone) {
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        [&state, &gate](Handler handler) {
          state.handler.emplace(std::move(handler));
          gate->Link(state);
          Phase starting = Phase::kStarting;
          if (state.phase.compare_exchange_strong(starting, Phase::kWaiting,
                                                  std::memory_order_acq_rel))
            return;
          // Completed between the look above and now: nobody else will resume it.
          gate->Enter([&]() -> detail::Waiter* { return &state; });
        },
        asio::use_awaitable);
  }
  co_return std::move(*state.result);
}

}  // namespace tidemark::runtime
