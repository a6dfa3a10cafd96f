#include "auth/failure_gate.h"

#include <algorithm>

namespace tidemark::auth {

namespace {

std::string ClaimOf(std::string_view address, const AccessKeyId& key) {
  return std::string(address).append(" ").append(key.value);
}

}  // namespace

double FailureGate::CountAt(const Failures& failures, Timestamp now) const {
  const double seconds = std::chrono::duration<double>(now - failures.at).count();
  return std::max(0.0, failures.count - std::max(0.0, seconds) * limits_.per_second);
}

bool FailureGate::Admits(std::string_view address, const AccessKeyId& key, Timestamp now) const {
  if (size_.load(std::memory_order_relaxed) == 0) return true;
  std::lock_guard lock(mutex_);
  const auto at = claims_.find(ClaimOf(address, key));
  return at == claims_.end() || CountAt(at->second, now) < limits_.burst;
}

void FailureGate::Note(std::string_view address, const AccessKeyId& key, Timestamp now) {
  std::lock_guard lock(mutex_);
  if (claims_.size() >= limits_.claims_max) claims_.clear();
  Failures& failures = claims_[ClaimOf(address, key)];
  failures = {CountAt(failures, now) + 1, now};
  size_.store(claims_.size(), std::memory_order_relaxed);
}

}  // namespace tidemark::auth
