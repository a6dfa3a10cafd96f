#include "iam/credential.h"

namespace tidemark::iam {

void LastUse::Note(Timestamp now, std::string_view service, std::string_view region) {
  const int64_t minute = std::chrono::floor<std::chrono::minutes>(now).time_since_epoch().count();
  if (minute_.load(std::memory_order_relaxed) == minute) return;
  std::lock_guard lock(mutex_);
  value_ = {std::chrono::floor<std::chrono::minutes>(now), std::string(service),
            std::string(region)};
  minute_.store(minute, std::memory_order_relaxed);
}

std::optional<LastUse::Value> LastUse::Get() const {
  if (minute_.load(std::memory_order_relaxed) < 0) return std::nullopt;
  std::lock_guard lock(mutex_);
  return value_;
}

}  // namespace tidemark::iam
