// The door through which other threads resume coroutines of one I/O context.
//
// One gate per io_context, shared by the context and by every Completion of its coroutines, so that
// a Completion may outlive the context: what comes through a closed gate is dropped. Resumptions
// are collected in an inbox and drained by one posted handler per burst, which costs neither an
// allocation nor a wake-up for each.
#pragma once
#include <memory>
#include <mutex>

#include "runtime/asio.h"

namespace tidemark::runtime::detail {

// One suspended coroutine; lives in its frame. `next` is the inbox's, the other links belong to the
// I/O thread alone.
class Waiter {
 public:
  virtual void Resume() = 0;   // the I/O thread; the waiter may be gone afterwards
  virtual void Abandon() = 0;  // the context goes away: give up the right to resume

 protected:
  ~Waiter() = default;

 private:
  friend class ContextGate;
  Waiter* next_in_inbox_ = nullptr;
  Waiter* next_ = nullptr;
  Waiter* previous_ = nullptr;
};

class ContextGate {
 public:
  explicit ContextGate(asio::io_context& context) : context_(&context) {}

  // The gate of a context, made at first use. On the context's own thread, or before it runs.
  static const std::shared_ptr<ContextGate>& Of(asio::io_context& context);

  asio::io_context* context() const { return context_; }

  // The I/O thread only.
  void Link(Waiter& waiter);
  void Unlink(Waiter& waiter);

  // Any thread. Calls `deliver` unless the gate is closed; while it runs the gate stays open, so
  // the frames of waiting coroutines exist. Queues the waiter that `deliver` returns, if any.
  template <class Deliver>
  void Enter(Deliver deliver) {
    std::lock_guard lock(mutex_);
    if (closed_) return;
    if (Waiter* waiter = deliver()) Push(waiter);
  }

  // By the context's destructor: nothing is resumed any more, waiting coroutines are destroyed.
  void Close();

 private:
  void Push(Waiter* waiter);  // under mutex_
  void Drain();

  asio::io_context* const context_;
  Waiter* waiting_ = nullptr;

  std::mutex mutex_;
  bool closed_ = false;
  Waiter* inbox_head_ = nullptr;
  Waiter* inbox_tail_ = nullptr;
};

}  // namespace tidemark::runtime::detail
