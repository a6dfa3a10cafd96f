#include "kms/keys.h"

#include <algorithm>

#include "base/log.h"
#include "kms/fault.h"
#include "policy/document.h"

namespace tidemark::kms {
namespace {

constexpr size_t kKeysMax = 100'000;          // of an account and Region
constexpr size_t kAliasesMax = 50;            // of a key
constexpr size_t kTagsMax = 50;               // of a key
constexpr size_t kOnDemandRotationsMax = 25;  // of a key
constexpr size_t kPolicyBytesMax = 32'768;
constexpr int64_t kWindowDaysMin = 7;
constexpr int64_t kWindowDaysMax = 30;
// In place of an account, in keys of none. No account has such a number.
constexpr std::string_view kKeeper = "aws-backup";
constexpr std::string_view kNobodyPolicy =
    R"({"Version":"2012-10-17","Id":"nobody","Statement":[{"Sid":"Kept by AWS Backup",)"
    R"("Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*"}]})";

// Uses through the service by whoever may use that in the account; the account may look.
std::string ServiceKeyPolicy(const AccountId& account, const Region& region,
                             const ServiceKey& facts) {
  return fmt::format(
      R"({{"Version":"2012-10-17","Id":"auto-{2}-1","Statement":[)"
      R"({{"Sid":"Use through {3}","Effect":"Allow","Principal":{{"AWS":"*"}},)"
      R"("Action":["kms:Encrypt","kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*",)"
      R"("kms:CreateGrant","kms:DescribeKey"],"Resource":"*","Condition":{{"StringEquals":)"
      R"({{"kms:CallerAccount":"{0}","kms:ViaService":"{2}.{1}.amazonaws.com"}}}}}},)"
      R"({{"Sid":"Look at it","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{0}:root"}},)"
      R"("Action":["kms:Describe*","kms:Get*","kms:List*"],"Resource":"*"}}]}})",
      account.value, region.value, facts.service,
      facts.service == "dynamodb" ? "DynamoDB" : "AWS Backup");
}

struct ArnParts {
  std::string_view region;
  std::string_view account;
  std::string_view resource;  // "key/..." or "alias/..."
};

std::optional<ArnParts> SplitArn(std::string_view arn) {
  constexpr std::string_view kPrefix = "arn:aws:kms:";
  if (!arn.starts_with(kPrefix)) return std::nullopt;
  arn.remove_prefix(kPrefix.size());
  const size_t first = arn.find(':');
  if (first == std::string_view::npos) return std::nullopt;
  const size_t second = arn.find(':', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  return ArnParts{arn.substr(0, first), arn.substr(first + 1, second - first - 1),
                  arn.substr(second + 1)};
}

Result<KeyPtr> FindKey(const KeyScope& scope, std::string_view id) {
  const auto parsed = KeyId::Parse(id);
  if (!parsed) return FailWith(Fault::kNotFound, "Invalid keyId '{}'", id);
  auto key = scope.store.Find(*parsed);
  if (!key || key->state == KeyState::kDeleted || key->account != scope.account ||
      key->region != scope.region) {
    return FailWith(Fault::kNotFound, "Key 'arn:aws:kms:{}:{}:key/{}' does not exist",
                    scope.region.value, scope.account.value, id);
  }
  return key;
}

Result<KeyPtr> FindByAlias(const KeyScope& scope, std::string_view name) {
  const auto alias = scope.store.FindAlias(scope.account, scope.region, name);
  if (!alias) return Fail(NoSuchAlias(scope, name));
  return FindKey(scope, alias->key.ToString());
}

Result<void> SetState(const KeyScope& scope, const KeyId& id, KeyState state) {
  TM_TRYV(scope.store.Edit(id, [&](KeyRecord& key) -> Result<void> {
    TM_TRYV(CheckNotPendingDeletion(key));
    key.state = state;
    return {};
  }));
  return {};
}

}  // namespace

std::string DefaultKeyPolicy(const AccountId& account) {
  return fmt::format(R"({{"Version":"2012-10-17","Id":"key-default-1","Statement":[{{"Sid":)"
                     R"("Enable IAM User Permissions","Effect":"Allow","Principal":{{"AWS":)"
                     R"("arn:aws:iam::{}:root"}},"Action":"kms:*","Resource":"*"}}]}})",
                     account.value);
}

Result<void> CheckKeyPolicy(std::string_view text) {
  if (text.size() > kPolicyBytesMax) {
    return FailWith(Fault::kLimitExceeded, "The key policy is larger than {} bytes",
                    kPolicyBytesMax);
  }
  const auto document = policy::ParseDocument(text, policy::DocumentKind::kResource);
  if (!document) return FailWith(Fault::kMalformedPolicy, "{}", document.error().message);
  return {};
}

Error NoSuchAlias(const KeyScope& scope, std::string_view name) {
  return MakeFault(Fault::kNotFound, fmt::format("Alias arn:aws:kms:{}:{}:{} is not found.",
                                                 scope.region.value, scope.account.value, name));
}

Result<KeyPtr> ResolveKey(const KeyScope& scope, std::string_view name) {
  if (name.starts_with("alias/")) return FindByAlias(scope, name);
  if (!name.starts_with("arn:")) return FindKey(scope, name);
  const auto parts = SplitArn(name);
  if (!parts) return FailWith(Fault::kInvalidArn, "Invalid arn {}", name);
  if (parts->region != scope.region.value)
    return FailWith(Fault::kNotFound, "Invalid arn {}", parts->region);
  const KeyScope owner{scope.store, AccountId(std::string(parts->account)), scope.region,
                       scope.now};
  if (parts->resource.starts_with("alias/")) return FindByAlias(owner, parts->resource);
  if (!parts->resource.starts_with("key/"))
    return FailWith(Fault::kInvalidArn, "Invalid arn {}", name);
  return FindKey(owner, parts->resource.substr(4));
}

Result<void> CheckNotPendingDeletion(const KeyRecord& key) {
  if (key.state == KeyState::kPendingDeletion || key.state == KeyState::kDeleted)
    return FailWith(Fault::kInvalidState, "{} is pending deletion.", key.Arn());
  return {};
}

Result<void> CheckUsable(const KeyRecord& key) {
  TM_TRYV(CheckNotPendingDeletion(key));
  if (key.state == KeyState::kDisabled)
    return FailWith(Fault::kDisabled, "{} is disabled.", key.Arn());
  return {};
}

Result<void> CheckKeyTags(const std::map<std::string, std::string>& tags) {
  if (tags.size() > kTagsMax) return FailWith(Fault::kTag, "Too many tags");
  for (const auto& [key, value] : tags) {
    if (key.starts_with("aws:"))
      return FailWith(Fault::kTag, "Tag keys that begin with aws: are reserved: {}", key);
  }
  return {};
}

Result<KeyPtr> CreateKey(const KeyScope& scope, KeyRecord key) {
  TM_TRYV(CheckKeyTags(key.tags));
  if (key.policy.empty()) key.policy = DefaultKeyPolicy(scope.account);
  TM_TRYV(CheckKeyPolicy(key.policy));
  if (scope.store.Keys(scope.account, scope.region).size() >= kKeysMax) {
    return FailWith(Fault::kLimitExceeded,
                    "The account has {} keys in this Region, which is the "
                    "most",
                    kKeysMax);
  }
  key.account = scope.account;
  key.region = scope.region;
  key.id = KeyId::Make(scope.store.random());
  key.created = scope.now;
  return scope.store.Insert(std::move(key));
}

Result<KeyPtr> MakeKeptKey(KeyStore& store, const Region& region, Timestamp now) {
  KeyRecord key;
  key.account = AccountId(std::string(kKeeper));
  key.region = region;
  key.id = KeyId::Make(store.random());
  key.of_service = true;
  key.description = "Protects a logically air-gapped backup vault";
  key.created = now;
  key.policy = kNobodyPolicy;
  key.rotation = {.enabled = true, .period_days = 365, .from = now};
  return store.Insert(std::move(key));
}

bool IsKept(std::string_view arn) {
  const auto parts = SplitArn(arn);
  return parts && parts->account == kKeeper;
}

Result<KeyPtr> EnsureServiceKey(const KeyScope& scope, const ServiceKey& facts) {
  if (auto key = FindByAlias(scope, facts.alias)) return key;
  KeyRecord key;
  key.of_service = true;
  key.description = facts.description;
  key.policy = ServiceKeyPolicy(scope.account, scope.region, facts);
  key.rotation = {.enabled = true, .period_days = 365, .from = scope.now};
  TM_TRY(const KeyPtr made, CreateKey(scope, std::move(key)));
  AliasRecord alias{.account = scope.account,
                    .region = scope.region,
                    .name = std::string(facts.alias),
                    .key = made->id,
                    .created = scope.now,
                    .updated = scope.now};
  auto put = scope.store.PutAlias(std::move(alias), [](const AliasRecord* old) -> Result<void> {
    if (old) return FailWith(Fault::kAlreadyExists, "");
    return {};
  });
  if (put) return made;
  TM_TRYV(scope.store.Destroy(made->id));
  // Somebody else was quicker.
  if (const auto* fault = FaultOf(put.error()); fault && fault->fault == Fault::kAlreadyExists)
    return FindByAlias(scope, facts.alias);
  return Fail(std::move(put).error());
}

Result<void> EnableKey(const KeyScope& scope, const KeyId& id) {
  return SetState(scope, id, KeyState::kEnabled);
}

Result<void> DisableKey(const KeyScope& scope, const KeyId& id) {
  return SetState(scope, id, KeyState::kDisabled);
}

Result<KeyPtr> ScheduleKeyDeletion(const KeyScope& scope, const KeyId& id, int64_t days) {
  if (days < kWindowDaysMin || days > kWindowDaysMax) {
    return Fail(ErrorKind::kValidation, "PendingWindowInDays must be between {} and {}",
                kWindowDaysMin, kWindowDaysMax);
  }
  return scope.store.Edit(id, [&](KeyRecord& key) -> Result<void> {
    TM_TRYV(CheckNotPendingDeletion(key));
    key.state = KeyState::kPendingDeletion;
    key.deletion = scope.now + std::chrono::hours(24) * days;
    return {};
  });
}

Result<void> CancelKeyDeletion(const KeyScope& scope, const KeyId& id) {
  TM_TRYV(scope.store.Edit(id, [](KeyRecord& key) -> Result<void> {
    if (key.state != KeyState::kPendingDeletion)
      return FailWith(Fault::kInvalidState, "{} is not pending deletion.", key.Arn());
    key.state = KeyState::kDisabled;  // as in the service: who wants it enables it
    key.deletion.reset();
    return {};
  }));
  return {};
}

Result<void> TagKey(const KeyScope& scope, const KeyId& id,
                    const std::map<std::string, std::string>& tags) {
  TM_TRYV(CheckKeyTags(tags));
  TM_TRYV(scope.store.Edit(id, [&](KeyRecord& key) -> Result<void> {
    TM_TRYV(CheckNotPendingDeletion(key));
    for (const auto& [name, value] : tags) key.tags[name] = value;
    return CheckKeyTags(key.tags);
  }));
  return {};
}

Result<void> EnableRotation(const KeyScope& scope, const KeyId& id, std::optional<int64_t> days) {
  TM_TRYV(scope.store.Edit(id, [&](KeyRecord& key) -> Result<void> {
    TM_TRYV(CheckUsable(key));
    const int period = days ? static_cast<int>(*days) : 365;
    if (!key.rotation.enabled || key.rotation.period_days != period) key.rotation.from = scope.now;
    key.rotation.enabled = true;
    key.rotation.period_days = period;
    return {};
  }));
  return {};
}

Result<void> DisableRotation(const KeyScope& scope, const KeyId& id) {
  TM_TRYV(scope.store.Edit(id, [](KeyRecord& key) -> Result<void> {
    TM_TRYV(CheckUsable(key));
    key.rotation.enabled = false;
    return {};
  }));
  return {};
}

Result<void> RotateOnDemand(const KeyScope& scope, const KeyId& id) {
  const auto check = [](KeyRecord& key) -> Result<void> {
    TM_TRYV(CheckUsable(key));
    const auto before =
        std::ranges::count(key.materials, RotationType::kOnDemand, &KeyMaterial::rotation);
    if (static_cast<size_t>(before) < kOnDemandRotationsMax) return {};
    return FailWith(Fault::kLimitExceeded, "{} was rotated on demand {} times, which is the most",
                    key.Arn(), kOnDemandRotationsMax);
  };
  TM_TRYV(scope.store.Rotate(id, RotationType::kOnDemand, scope.now, check));
  return {};
}

Result<void> CheckAliasName(std::string_view name) {
  if (name.starts_with(kReservedAliases)) return FailWith(Fault::kReservedAlias, "");
  if (!name.starts_with("alias/") || name.size() == 6)
    return FailWith(Fault::kInvalidAliasName, "Invalid identifier");
  return {};
}

Result<void> CreateAlias(const KeyScope& scope, const std::string& name, const KeyRecord& key) {
  TM_TRYV(CheckAliasName(name));
  TM_TRYV(CheckNotPendingDeletion(key));
  if (scope.store.AliasesOf(key).size() >= kAliasesMax) {
    return FailWith(Fault::kLimitExceeded, "{} has {} aliases, which is the most", key.Arn(),
                    kAliasesMax);
  }
  AliasRecord alias{.account = scope.account,
                    .region = scope.region,
                    .name = name,
                    .key = key.id,
                    .created = scope.now,
                    .updated = scope.now};
  return scope.store.PutAlias(std::move(alias), [](const AliasRecord* old) -> Result<void> {
    if (!old) return {};
    return FailWith(Fault::kAlreadyExists, "An alias with the name {} already exists", old->Arn());
  });
}

Result<void> UpdateAlias(const KeyScope& scope, const std::string& name, const KeyRecord& key) {
  TM_TRYV(CheckAliasName(name));
  TM_TRYV(CheckNotPendingDeletion(key));
  AliasRecord alias{.account = scope.account,
                    .region = scope.region,
                    .name = name,
                    .key = key.id,
                    .created = scope.now,
                    .updated = scope.now};
  return scope.store.PutAlias(std::move(alias), [&](const AliasRecord* old) -> Result<void> {
    return old ? Result<void>() : Fail(NoSuchAlias(scope, name));
  });
}

Result<void> DeleteAlias(const KeyScope& scope, const std::string& name) {
  TM_TRYV(CheckAliasName(name));
  const auto alias = scope.store.FindAlias(scope.account, scope.region, name);
  if (!alias) return Fail(NoSuchAlias(scope, name));
  return scope.store.EraseAlias(*alias);
}

void TendKeys(KeyStore& store, Timestamp now) {
  for (const auto& key : store.AllKeys()) {
    Result<void> done;
    const auto next = key->NextRotation();
    if (key->state == KeyState::kPendingDeletion && key->deletion <= now) {
      done = store.Destroy(key->id);
      if (done) LogInfo("key {} and its material are deleted, as was scheduled", key->Arn());
    } else if (key->state == KeyState::kEnabled && next && *next <= now) {
      auto rotated =
          store.Rotate(key->id, RotationType::kAutomatic, now,
                       [](KeyRecord& newest) -> Result<void> { return CheckUsable(newest); });
      if (!rotated) done = Fail(std::move(rotated).error());
    }
    if (!done) LogError("key {} was not tended: {}", key->Arn(), done.error().message);
  }
}

}  // namespace tidemark::kms
