#include "vault/holds.h"

#include <algorithm>

#include "base/log.h"
#include "vault/fault.h"

namespace tidemark::vault {

namespace {

constexpr size_t kHoldsMax = 50;  // of an account and Region, that are not cancelled
constexpr int64_t kRetainDaysMax = 36500;

bool IsSameHold(const HoldRecord& a, const HoldRecord& b) {
  return a.title == b.title && a.description == b.description && a.selection == b.selection &&
         a.tags == b.tags;
}

bool IsAmong(const std::vector<std::string>& names, std::string_view name) {
  return names.empty() || std::ranges::find(names, name) != names.end();
}

Result<void> CheckHold(const VaultScope& scope, const HoldRecord& hold) {
  if (hold.title.empty() || hold.description.empty())
    return FailWith(Fault::kInvalidParameter, "Title and Description must not be empty");
  const auto& [vaults, tables, range] = hold.selection;
  if (vaults.empty() && tables.empty() && !range) {
    return FailWith(Fault::kInvalidParameter,
                    "RecoveryPointSelection must name vaults, resources or a range of dates");
  }
  if (range && range->to < range->from)
    return FailWith(Fault::kInvalidParameter, "ToDate must not be before FromDate");
  for (const std::string& name : vaults) {
    if (!scope.store.Find<VaultRecord>(scope.place, name))
      return FailWith(Fault::kInvalidParameter, "Backup vault {} does not exist", name);
  }
  return {};
}

}  // namespace

Result<Ptr<HoldRecord>> CreateHold(const VaultScope& scope, HoldRecord hold, Random& random) {
  Tags tags;
  TM_TRYV(AddTags(hold.tags, &tags));
  hold.account = scope.place.account;
  hold.region = scope.place.region;
  hold.hold_id = FormatUuid(MakeUuidBytes(random));
  hold.created = scope.now;
  std::string id = hold.hold_id;
  TM_TRYV(scope.store.Apply([&]() -> Result<Changes> {
    TM_TRYV(CheckHold(scope, hold));
    size_t active = 0;
    for (const auto& old : scope.store.List<HoldRecord>(scope.place)) {
      if (old->IsOpen()) ++active;
      if (hold.token.empty() || old->token != hold.token) continue;
      id = old->hold_id;
      if (IsSameHold(*old, hold)) return Changes{};
      return FailWith(Fault::kInvalidParameter,
                      "IdempotencyToken was sent before with another request, which made the legal "
                      "hold {}",
                      id);
    }
    if (active >= kHoldsMax)
      return FailWith(Fault::kLimitExceeded, "There are {} legal holds already", kHoldsMax);
    return Changes{std::move(hold)};
  }));
  return FindHold(scope, id);
}

Result<Ptr<HoldRecord>> FindHold(const VaultScope& scope, std::string_view id) {
  if (auto hold = scope.store.Find<HoldRecord>(scope.place, id)) return hold;
  return FailWith(Fault::kNotFound, "Legal hold {} does not exist", id);
}

Result<void> CancelHold(const VaultScope& scope, std::string_view id,
                        const std::string& description, std::optional<int64_t> retain_days) {
  if (retain_days && (*retain_days < 0 || *retain_days > kRetainDaysMax)) {
    return FailWith(Fault::kInvalidParameter, "RetainRecordInDays must be between 0 and {}",
                    kRetainDaysMax);
  }
  return scope.store.Apply([&]() -> Result<Changes> {
    TM_TRY(const auto old, FindHold(scope, id));
    if (old->cancelled)
      return FailWith(Fault::kInvalidResourceState, "Legal hold {} is cancelled already", id);
    HoldRecord hold = *old;
    hold.cancelled = scope.now;
    hold.cancel_description = description;
    if (retain_days) hold.retain_until = scope.now + std::chrono::days(*retain_days);
    return Changes{std::move(hold)};
  });
}

Ptr<HoldRecord> FindHoldByArn(const VaultScope& scope, std::string_view arn) {
  auto hold = scope.store.Find<HoldRecord>(scope.place, arn.substr(arn.rfind(':') + 1));
  return hold && hold->Arn() == arn ? hold : nullptr;
}

bool Holds(const HoldSelection& selection, const PointRecord& point) {
  const auto& [vaults, tables, range] = selection;
  return IsAmong(vaults, point.vault) && IsAmong(tables, point.table_arn) &&
         (!range || (point.created >= range->from && point.created <= range->to));
}

bool IsHeld(const VaultStore& store, const PointRecord& point) {
  return std::ranges::any_of(store.List<HoldRecord>(PlaceOf(point)), [&](const auto& hold) {
    return hold->IsOpen() && Holds(hold->selection, point);
  });
}

std::vector<Ptr<PointRecord>> HeldPoints(const VaultScope& scope, const HoldRecord& hold) {
  if (!hold.IsOpen()) return {};
  auto points = scope.store.List<PointRecord>(scope.place);
  std::erase_if(points, [&](const auto& point) { return !Holds(hold.selection, *point); });
  return points;
}

void ForgetHolds(VaultStore& store, const std::function<Timestamp(const Region&)>& now) {
  for (const auto& hold : store.All<HoldRecord>()) {
    if (!hold->retain_until || now(hold->region) < *hold->retain_until) continue;
    auto erased = store.Apply([&]() -> Result<Changes> { return Changes{Erase{PathOf(*hold)}}; });
    if (!erased)
      LogWarn("legal hold {} is still to be forgotten: {}", hold->id(), erased.error().message);
  }
}

}  // namespace tidemark::vault
