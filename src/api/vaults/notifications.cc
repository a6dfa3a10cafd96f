// Which events of vaults are told.
#include "vault/notifications.h"

#include "api/vaults/handlers.h"
#include "api/vaults/shapes_gen.h"

namespace tidemark::api::vault_rest {

namespace {

constexpr std::string_view kEventNames[] = {"BACKUP_JOB_STARTED",
                                            "BACKUP_JOB_COMPLETED",
                                            "BACKUP_JOB_SUCCESSFUL",
                                            "BACKUP_JOB_FAILED",
                                            "BACKUP_JOB_EXPIRED",
                                            "RESTORE_JOB_STARTED",
                                            "RESTORE_JOB_COMPLETED",
                                            "RESTORE_JOB_SUCCESSFUL",
                                            "RESTORE_JOB_FAILED",
                                            "COPY_JOB_STARTED",
                                            "COPY_JOB_SUCCESSFUL",
                                            "COPY_JOB_FAILED",
                                            "RECOVERY_POINT_MODIFIED",
                                            "BACKUP_PLAN_CREATED",
                                            "BACKUP_PLAN_MODIFIED",
                                            "S3_BACKUP_OBJECT_FAILED",
                                            "S3_RESTORE_OBJECT_FAILED",
                                            "CONTINUOUS_BACKUP_INTERRUPTED",
                                            "RECOVERY_POINT_INDEX_COMPLETED",
                                            "RECOVERY_POINT_INDEX_DELETED",
                                            "RECOVERY_POINT_INDEXING_FAILED",
                                            "EKS_RESTORE_OBJECT_FAILED",
                                            "EKS_RESTORE_OBJECT_SKIPPED",
                                            "EKS_BACKUP_OBJECT_FAILED"};

}  // namespace

Result<std::string> PutBackupVaultNotifications(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParsePutBackupVaultNotifications(body));
  vault::NotificationSettingsRecord settings;
  settings.vault = *input.backup_vault_name;
  settings.topic_arn = *input.sns_topic_arn;
  for (const auto event : *input.backup_vault_events)
    settings.events.emplace_back(kEventNames[static_cast<size_t>(event)]);
  TM_TRYV(vault::SetNotifications(call.scope, std::move(settings)));
  return std::string();
}

Result<std::string> GetBackupVaultNotifications(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseGetBackupVaultNotifications(body));
  TM_TRY(const auto settings, vault::FindNotifications(call.scope, *input.backup_vault_name));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Field("BackupVaultName", settings->vault);
  w.Field("BackupVaultArn",
          vault::VaultArnOf(settings->account, settings->region, settings->vault));
  w.Field("SNSTopicArn", settings->topic_arn);
  WriteTexts("BackupVaultEvents", settings->events, &w);
  w.EndObject();
  return answer;
}

Result<std::string> DeleteBackupVaultNotifications(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDeleteBackupVaultNotifications(body));
  TM_TRYV(vault::ClearNotifications(call.scope, *input.backup_vault_name));
  return std::string();
}

}  // namespace tidemark::api::vault_rest
