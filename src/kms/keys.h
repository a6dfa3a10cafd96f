// Acts on keys, with the service's rules, quotas and texts. All that change something block and are
// durable on return (see KeyStore). Errors: faults (fault.h).
#pragma once
#include <string>
#include <string_view>

#include "kms/key_store.h"

namespace tidemark::kms {

inline constexpr std::string_view kServiceAlias = "alias/aws/dynamodb";
// A key that a service has of its own in each account and Region.
struct ServiceKey {
  std::string_view alias;    // by which it is found
  std::string_view service;  // "dynamodb": through which it can be used
  std::string_view description;
};
inline constexpr ServiceKey kDynamoDbKey{
    kServiceAlias, "dynamodb",
    "Default key that protects my DynamoDB data when no other key is defined"};
inline constexpr ServiceKey kBackupKey{
    "alias/aws/backup", "backup",
    "Default key that protects my Backup data when no other key is defined"};
inline constexpr std::string_view kReservedAliases = "alias/aws/";

// Of whom, and where.
struct KeyScope {
  KeyStore& store;
  AccountId account;
  Region region;
  Timestamp now;
};

// The policy a key has if its maker gives none: the account's own policies decide.
std::string DefaultKeyPolicy(const AccountId& account);
// kMalformedPolicy.
Result<void> CheckKeyPolicy(std::string_view text);

// The key that `name` means: an id, a key's ARN, an alias or an alias's ARN. kNotFound,
// kInvalidArn.
Result<KeyPtr> ResolveKey(const KeyScope& scope, std::string_view name);
// May it seal and open? kDisabled, kInvalidState.
Result<void> CheckUsable(const KeyRecord& key);
// The same, but a disabled key passes.
Result<void> CheckNotPendingDeletion(const KeyRecord& key);

// `key` has what the maker chose. kLimitExceeded, kTag, kMalformedPolicy.
Result<KeyPtr> CreateKey(const KeyScope& scope, KeyRecord key);
// A key that AWS Backup has for itself, of no account: its policy lets nobody do anything with it,
// no account lists it, and it counts for nobody's quota.
Result<KeyPtr> MakeKeptKey(KeyStore& store, const Region& region, Timestamp now);
bool IsKept(std::string_view arn);  // whether the key is such a one

// A service's own key of the account and Region, made at first use.
Result<KeyPtr> EnsureServiceKey(const KeyScope& scope, const ServiceKey& facts = kDynamoDbKey);
Result<void> EnableKey(const KeyScope& scope, const KeyId& id);
Result<void> DisableKey(const KeyScope& scope, const KeyId& id);
// `days`: 7 to 30.
Result<KeyPtr> ScheduleKeyDeletion(const KeyScope& scope, const KeyId& id, int64_t days);
Result<void> CancelKeyDeletion(const KeyScope& scope, const KeyId& id);
Result<void> TagKey(const KeyScope& scope, const KeyId& id,
                    const std::map<std::string, std::string>& tags);
// kTag.
Result<void> CheckKeyTags(const std::map<std::string, std::string>& tags);

Result<void> EnableRotation(const KeyScope& scope, const KeyId& id, std::optional<int64_t> days);
Result<void> DisableRotation(const KeyScope& scope, const KeyId& id);
Result<void> RotateOnDemand(const KeyScope& scope, const KeyId& id);

// kAlreadyExists, kInvalidAliasName, kReservedAlias, kLimitExceeded.
Result<void> CreateAlias(const KeyScope& scope, const std::string& name, const KeyRecord& key);
// kNotFound too.
Result<void> UpdateAlias(const KeyScope& scope, const std::string& name, const KeyRecord& key);
Result<void> DeleteAlias(const KeyScope& scope, const std::string& name);
Result<void> CheckAliasName(std::string_view name);
Error NoSuchAlias(const KeyScope& scope, std::string_view name);

// What is due by `now`: rotations, and deletions whose window is over. Regularly.
void TendKeys(KeyStore& store, Timestamp now);

}  // namespace tidemark::kms
