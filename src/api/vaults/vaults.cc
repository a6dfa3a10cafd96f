// Vaults of both types, their policies and their locks.
#include <algorithm>

#include "api/vaults/handlers.h"
#include "api/vaults/shapes_gen.h"
#include "base/log.h"
#include "kms/keys.h"
#include "vault/fault.h"
#include "vault/plan_templates.h"

namespace tidemark::api::vault_rest {

namespace {

// The key a new vault is under; AWS Backup's own if none is named.
Result<std::string> KeyOfVault(const VaultCall& call, const std::optional<std::string>& named) {
  const kms::KeyScope scope{call.services.keys, call.scope.place.account, call.scope.place.region,
                            call.scope.now};
  TM_TRY(const auto key,
         named ? kms::ResolveKey(scope, *named) : kms::EnsureServiceKey(scope, kms::kBackupKey));
  TM_TRYV(kms::CheckUsable(*key));
  return key->Arn();
}

// In the order of the model.
constexpr std::string_view kVaultTypes[] = {"BACKUP_VAULT", "LOGICALLY_AIR_GAPPED_BACKUP_VAULT",
                                            "RESTORE_ACCESS_BACKUP_VAULT"};

std::string NameAndArn(const vault::VaultRecord& vault, std::string_view member,
                       const std::string& value) {
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Field("BackupVaultName", vault.name).Field("BackupVaultArn", vault.Arn());
  w.Field(member, value).EndObject();
  return answer;
}

}  // namespace

Result<std::string> CreateBackupVault(const VaultCall& call, JsonValue body) {
  TM_TRY(auto input, ParseCreateBackupVault(body));
  vault::VaultRecord wanted;
  wanted.name = *std::move(input.backup_vault_name);
  wanted.creator_request_id = input.creator_request_id.value_or("");
  wanted.tags = ToTags(input.backup_vault_tags);
  TM_TRY(wanted.key_arn, KeyOfVault(call, input.encryption_key_arn));
  TM_TRY(const auto vault, vault::CreateVault(call.scope, std::move(wanted)));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Field("BackupVaultName", vault->name).Field("BackupVaultArn", vault->Arn());
  w.Key("CreationDate").EpochMillis(vault->created).EndObject();
  return answer;
}

// Its key is made with it, unless one is named: of no account, so that none can disable or delete
// it.
Result<std::string> CreateLogicallyAirGappedBackupVault(const VaultCall& call, JsonValue body) {
  TM_TRY(auto input, ParseCreateLogicallyAirGappedBackupVault(body));
  vault::VaultRecord wanted;
  wanted.air_gapped = true;
  wanted.name = *std::move(input.backup_vault_name);
  wanted.creator_request_id = input.creator_request_id.value_or("");
  wanted.tags = ToTags(input.backup_vault_tags);
  TM_TRY(wanted.lock, vault::MakeAirGappedLock(*input.min_retention_days, *input.max_retention_days,
                                               call.scope.now));
  const auto old = call.scope.store.Find<vault::VaultRecord>(call.scope.place, wanted.name);
  kms::KeyPtr made;
  if (input.encryption_key_arn) {
    TM_TRY(wanted.key_arn, KeyOfVault(call, input.encryption_key_arn));
  } else if (old && kms::IsKept(old->key_arn)) {
    wanted.key_arn = old->key_arn;
  } else {
    TM_TRY(made, kms::MakeKeptKey(call.services.keys, call.scope.place.region, call.scope.now));
    wanted.key_arn = made->Arn();
  }
  const auto vault = vault::CreateVault(call.scope, std::move(wanted));
  if (made && (!vault || (*vault)->key_arn != made->Arn())) {
    if (auto destroyed = call.services.keys.Destroy(made->id); !destroyed)
      LogWarn("key {}, of no vault, stays: {}", made->Arn(), destroyed.error().message);
  }
  if (!vault) return Fail(vault.error());
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Field("BackupVaultName", (*vault)->name);
  w.Field("BackupVaultArn", (*vault)->Arn());
  w.Key("CreationDate").EpochMillis((*vault)->created);
  w.Field("VaultState", "AVAILABLE").EndObject();
  return answer;
}

Result<void> EnsureDefaultVault(const VaultCall& call, const vault::PlanDocument& document) {
  const auto named = std::ranges::find(document.rules, vault::kDefaultVault,
                                       &vault::PlanRule::vault) != document.rules.end();
  const auto& scope = call.scope;
  if (!named || scope.store.Find<vault::VaultRecord>(scope.place, vault::kDefaultVault)) return {};
  codec::JsonParser parser;
  const std::string body = fmt::format(R"({{"BackupVaultName":"{}"}})", vault::kDefaultVault);
  TM_TRY(const auto json, parser.Parse(body));
  if (!AuthorizeCall(call, *policy::FindBackupAction("CreateBackupVault"), json)) return {};
  auto made = CreateBackupVault(call, json);
  const auto* fault = made ? nullptr : vault::FaultOf(made.error());
  if (made || (fault && fault->fault == vault::Fault::kAlreadyExists)) return {};
  return Fail(made.error());
}

Result<std::string> DescribeBackupVault(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDescribeBackupVault(body));
  const auto scope = OwnerScope(call, input.backup_vault_account_id);
  TM_TRY(const auto vault, vault::FindVault(scope, *input.backup_vault_name));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject();
  WriteVault(call, *vault, &w);
  w.EndObject();
  return answer;
}

