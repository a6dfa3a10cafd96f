#include "vault/lifecycle.h"

#include <limits>

#include "vault/fault.h"

namespace tidemark::vault {

namespace {

constexpr int64_t kDaysMax = 36500;
constexpr int64_t kColdDaysMin = 90;
constexpr int64_t kChangeableDaysMin = 3;
constexpr int64_t kAirGappedDaysMin = 7;
constexpr int64_t kForEver = std::numeric_limits<int64_t>::max();

// Some clients send what is not set as -1.
std::optional<int64_t> GivenDays(std::optional<int64_t> days) {
  return days == -1 ? std::nullopt : days;
}

}  // namespace

Result<Lifecycle> MakeLifecycle(std::optional<int64_t> cold_after_days,
                                std::optional<int64_t> delete_after_days) {
  const Lifecycle lifecycle{GivenDays(cold_after_days), GivenDays(delete_after_days)};
  const auto& [cold, end] = lifecycle;
  if (end && (*end < 1 || *end > kDaysMax)) {
    return FailWith(Fault::kInvalidParameter,
                    "Invalid lifecycle. DeleteAfterDays cannot be less than 1 or more than {} days",
                    kDaysMax);
  }
  if (cold && (*cold < 0 || *cold > kDaysMax)) {
    return FailWith(Fault::kInvalidParameter,
                    "Invalid lifecycle. MoveToColdStorageAfterDays cannot be less than 0 or more "
                    "than {} days",
                    kDaysMax);
  }
  if (cold && end && *end < *cold + kColdDaysMin) {
    return FailWith(Fault::kInvalidParameter,
                    "Invalid lifecycle. DeleteAfterDays cannot be less than {} days apart from "
                    "MoveToColdStorageAfterDays",
                    kColdDaysMin);
  }
  return lifecycle;
}

std::optional<Timestamp> DeletionOf(Timestamp created, const Lifecycle& lifecycle) {
  if (!lifecycle.delete_after_days) return std::nullopt;
  return created + std::chrono::days(*lifecycle.delete_after_days);
}

std::optional<Timestamp> TransitionOf(Timestamp created, const Lifecycle& lifecycle) {
  if (!lifecycle.cold_after_days) return std::nullopt;
  return created + std::chrono::days(*lifecycle.cold_after_days);
}

Result<VaultLock> MakeLock(const LockRequest& request, Timestamp now) {
  const auto& [min, max, changeable] = request;
  if (min && *min < 1)
    return FailWith(Fault::kInvalidParameter, "MinRetentionDays must be at least 1 day");
  if (min && *min > kDaysMax)
    return FailWith(Fault::kInvalidParameter, "MinRetentionDays cannot exceed {} days", kDaysMax);
  if (max && *max < 1)
    return FailWith(Fault::kInvalidParameter, "MaxRetentionDays must be at least 1 day");
  if (max && *max > kDaysMax)
    return FailWith(Fault::kInvalidParameter, "MaxRetentionDays cannot exceed {} days", kDaysMax);
  if (min && max && *min > *max) {
    return FailWith(Fault::kInvalidParameter,
                    "MinRetentionDays cannot be greater than MaxRetentionDays");
  }
  if (changeable && *changeable < kChangeableDaysMin) {
    return FailWith(Fault::kInvalidParameter, "ChangeableForDays must be at least {} days",
                    kChangeableDaysMin);
  }
  if (changeable && *changeable > kDaysMax)
    return FailWith(Fault::kInvalidParameter, "ChangeableForDays cannot exceed {} days", kDaysMax);
  VaultLock lock{.min_days = min, .max_days = max, .immutable_from = {}};
  if (changeable) lock.immutable_from = now + std::chrono::days(*changeable);
  return lock;
}

Result<VaultLock> MakeAirGappedLock(int64_t min_days, int64_t max_days, Timestamp now) {
  if (min_days < kAirGappedDaysMin) {
    return FailWith(Fault::kInvalidParameter,
                    "MinRetentionDays of a logically air-gapped vault must be at least {} days",
                    kAirGappedDaysMin);
  }
  TM_TRY(auto lock,
         MakeLock({.min_days = min_days, .max_days = max_days, .changeable_days = {}}, now));
  lock.immutable_from = now;
  return lock;
}

bool Admits(const VaultLock& lock, const Lifecycle& lifecycle) {
  const int64_t days = lifecycle.delete_after_days.value_or(kForEver);
  return days >= lock.min_days.value_or(0) && days <= lock.max_days.value_or(kForEver);
}

bool IsShorter(const Lifecycle& next, const Lifecycle& last) {
  return next.delete_after_days.value_or(kForEver) < last.delete_after_days.value_or(kForEver);
}

}  // namespace tidemark::vault
