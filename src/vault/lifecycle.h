// How long a recovery point is kept, and what the lock of a vault says to that. Pure.
#pragma once
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/result.h"

namespace tidemark::vault {

struct Lifecycle {
  std::optional<int64_t> cold_after_days;    // absent: never moved to cold storage
  std::optional<int64_t> delete_after_days;  // absent: kept for ever
  bool operator==(const Lifecycle&) const = default;
};

// Bounds of the lives of what is in a vault.
struct VaultLock {
  std::optional<int64_t> min_days, max_days;
  std::optional<Timestamp> immutable_from;  // compliance mode; absent: governance
  bool operator==(const VaultLock&) const = default;

  bool IsImmutable(Timestamp now) const { return immutable_from && now >= *immutable_from; }
};

// -1 days are none. Fault::kInvalidParameter, with the service's texts.
Result<Lifecycle> MakeLifecycle(std::optional<int64_t> cold_after_days,
                                std::optional<int64_t> delete_after_days);
// When it ends; nothing: never.
std::optional<Timestamp> DeletionOf(Timestamp created, const Lifecycle& lifecycle);
// When it moves to cold storage; likewise.
std::optional<Timestamp> TransitionOf(Timestamp created, const Lifecycle& lifecycle);

struct LockRequest {
  std::optional<int64_t> min_days, max_days, changeable_days;
};
// Fault::kInvalidParameter.
Result<VaultLock> MakeLock(const LockRequest& request, Timestamp now);
// Of a logically air-gapped vault: it has both bounds, and is immutable from the start.
// Fault::kInvalidParameter.
Result<VaultLock> MakeAirGappedLock(int64_t min_days, int64_t max_days, Timestamp now);
// Whether a life lies within the lock's bounds.
bool Admits(const VaultLock& lock, const Lifecycle& lifecycle);
// Whether `next` ends before `last` does.
bool IsShorter(const Lifecycle& next, const Lifecycle& last);

}  // namespace tidemark::vault