Result<std::string> ListBackupVaults(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListBackupVaults(body));
  auto vaults = input.by_shared.value_or(false)
                    ? SharedVaults(call, body)
                    : call.scope.store.List<vault::VaultRecord>(call.scope.place);
  std::erase_if(vaults, [&](const auto& vault) {
    return input.by_vault_type &&
           vault::TypeOf(*vault) != kVaultTypes[static_cast<size_t>(*input.by_vault_type)];
  });
  return PageAnswer(
      "BackupVaultList", std::move(vaults), {input.max_results, input.next_token},
      [](const auto& vault) { return vault->name + "\n" + vault->account.value; },
      [&](const auto& vault, JsonWriter* w) { WriteVault(call, *vault, w); });
}

Result<std::string> DeleteBackupVault(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDeleteBackupVault(body));
  TM_TRYV(vault::DeleteVault(call.scope, *input.backup_vault_name));
  return std::string();
}

Result<std::string> PutBackupVaultAccessPolicy(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParsePutBackupVaultAccessPolicy(body));
  if (!input.policy || input.policy->empty())
    return vault::FailWith(vault::Fault::kMissingParameter, "Policy is missing");
  TM_TRYV(vault::SetPolicy(call.scope, *input.backup_vault_name, *input.policy));
  return std::string();
}

Result<std::string> GetBackupVaultAccessPolicy(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseGetBackupVaultAccessPolicy(body));
  TM_TRY(const auto vault, vault::FindVault(call.scope, *input.backup_vault_name));
  if (vault->policy.empty()) {
    return vault::FailWith(vault::Fault::kNotFound, "Backup vault {} has no access policy",
                           vault->name);
  }
  return NameAndArn(*vault, "Policy", vault->policy);
}

Result<std::string> DeleteBackupVaultAccessPolicy(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDeleteBackupVaultAccessPolicy(body));
  TM_TRYV(vault::SetPolicy(call.scope, *input.backup_vault_name, ""));
  return std::string();
}

Result<std::string> PutBackupVaultLockConfiguration(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParsePutBackupVaultLockConfiguration(body));
  TM_TRYV(vault::Lock(call.scope, *input.backup_vault_name,
                      {.min_days = input.min_retention_days,
                       .max_days = input.max_retention_days,
                       .changeable_days = input.changeable_for_days}));
  return std::string();
}

Result<std::string> DeleteBackupVaultLockConfiguration(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDeleteBackupVaultLockConfiguration(body));
  TM_TRYV(vault::Unlock(call.scope, *input.backup_vault_name));
  return std::string();
}

}  // namespace tidemark::api::vault_rest
