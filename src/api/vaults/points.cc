// Recovery points.
#include "vault/points.h"

#include "api/vaults/handlers.h"
#include "api/vaults/shapes_gen.h"
#include "vault/fault.h"

namespace tidemark::api::vault_rest {

namespace {

bool IsMeant(const ListRecoveryPointsByBackupVaultInput& input, const vault::PointRecord& point) {
  return point.vault == *input.backup_vault_name &&
         point.table_arn == input.by_resource_arn.value_or(point.table_arn) &&
         input.by_resource_type.value_or("DynamoDB") == "DynamoDB" &&
         (!input.by_backup_plan_id ||
          (point.created_by && point.created_by->plan_id == *input.by_backup_plan_id)) &&
         !input.by_parent_recovery_point_arn &&
         (!input.by_created_before || point.created < *input.by_created_before) &&
         (!input.by_created_after || point.created > *input.by_created_after);
}

// A recovery point, or a backup that was made without AWS Backup.
struct OfResource {
  std::string arn;
  Timestamp created;
  std::string_view status;
  std::string key_arn, vault, name;
  int64_t bytes;
  std::string_view vault_type = {};
};

OfResource ToEntry(const VaultCall& call, const vault::PointRecord& point) {
  const auto vault = call.scope.store.Find<vault::VaultRecord>(call.scope.place, point.vault);
  return {point.arn,
          point.created,
          vault::ToString(point.status),
          point.key_arn,
          point.vault,
          point.table_name,
          point.bytes,
          vault ? vault::TypeOf(*vault) : std::string_view()};
}

OfResource ToEntry(const catalog::BackupRecord& backup) {
  const bool made = backup.status == catalog::BackupStatus::kAvailable;
  return {backup.Arn(),
          backup.created,
          made ? "COMPLETED" : "CREATING",
          backup.source.sse.enabled ? backup.source.sse.key_arn : "",
          "",
          backup.source.name,
          static_cast<int64_t>(backup.image.totals.bytes)};
}

void WriteEntry(const OfResource& entry, JsonWriter* w) {
  w->Field("RecoveryPointArn", entry.arn);
  w->Key("CreationDate").EpochMillis(entry.created);
  w->Field("Status", entry.status);
  if (!entry.key_arn.empty()) w->Field("EncryptionKeyArn", entry.key_arn);
  w->Field("BackupSizeBytes", entry.bytes);
  if (!entry.vault.empty())
    w->Field("BackupVaultName", entry.vault).Field("VaultType", entry.vault_type);
  w->Field("ResourceName", entry.name).FieldBool("IsParent", false);
}

void PointHead(const vault::PointRecord& point, JsonWriter* w) {
  w->BeginObject().Field("BackupVaultArn", point.VaultArn());
  w->Field("RecoveryPointArn", point.arn);
}

// What a point would have to be continuous or part of another for: those of tables never are.
template <class Input>
Error RefusalOf(const VaultCall& call, const Input& input, std::string_view why) {
  const auto point =
      vault::FindPoint(call.scope, *input.backup_vault_name, *input.recovery_point_arn);
  if (!point) return point.error();
  return vault::MakeFault(vault::Fault::kInvalidRequest,
                          fmt::format("Recovery point {} {}", (*point)->arn, why));
}

}  // namespace

Result<std::string> DescribeRecoveryPoint(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDescribeRecoveryPoint(body));
  const auto scope = OwnerScope(call, input.backup_vault_account_id);
  TM_TRY(const auto point,
         vault::FindPoint(scope, *input.backup_vault_name, *input.recovery_point_arn));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject();
  WritePoint(call, *point, &w);
  w.Field("StorageClass", point->IsCold() ? "COLD" : "WARM").EndObject();
  return answer;
}

Result<std::string> ListRecoveryPointsByBackupVault(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListRecoveryPointsByBackupVault(body));
  const auto scope = OwnerScope(call, input.backup_vault_account_id);
  TM_TRYV(vault::FindVault(scope, *input.backup_vault_name));
  auto points = scope.store.List<vault::PointRecord>(scope.place);
  std::erase_if(points, [&](const auto& point) { return !IsMeant(input, *point); });
  return PageAnswer(
      "RecoveryPoints", std::move(points), {input.max_results, input.next_token},
      [](const auto& point) { return NewestFirst(point->created, point->arn); },
      [&](const auto& point, JsonWriter* w) { WritePoint(call, *point, w); });
}

Result<std::string> ListRecoveryPointsByResource(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListRecoveryPointsByResource(body));
  std::vector<OfResource> entries;
  for (const auto& point : call.scope.store.List<vault::PointRecord>(call.scope.place)) {
    if (point->table_arn == *input.resource_arn) entries.push_back(ToEntry(call, *point));
  }
  const auto& place = call.scope.place;
  if (!input.managed_by_aws_backup_only.value_or(false)) {
    for (const auto& backup : call.services.catalog.Backups(place.account, place.region)) {
      if (backup->type == catalog::BackupType::kUser && backup->source.Arn() == *input.resource_arn)
        entries.push_back(ToEntry(*backup));
    }
  }
  return PageAnswer(
      "RecoveryPoints", std::move(entries), {input.max_results, input.next_token},
      [](const OfResource& entry) { return NewestFirst(entry.created, entry.arn); }, WriteEntry);
}

Result<std::string> GetRecoveryPointRestoreMetadata(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseGetRecoveryPointRestoreMetadata(body));
  const auto scope = OwnerScope(call, input.backup_vault_account_id);
  TM_TRY(const auto point,
         vault::FindPoint(scope, *input.backup_vault_name, *input.recovery_point_arn));
  std::string answer;
  JsonWriter w(&answer);
  PointHead(*point, &w);
  WriteTextMap("RestoreMetadata", vault::RestoreJobs::MetadataOf(*point), &w);
  w.Field("ResourceType", "DynamoDB").EndObject();
  return answer;
}

Result<std::string> UpdateRecoveryPointLifecycle(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseUpdateRecoveryPointLifecycle(body));
  vault::Lifecycle lifecycle;  // what is not given is taken away
  if (input.lifecycle) {
    TM_TRY(lifecycle, vault::MakeLifecycle(input.lifecycle->move_to_cold_storage_after_days,
                                           input.lifecycle->delete_after_days));
  }
  TM_TRY(const auto point, vault::UpdateLifecycle(call.scope, *input.backup_vault_name,
                                                  *input.recovery_point_arn, lifecycle));
  std::string answer;
  JsonWriter w(&answer);
  PointHead(*point, &w);
  WriteLifecycles(*point, &w);
  w.EndObject();
  return answer;
}

Result<std::string> DeleteRecoveryPoint(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDeleteRecoveryPoint(body));
  TM_TRYV(vault::DeletePoint(call.scope, call.services.catalog, *input.backup_vault_name,
                             *input.recovery_point_arn));
  call.services.worker.Wake();
  return std::string();
}

Result<std::string> DisassociateRecoveryPoint(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDisassociateRecoveryPoint(body));
  return Fail(RefusalOf(call, input,
                        "is a snapshot: only continuous backups can be disassociated. "
                        "DeleteRecoveryPoint deletes it"));
}

Result<std::string> DisassociateRecoveryPointFromParent(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDisassociateRecoveryPointFromParent(body));
  return Fail(
      RefusalOf(call, input, "has no parent: it is not part of a composite recovery point"));
}

}  // namespace tidemark::api::vault_rest
