#include "vault/vaults.h"

#include <algorithm>

#include "kms/keys.h"
#include "policy/document.h"
#include "vault/fault.h"

namespace tidemark::vault {

namespace {

constexpr size_t kVaultsMax = 300;  // of an account and Region
constexpr size_t kTagsMax = 50;
constexpr size_t kTagKeyMax = 128;
constexpr size_t kTagValueMax = 256;

// In characters of UTF-8.
size_t CharactersOf(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

Error AlreadyThere(const VaultRecord& vault) {
  Error error = MakeFault(Fault::kAlreadyExists, "Backup vault with the same name already exists");
  auto detail = std::make_shared<FaultDetail>(*FaultOf(error));
  detail->arn = vault.Arn();
  detail->creator_request_id = vault.creator_request_id;
  error.detail = std::move(detail);
  return error;
}

bool IsBoundAlike(const VaultLock& a, const VaultLock& b) {
  return a.min_days == b.min_days && a.max_days == b.max_days;
}

// Keys of no account are made with a vault: of two requests at once, one for each.
bool IsUnderTheSameKey(const VaultRecord& a, const VaultRecord& b) {
  return a.key_arn == b.key_arn || (kms::IsKept(a.key_arn) && kms::IsKept(b.key_arn));
}

bool IsRepeated(const VaultRecord& vault, const VaultRecord& old) {
  return !vault.creator_request_id.empty() && vault.creator_request_id == old.creator_request_id &&
         IsUnderTheSameKey(vault, old) && vault.tags == old.tags &&
         vault.air_gapped == old.air_gapped &&
         (!vault.air_gapped || IsBoundAlike(*vault.lock, *old.lock));
}

Result<void> EditVault(const VaultScope& scope, std::string_view name,
                       const std::function<Result<void>(VaultRecord&)>& edit) {
  return scope.store.Apply([&]() -> Result<Changes> {
    TM_TRY(const auto old, FindVault(scope, name));
    VaultRecord vault = *old;
    TM_TRYV(edit(vault));
    return Changes{std::move(vault)};
  });
}

Result<void> CheckMutable(const VaultRecord& vault, Timestamp now, std::string_view what) {
  if (!vault.lock || !vault.lock->IsImmutable(now)) return {};
  return FailWith(Fault::kInvalidRequest, "Vault Lock configuration is immutable and cannot be {}",
                  what);
}

}  // namespace

std::optional<VaultRef> ParseVaultArn(std::string_view arn) {
  constexpr std::string_view kHead = "arn:aws:backup:";
  if (!arn.starts_with(kHead)) return std::nullopt;
  std::vector<std::string> parts;  // Region, account, "backup-vault", name
  for (std::string_view rest = arn.substr(kHead.size());;) {
    const size_t at = rest.find(':');
    parts.emplace_back(rest.substr(0, at));
    if (at == std::string_view::npos) break;
    rest.remove_prefix(at + 1);
  }
  const bool good = parts.size() == 4 && parts[2] == "backup-vault" &&
                    std::ranges::none_of(parts, [](const auto& part) { return part.empty(); }) &&
                    arn.find('/') == std::string_view::npos;
  if (!good) return std::nullopt;
  return VaultRef{{AccountId(parts[1]), Region(parts[0])}, parts[3]};
}

Result<Ptr<VaultRecord>> FindVault(const VaultScope& scope, std::string_view name) {
  if (auto vault = scope.store.Find<VaultRecord>(scope.place, name)) return vault;
  return FailWith(Fault::kNotFound, "Backup vault {} does not exist", name);
}

std::string_view TypeOf(const VaultRecord& vault) {
  return vault.air_gapped ? "LOGICALLY_AIR_GAPPED_BACKUP_VAULT" : "BACKUP_VAULT";
}

Result<Ptr<VaultRecord>> FindPlainVault(const VaultScope& scope, std::string_view name) {
  TM_TRY(auto vault, FindVault(scope, name));
  if (!vault->air_gapped) return vault;
  return FailWith(Fault::kInvalidRequest,
                  "Backup vault {} is logically air-gapped: backups are not made in it but copied "
                  "there. Name another vault of the Region, and this one's ARN as "
                  "LogicallyAirGappedBackupVaultArn (of a plan's rule: "
                  "TargetLogicallyAirGappedBackupVaultArn)",
                  name);
}

Ptr<VaultRecord> FindVaultByArn(const VaultStore& store, std::string_view arn) {
  const auto named = ParseVaultArn(arn);
  return named ? store.Find<VaultRecord>(named->place, named->name) : nullptr;
}

bool IsAirGapped(const VaultStore& store, std::string_view vault_arn) {
  const auto vault = FindVaultByArn(store, vault_arn);
  return vault && vault->air_gapped;
}

std::optional<Place> PlaceOfPoint(std::string_view arn) {
  constexpr std::string_view kHead = "arn:aws:dynamodb:";
  if (!arn.starts_with(kHead)) return std::nullopt;
  arn.remove_prefix(kHead.size());
  const size_t region = arn.find(':');
  const size_t account = region == std::string_view::npos ? region : arn.find(':', region + 1);
  if (account == std::string_view::npos) return std::nullopt;
  return Place{AccountId(std::string(arn.substr(region + 1, account - region - 1))),
               Region(std::string(arn.substr(0, region)))};
}

Ptr<PointRecord> FindPointAnywhere(const VaultStore& store, std::string_view arn) {
  const auto place = PlaceOfPoint(arn);
  return place ? store.Find<PointRecord>(*place, arn) : nullptr;
}

size_t CountPoints(const VaultScope& scope, std::string_view name) {
  return static_cast<size_t>(std::ranges::count_if(
      scope.store.List<PointRecord>(scope.place), [&](const auto& p) { return p->vault == name; }));
}

Result<Ptr<VaultRecord>> CreateVault(const VaultScope& scope, VaultRecord vault) {
  Tags tags;
  TM_TRYV(AddTags(vault.tags, &tags));
  vault.account = scope.place.account;
  vault.region = scope.place.region;
  vault.created = scope.now;
  const std::string name = vault.name;
  TM_TRYV(scope.store.Apply([&]() -> Result<Changes> {
    if (const auto old = scope.store.Find<VaultRecord>(scope.place, name)) {
      if (IsRepeated(vault, *old)) return Changes{};
      return Fail(AlreadyThere(*old));
    }
    if (scope.store.List<VaultRecord>(scope.place).size() >= kVaultsMax)
      return FailWith(Fault::kLimitExceeded, "There are {} backup vaults already", kVaultsMax);
    return Changes{vault};
  }));
  return FindVault(scope, name);
}

Result<void> DeleteVault(const VaultScope& scope, std::string_view name) {
  return scope.store.Apply([&]() -> Result<Changes> {
    TM_TRY(const auto vault, FindVault(scope, name));
    if (CountPoints(scope, name) > 0) {
      return Fail(MakeFault(Fault::kInvalidRequest,
                            "Backup vault cannot be deleted because it contains recovery points.",
                            "ERROR_9101"));
    }
    return Changes{Erase{PathOf(*vault)},
                   Erase{PathOf<NotificationSettingsRecord>(scope.place, name)}};
  });
}

Result<void> SetPolicy(const VaultScope& scope, std::string_view name, const std::string& policy) {
  if (!policy.empty()) {
    const auto parsed = policy::ParseDocument(policy, policy::DocumentKind::kResource);
    if (!parsed) {
      return FailWith(Fault::kInvalidParameter, "The policy is not valid: {}",
                      parsed.error().message);
    }
  }
  return EditVault(scope, name, [&](VaultRecord& vault) -> Result<void> {
    vault.policy = policy;
    return {};
  });
}

Result<void> Lock(const VaultScope& scope, std::string_view name, const LockRequest& request) {
  return EditVault(scope, name, [&](VaultRecord& vault) -> Result<void> {
    TM_TRYV(CheckMutable(vault, scope.now, "modified"));
    TM_TRY(vault.lock, MakeLock(request, scope.now));
    return {};
  });
}

Result<void> Unlock(const VaultScope& scope, std::string_view name) {
  return EditVault(scope, name, [&](VaultRecord& vault) -> Result<void> {
    TM_TRYV(CheckMutable(vault, scope.now, "deleted"));
    vault.lock.reset();
    return {};
  });
}

Result<void> AddTags(const Tags& added, Tags* tags) {
  Tags merged = *tags;
  for (const auto& [key, value] : added) {
    if (key.empty() || CharactersOf(key) > kTagKeyMax) {
      return FailWith(Fault::kInvalidParameter, "A tag key must have 1 to {} characters: {}",
                      kTagKeyMax, key);
    }
    if (policy::Lower(key).starts_with("aws:"))
      return FailWith(Fault::kInvalidParameter, "A tag key cannot begin with aws: : {}", key);
    if (CharactersOf(value) > kTagValueMax) {
      return FailWith(Fault::kInvalidParameter,
                      "The value of tag {} must have at most {} characters", key, kTagValueMax);
    }
    merged[key] = value;
  }
  if (merged.size() > kTagsMax)
    return FailWith(Fault::kInvalidParameter, "There can be {} tags at most", kTagsMax);
  *tags = std::move(merged);
  return {};
}

}  // namespace tidemark::vault
