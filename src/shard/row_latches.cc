#include "shard/row_latches.h"

#include "base/assert.h"

namespace tidemark::shard {

bool RowLatches::TryLock(const Bytes& row, PendingImage* pending) {
  Stripe& stripe = StripeOf(row);
  std::lock_guard lock(stripe.mutex);
  Row& state = stripe.rows[row];
  if (state.latched) return false;
  state.latched = true;
  *pending = state.image;
  return true;
}

void RowLatches::Wait(const Bytes& row, runtime::Completion<PendingImage> holder) {
  Stripe& stripe = StripeOf(row);
  std::lock_guard lock(stripe.mutex);
  Row& state = stripe.rows[row];
  if (state.latched) {
    state.waiting.push_back(std::move(holder));
    return;
  }
  state.latched = true;  // freed between TryLock and Wait
  holder.Post(state.image);
}

void RowLatches::Unlock(const Bytes& row) {
  Stripe& stripe = StripeOf(row);
  std::lock_guard lock(stripe.mutex);
  const auto at = stripe.rows.find(row);
  TM_ASSERT(at != stripe.rows.end() && at->second.latched);
  Row& state = at->second;
  if (!state.waiting.empty()) {
    auto next = std::move(state.waiting.front());
    state.waiting.pop_front();
    next.Post(state.image);  // stays latched, for the next in line
    return;
  }
  state.latched = false;
  EraseIfIdle(stripe, at);
}

void RowLatches::Publish(const Bytes& row, uint64_t sequence, PendingImage image) {
  Stripe& stripe = StripeOf(row);
  std::lock_guard lock(stripe.mutex);
  Row& state = stripe.rows[row];
  TM_ASSERT(state.latched);
  state.sequence = sequence;
  state.image = std::move(image);
}

void RowLatches::Applied(const Bytes& row, uint64_t sequence) {
  Stripe& stripe = StripeOf(row);
  std::lock_guard lock(stripe.mutex);
  const auto at = stripe.rows.find(row);
  if (at == stripe.rows.end() || at->second.sequence != sequence) return;
  at->second.image = nullptr;
  EraseIfIdle(stripe, at);
}

void RowLatches::EraseIfIdle(Stripe& stripe, std::unordered_map<Bytes, Row>::iterator at) {
  const Row& state = at->second;
  if (!state.latched && !state.image && state.waiting.empty()) stripe.rows.erase(at);
}

}  // namespace tidemark::shard
