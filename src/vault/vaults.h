// Acts on vaults, with the service's rules and texts. All that change something block and are
// durable on return. Errors: faults (fault.h), beside those of storing.
#pragma once
#include <string>

#include "vault/vault_store.h"

namespace tidemark::vault {

struct VaultScope {
  VaultStore& store;
  Place place;
  Timestamp now;
};

// What an ARN of a vault names.
struct VaultRef {
  Place place;
  std::string name;
};
std::optional<VaultRef> ParseVaultArn(std::string_view arn);  // nothing: it is none

Result<Ptr<VaultRecord>> FindVault(const VaultScope& scope, std::string_view name);  // kNotFound
std::string_view TypeOf(const VaultRecord& vault);  // "BACKUP_VAULT"
// One that backups are made in. kInvalidRequest: it is logically air-gapped.
Result<Ptr<VaultRecord>> FindPlainVault(const VaultScope& scope, std::string_view name);
Ptr<VaultRecord> FindVaultByArn(const VaultStore& store, std::string_view arn);  // null: not there
// Whether the ARN is that of a logically air-gapped vault that is there.
bool IsAirGapped(const VaultStore& store, std::string_view vault_arn);
// Of the place a recovery point lies in; nothing: the ARN is none.
std::optional<Place> PlaceOfPoint(std::string_view arn);
Ptr<PointRecord> FindPointAnywhere(const VaultStore& store, std::string_view arn);  // null: nowhere

size_t CountPoints(const VaultScope& scope, std::string_view name);

// `vault` has what the maker chose; one that is air-gapped, its lock too. The same request with the
// same id is answered with the vault it made. kAlreadyExists, kLimitExceeded, kInvalidParameter
// (tags).
Result<Ptr<VaultRecord>> CreateVault(const VaultScope& scope, VaultRecord vault);
// kInvalidRequest: there are recovery points in it.
Result<void> DeleteVault(const VaultScope& scope, std::string_view name);
// Empty: none. kInvalidParameter.
Result<void> SetPolicy(const VaultScope& scope, std::string_view name, const std::string& policy);
// Locks it, or changes the lock. kInvalidRequest: that is not to be changed any more.
Result<void> Lock(const VaultScope& scope, std::string_view name, const LockRequest& request);
Result<void> Unlock(const VaultScope& scope, std::string_view name);  // likewise

// kInvalidParameter; `tags` is then as it was.
Result<void> AddTags(const Tags& added, Tags* tags);

}  // namespace tidemark::vault
