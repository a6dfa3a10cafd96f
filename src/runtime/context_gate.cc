#include "runtime/context_gate.h"

namespace tidemark::runtime::detail {
namespace {

// Ties the gate to the context's life: services are shut down before the scheduler is.
class GateService : public asio::execution_context::service {
 public:
  static asio::execution_context::id id;

  explicit GateService(asio::execution_context& context)
      : service(context),
        gate_(std::make_shared<ContextGate>(static_cast<asio::io_context&>(context))) {}

  const std::shared_ptr<ContextGate>& gate() const { return gate_; }

 private:
  void shutdown() override { gate_->Close(); }

  std::shared_ptr<ContextGate> gate_;
};

asio::execution_context::id GateService::id;

}  // namespace

const std::shared_ptr<ContextGate>& ContextGate::Of(asio::io_context& context) {
  return asio::use_service<GateService>(static_cast<asio::execution_context&>(context)).gate();
}

void ContextGate::Link(Waiter& waiter) {
  waiter.previous_ = nullptr;
  waiter.next_ = waiting_;
  if (waiting_) waiting_->previous_ = &waiter;
  waiting_ = &waiter;
}

void ContextGate::Unlink(Waiter& waiter) {
  if (waiter.previous_) waiter.previous_->next_ = waiter.next_;
  if (waiter.next_) waiter.next_->previous_ = waiter.previous_;
  if (waiting_ == &waiter) waiting_ = waiter.next_;
}

void ContextGate::Push(Waiter* waiter) {
  waiter->next_in_inbox_ = nullptr;
  if (inbox_tail_) {
    inbox_tail_->next_in_inbox_ = waiter;
    inbox_tail_ = waiter;
    return;
  }
  inbox_head_ = inbox_tail_ = waiter;
  asio::post(*context_, [this] { Drain(); });
}

void ContextGate::Drain() {
  Waiter* waiter;
  {
    std::lock_guard lock(mutex_);
    waiter = inbox_head_;
    inbox_head_ = inbox_tail_ = nullptr;
  }
  while (waiter) {
    Waiter* next = waiter->next_in_inbox_;
    Unlink(*waiter);
    waiter->Resume();
    waiter = next;
  }
}

void ContextGate::Close() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
    inbox_head_ = inbox_tail_ = nullptr;
  }
  while (Waiter* waiter = waiting_) {
    Unlink(*waiter);
    waiter->Abandon();
  }
}

}  // namespace tidemark::runtime::detail
