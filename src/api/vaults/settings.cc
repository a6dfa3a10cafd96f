// Settings of all accounts, and of each account and Region.
#include "vault/settings.h"

#include "api/vaults/handlers.h"
#include "api/vaults/shapes_gen.h"
#include "vault/fault.h"

namespace tidemark::api::vault_rest {

namespace {

constexpr std::string_view kAcrossAccounts = "isCrossAccountBackupEnabled";
// What is told, and is to stay as it is.
constexpr std::string_view kOtherSettings[] = {"isDelegatedAdministratorEnabled", "isMpaEnabled"};
constexpr std::string_view kOnlyType = "DynamoDB";

std::string_view TextOf(bool on) { return on ? "true" : "false"; }

Result<void> RefuseMembers(const VaultCall& call) {
  if (call.scope.place.account == call.services.first_account) return {};
  return vault::FailWith(vault::Fault::kInvalidRequest,
                         "Only the management account of the organization, {}, may do this",
                         call.services.first_account.value);
}

// Takes over what a preference says of DynamoDB; of other types it can only say no.
Result<void> TakePreference(const std::optional<std::vector<std::pair<std::string, bool>>>& given,
                            std::string_view member, bool* value) {
  if (!given) return {};
  for (const auto& [type, on] : *given) {
    if (type != kOnlyType && on) {
      return vault::FailWith(vault::Fault::kInvalidParameter, "{}: {} is not supported", member,
                             type);
    }
    if (type == kOnlyType) *value = on;
  }
  return {};
}

}  // namespace

Result<std::string> DescribeGlobalSettings(const VaultCall& call, JsonValue body) {
  TM_TRYV(ParseDescribeGlobalSettings(body));
  const auto settings = vault::FindGlobalSettings(call.scope.store, call.services.first_account);
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Key("GlobalSettings").BeginObject();
  w.Field(kAcrossAccounts, TextOf(settings.across_accounts));
  for (const std::string_view other : kOtherSettings) w.Field(other, TextOf(false));
  w.EndObject();
  if (settings.updated != Timestamp{}) w.Key("LastUpdateTime").EpochMillis(settings.updated);
  w.EndObject();
  return answer;
}

Result<std::string> UpdateGlobalSettings(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseUpdateGlobalSettings(body));
  TM_TRYV(RefuseMembers(call));
  std::optional<bool> across_accounts;
  for (const auto& [name, value] : ToTags(input.global_settings)) {
    const bool others = std::ranges::find(kOtherSettings, name) != std::end(kOtherSettings);
    if ((name != kAcrossAccounts && !others) || (value != "true" && value != "false") ||
        (others && value == "true")) {
      return vault::FailWith(vault::Fault::kInvalidParameter, "Invalid global setting {}: {}", name,
                             value);
    }
    if (!others) across_accounts = value == "true";
  }
  if (!across_accounts) return std::string();
  auto& store = call.scope.store;
  TM_TRYV(store.Apply([&]() -> Result<vault::Changes> {
    auto settings = vault::FindGlobalSettings(store, call.services.first_account);
    settings.across_accounts = *across_accounts;
    settings.updated = call.scope.now;
    return vault::Changes{std::move(settings)};
  }));
  return std::string();
}

Result<std::string> DescribeRegionSettings(const VaultCall& call, JsonValue body) {
  TM_TRYV(ParseDescribeRegionSettings(body));
  const auto settings = vault::FindRegionSettings(call.scope.store, call.scope.place);
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Key("ResourceTypeOptInPreference").BeginObject();
  w.FieldBool(kOnlyType, settings.opted_in).EndObject();
  w.Key("ResourceTypeManagementPreference").BeginObject();
  w.FieldBool(kOnlyType, settings.managed).EndObject().EndObject();
  return answer;
}

Result<std::string> UpdateRegionSettings(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseUpdateRegionSettings(body));
  auto& store = call.scope.store;
  TM_TRYV(store.Apply([&]() -> Result<vault::Changes> {
    auto settings = vault::FindRegionSettings(store, call.scope.place);
    TM_TRYV(TakePreference(input.resource_type_opt_in_preference, "ResourceTypeOptInPreference",
                           &settings.opted_in));
    TM_TRYV(TakePreference(input.resource_type_management_preference,
                           "ResourceTypeManagementPreference", &settings.managed));
    return vault::Changes{std::move(settings)};
  }));
  return std::string();
}

}  // namespace tidemark::api::vault_rest
