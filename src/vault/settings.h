// Settings as they stand, those that nobody has changed too.
#pragma once
#include "vault/vault_store.h"

namespace tidemark::vault {

// Whether accounts may copy to each other: as the account that the server began with has said.
GlobalSettingsRecord FindGlobalSettings(const VaultStore& store, const AccountId& first);
RegionSettingsRecord FindRegionSettings(const VaultStore& store, const Place& place);

}  // namespace tidemark::vault
