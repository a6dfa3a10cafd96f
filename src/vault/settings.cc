#include "vault/settings.h"

namespace tidemark::vault {

GlobalSettingsRecord FindGlobalSettings(const VaultStore& store, const AccountId& first) {
  GlobalSettingsRecord settings;
  settings.account = first;
  const auto found = store.Find<GlobalSettingsRecord>(PlaceOf(settings), settings.id());
  return found ? *found : settings;
}

RegionSettingsRecord FindRegionSettings(const VaultStore& store, const Place& place) {
  RegionSettingsRecord settings;
  settings.account = place.account;
  settings.region = place.region;
  const auto found = store.Find<RegionSettingsRecord>(place, settings.id());
  return found ? *found : settings;
}

}  // namespace tidemark::vault
