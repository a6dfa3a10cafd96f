#include "vault/points.h"

#include "base/log.h"
#include "vault/copy_jobs.h"
#include "vault/fault.h"
#include "vault/holds.h"
#include "vault/role.h"

namespace tidemark::vault {

namespace {

Error VaultIsLocked(std::string_view what, std::string_view vault) {
  return MakeFault(Fault::kInvalidRequest,
                   fmt::format("{} while backup vault {} is locked", what, vault));
}

Result<void> EditPoint(VaultStore& store, const PointRecord& point,
                       const std::function<Result<void>(PointRecord&)>& edit) {
  return store.Apply([&]() -> Result<Changes> {
    const auto newest = store.Find<PointRecord>(PlaceOf(point), point.arn);
    if (!newest) return FailWith(Fault::kNotFound, "Recovery point {} does not exist", point.arn);
    PointRecord edited = *newest;
    TM_TRYV(edit(edited));
    return Changes{std::move(edited)};
  });
}

}  // namespace

Result<Ptr<PointRecord>> FindPoint(const VaultScope& scope, std::string_view vault,
                                   std::string_view arn) {
  TM_TRYV(FindVault(scope, vault));
  auto point = scope.store.Find<PointRecord>(scope.place, arn);
  if (point && point->vault == vault) return point;
  return FailWith(Fault::kNotFound, "Recovery point {} does not exist in backup vault {}", arn,
                  vault);
}

Result<Ptr<PointRecord>> UpdateLifecycle(const VaultScope& scope, std::string_view vault,
                                         std::string_view arn, const Lifecycle& lifecycle) {
  TM_TRYV(scope.store.Apply([&]() -> Result<Changes> {
    TM_TRY(const auto owner, FindVault(scope, vault));
    TM_TRY(const auto old, FindPoint(scope, vault, arn));
    if (owner->lock && IsShorter(lifecycle, old->lifecycle))
      return Fail(VaultIsLocked("The life of a recovery point cannot be shortened", vault));
    if (owner->lock && !Admits(*owner->lock, lifecycle)) {
      return FailWith(Fault::kInvalidParameter,
                      "The retention is not within the range of backup vault {}", vault);
    }
    if (old->IsCold() && lifecycle.cold_after_days != old->lifecycle.cold_after_days) {
      return FailWith(Fault::kInvalidParameter,
                      "Invalid lifecycle. MoveToColdStorageAfterDays cannot be changed after a "
                      "recovery point has been moved to cold storage: {} days",
                      old->lifecycle.cold_after_days.value_or(0));
    }
    PointRecord point = *old;
    point.lifecycle = lifecycle;
    if (!point.IsCold() && point.status == PointStatus::kCompleted) point.message.clear();
    return Changes{std::move(point)};
  }));
  return FindPoint(scope, vault, arn);
}

Result<void> DeletePoint(const VaultScope& scope, const catalog::Catalog& catalog,
                         std::string_view vault, std::string_view arn) {
  return scope.store.Apply([&]() -> Result<Changes> {
    TM_TRY(const auto owner, FindVault(scope, vault));
    TM_TRY(const auto old, FindPoint(scope, vault, arn));
    if (owner->lock) return Fail(VaultIsLocked("Recovery points cannot be deleted", vault));
    if (old->status == PointStatus::kDeleting) return Changes{};
    if (old->status == PointStatus::kCreating)
      return FailWith(Fault::kInvalidResourceState, "Recovery point {} is being created", arn);
    const auto backup = catalog.FindBackup(arn);
    if (backup && catalog.IsBeingRestored(backup->image.directory))
      return FailWith(Fault::kInvalidResourceState, "Recovery point {} is being restored", arn);
    if (IsHeld(scope.store, *old))
      return FailWith(Fault::kInvalidResourceState, "Recovery point {} is under a legal hold", arn);
    if (IsBeingCopied(scope.store, arn))
      return FailWith(Fault::kInvalidResourceState, "Recovery point {} is being copied", arn);
    PointRecord point = *old;
    point.status = PointStatus::kDeleting;
    return Changes{std::move(point)};
  });
}

Result<void> PointUpkeep::Remove(const PointRecord& point) {
  auto deleted = backups_.DeleteManaged(point.arn);
  if (!deleted && deleted.error().kind != ErrorKind::kBackupNotFound) return Fail(deleted.error());
  return store_.Apply([&]() -> Result<Changes> { return Changes{Erase{PathOf(point)}}; });
}

void PointUpkeep::RemoveDeleting() {
  for (const auto& point : store_.Open<PointRecord>()) {
    auto removed = Remove(*point);
    // Restored from: again when that is over.
    if (!removed && removed.error().kind != ErrorKind::kBackupInUse) {
      LogWarn("recovery point {} is still to be removed: {}", point->arn, removed.error().message);
    }
  }
}

// Over a copy from another account or server, or in an air-gapped vault, the role that made it has
// no say.
Result<void> PointUpkeep::CheckMayDelete(const PointRecord& point) const {
  if (!point.sender.empty() || IsAirGapped(store_, point.VaultArn())) return {};
  if (!point.role_arn.starts_with(fmt::format("arn:aws:iam::{}:", point.account.value))) return {};
  TM_TRY(const auto role, AssumeServiceRole(directory_, point.account, point.role_arn));
  return CheckRoleAllows(*role, "dynamodb:DeleteBackup", point.arn);
}

// It was made for an air-gapped vault, and is in there. A lock of its own vault counts more.
bool PointUpkeep::IsOfNoMoreUse(const PointRecord& point) const {
  if (!point.is_in) return false;
  const auto vault = store_.Find<VaultRecord>(PlaceOf(point), point.vault);
  return vault && !vault->lock;
}

void PointUpkeep::Expire(const std::function<Timestamp(const Region&)>& now) {
  for (const auto& point : store_.All<PointRecord>()) {
    const auto end = DeletionOf(point->LifeFrom(), point->lifecycle);
    const bool is_over = end && *end <= now(point->region);
    if (point->status != PointStatus::kCompleted || !(is_over || IsOfNoMoreUse(*point))) continue;
    if (IsBeingCopied(store_, point->arn) || IsHeld(store_, *point)) continue;
    const auto allowed = CheckMayDelete(*point);
    auto edited = EditPoint(store_, *point, [&](PointRecord& record) -> Result<void> {
      if (IsHeld(store_, record)) return {};  // since a moment ago
      record.status = allowed ? PointStatus::kDeleting : PointStatus::kExpired;
      if (!allowed) record.message = allowed.error().message;
      return {};
    });
    if (!edited) {
      LogWarn("recovery point {} is still to expire: {}", point->arn, edited.error().message);
    }
  }
}

}  // namespace tidemark::vault
