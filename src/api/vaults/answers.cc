// Requests' parts, and members of answers.
#include <fmt/format.h>

#include "api/vaults/call.h"
#include "codec/base64.h"
#include "kms/keys.h"
#include "vault/fault.h"
#include "vault/testing_runs.h"

namespace tidemark::api::vault_rest {

namespace {

constexpr std::string_view kPlainVault = "BACKUP_VAULT";
constexpr std::string_view kTableType = "DynamoDB";

void WriteDays(std::string_view name, const std::optional<int64_t>& days, JsonWriter* w) {
  if (days) w->Field(name, *days);
}

void WriteTime(std::string_view name, Timestamp time, JsonWriter* w) {
  if (time != Timestamp{}) w->Key(name).EpochMillis(time);
}

void WriteText(std::string_view name, const std::string& text, JsonWriter* w) {
  if (!text.empty()) w->Field(name, text);
}

// Also that of the server itself is not told.
std::string_view KeyTypeOf(const std::string& key_arn) {
  return key_arn.empty() || kms::IsKept(key_arn) ? "AWS_OWNED_KMS_KEY" : "CUSTOMER_MANAGED_KMS_KEY";
}

std::string_view TypeOfVault(const VaultCall& call, const std::string& arn) {
  const auto found = vault::FindVaultByArn(call.scope.store, arn);
  return found ? vault::TypeOf(*found) : kPlainVault;
}

void WriteTest(const vault::RestoreTestRecord& test, JsonWriter* w) {
  w->Key("CreatedBy").BeginObject().Field("RestoreTestingPlanArn", test.plan_arn).EndObject();
  if (test.validation != vault::Validation::kNone)
    w->Field("ValidationStatus", vault::ToString(test.validation));
  WriteText("ValidationStatusMessage", test.message, w);
  if (test.removal != vault::Removal::kNone)
    w->Field("DeletionStatus", vault::ToString(test.removal));
  WriteText("DeletionStatusMessage", test.removal_message, w);
}

}  // namespace

void WriteLifecycle(std::string_view name, const vault::Lifecycle& lifecycle, JsonWriter* w) {
  w->Key(name).BeginObject();
  WriteDays("MoveToColdStorageAfterDays", lifecycle.cold_after_days, w);
  WriteDays("DeleteAfterDays", lifecycle.delete_after_days, w);
  w->EndObject();
}

void WriteCreator(const vault::Place& place, const std::optional<vault::PlanOrigin>& by,
                  JsonWriter* w) {
  if (!by) return;
  w->Key("CreatedBy").BeginObject().Field("BackupPlanId", by->plan_id);
  w->Field("BackupPlanArn", fmt::format("arn:aws:backup:{}:{}:backup-plan:{}", place.region.value,
                                        place.account.value, by->plan_id));
  w->Field("BackupPlanName", by->plan_name).Field("BackupPlanVersion", by->version);
  w->Field("BackupRuleId", by->rule_id).Field("BackupRuleName", by->rule_name);
  w->Field("BackupRuleCron", by->schedule).Field("BackupRuleTimezone", by->zone).EndObject();
}

vault::Ptr<vault::PlanRecord> FindPlanByArn(const vault::VaultScope& scope, std::string_view arn) {
  const auto plan =
      scope.store.Find<vault::PlanRecord>(scope.place, arn.substr(arn.rfind(':') + 1));
  return plan && !plan->deleted && plan->Arn() == arn ? plan : nullptr;
}

vault::Tags ToTags(const std::optional<TextPairs>& pairs) {
  if (!pairs) return {};
  vault::Tags tags;
  for (const auto& [key, value] : *pairs) tags[key] = value;
  return tags;
}

void WriteTexts(std::string_view name, const std::vector<std::string>& texts, JsonWriter* w) {
  w->Key(name).BeginArray();
  for (const std::string& text : texts) w->String(text);
  w->EndArray();
}

void WriteTextMap(std::string_view name, const vault::Tags& tags, JsonWriter* w) {
  w->Key(name).BeginObject();
  for (const auto& [key, value] : tags) w->Field(key, value);
  w->EndObject();
}

Result<std::string> ReadToken(const std::optional<std::string>& token) {
  if (!token) return std::string();
  auto text = codec::DecodeBase64(*token);
  if (!text || text->empty())
    return vault::FailWith(vault::Fault::kInvalidParameter, "Provided NextToken is invalid");
  return std::string(*text);
}

std::string MakeToken(std::string_view last) { return codec::EncodeBase64(last); }

void WriteKey(std::string_view name, const std::string& key_arn, JsonWriter* w) {
  if (!kms::IsKept(key_arn)) WriteText(name, key_arn, w);
}

void WriteVault(const VaultCall& call, const vault::VaultRecord& vault, JsonWriter* w) {
  w->Field("BackupVaultName", vault.name).Field("BackupVaultArn", vault.Arn());
  w->Field("VaultType", vault::TypeOf(vault)).Field("VaultState", "AVAILABLE");
  WriteKey("EncryptionKeyArn", vault.key_arn, w);
  w->Field("EncryptionKeyType", KeyTypeOf(vault.key_arn));
  w->Key("CreationDate").EpochMillis(vault.created);
  WriteText("CreatorRequestId", vault.creator_request_id, w);
  w->Field("NumberOfRecoveryPoints",
           static_cast<int64_t>(vault::CountPoints(
               {call.scope.store, vault::PlaceOf(vault), call.scope.now}, vault.name)));
  w->FieldBool("Locked", vault.lock.has_value());
  if (!vault.lock) return;
  WriteDays("MinRetentionDays", vault.lock->min_days, w);
  WriteDays("MaxRetentionDays", vault.lock->max_days, w);
  if (vault.lock->immutable_from) w->Key("LockDate").EpochMillis(*vault.lock->immutable_from);
}

void WriteLifecycles(const vault::PointRecord& point, JsonWriter* w) {
  w->Key("Lifecycle").BeginObject();
  WriteDays("MoveToColdStorageAfterDays", point.lifecycle.cold_after_days, w);
  WriteDays("DeleteAfterDays", point.lifecycle.delete_after_days, w);
  if (!point.goes_once_in.empty()) w->Field("DeleteAfterEvent", "DELETE_AFTER_COPY");
  w->EndObject();
  w->Key("CalculatedLifecycle").BeginObject();
  if (const auto cold = vault::TransitionOf(point.LifeFrom(), point.lifecycle))
    w->Key("MoveToColdStorageAt").EpochMillis(*cold);
  if (const auto end = vault::DeletionOf(point.LifeFrom(), point.lifecycle))
    w->Key("DeleteAt").EpochMillis(*end);
  w->EndObject();
}

void WritePoint(const VaultCall& call, const vault::PointRecord& point, JsonWriter* w) {
  w->Field("RecoveryPointArn", point.arn);
  w->Field("BackupVaultName", point.vault).Field("BackupVaultArn", point.VaultArn());
  WriteText("SourceBackupVaultArn", point.source_vault_arn, w);
  w->Field("ResourceArn", point.table_arn).Field("ResourceType", kTableType);
  w->Field("ResourceName", point.table_name);
  w->Field("IamRoleArn", point.role_arn);
  w->Field("Status", vault::ToString(point.status));
  WriteText("StatusMessage", point.message, w);
  WriteTime("CreationDate", point.created, w);
  WriteTime("InitiationDate", point.initiated, w);
  WriteTime("CompletionDate", point.completed, w);
  WriteTime("LastRestoreTime", point.restored, w);
  w->Field("BackupSizeInBytes", point.bytes);
  WriteText("EncryptionKeyArn", point.key_arn, w);
  w->Field("EncryptionKeyType", KeyTypeOf(point.key_arn));
  WriteCreator(vault::PlaceOf(point), point.created_by, w);
  w->FieldBool("IsEncrypted", true);
  w->Field("VaultType", TypeOfVault(call, point.VaultArn()));
  w->FieldBool("IsParent", false);
  WriteLifecycles(point, w);
}

void WriteBackupJob(const vault::BackupJobRecord& job, JsonWriter* w) {
  using State = vault::BackupJobState;
  w->Field("AccountId", job.account.value).Field("BackupJobId", job.job_id);
  w->Field("BackupVaultName", job.vault).Field("BackupVaultArn", job.VaultArn());
  w->Field("VaultType", kPlainVault);
  WriteText("RecoveryPointArn", job.point_arn, w);
  WriteLifecycle("RecoveryPointLifecycle", job.lifecycle, w);
  w->FieldBool("IsEncrypted", true);
  w->Field("ResourceArn", job.table_arn).Field("ResourceType", kTableType);
  w->Field("ResourceName", job.table_name).Field("IamRoleArn", job.role_arn);
  WriteCreator(vault::PlaceOf(job), job.created_by, w);
  WriteTime("CreationDate", job.created, w);
  WriteTime("InitiationDate", job.initiated, w);
  WriteTime("CompletionDate", job.completed, w);
  WriteTime("StartBy", job.start_by, w);
  w->Field("State", vault::ToString(job.state));
  WriteText("StatusMessage", job.message, w);
  WriteText("MessageCategory", job.category, w);
  w->Field("PercentDone", job.state == State::kCompleted ? "100.0" : "0.0");
  if (!job.point_arn.empty()) {
    w->Field("BackupSizeInBytes", job.bytes);
    w->Field("BytesTransferred", job.state == State::kCompleted ? job.bytes : int64_t{0});
  }
  w->FieldBool("IsParent", false);
}

void WriteCopyJob(const VaultCall& call, const vault::CopyJobRecord& job, JsonWriter* w) {
  w->Field("AccountId", job.account.value).Field("CopyJobId", job.job_id);
  w->Field("SourceBackupVaultArn", job.SourceVaultArn());
  w->Field("SourceRecoveryPointArn", job.source_arn);
  w->Field("DestinationBackupVaultArn", job.vault_arn);
  w->Field("DestinationVaultType", TypeOfVault(call, job.vault_arn));
  WriteText("DestinationRecoveryPointArn", job.point_arn, w);
  WriteKey("DestinationEncryptionKeyArn", job.key_arn, w);
  WriteLifecycle("DestinationRecoveryPointLifecycle", job.lifecycle, w);
  w->Field("ResourceArn", job.table_arn).Field("ResourceType", kTableType);
  w->Field("ResourceName", job.table_name);
  WriteTime("CreationDate", job.created, w);
  WriteTime("CompletionDate", job.completed, w);
  w->Field("State", vault::ToString(job.state));
  WriteText("StatusMessage", job.message, w);
  WriteText("MessageCategory", job.category, w);
  w->Field("BackupSizeInBytes", job.bytes).Field("IamRoleArn", job.role_arn);
  WriteCreator(vault::PlaceOf(job), job.created_by, w);
  WriteText("CreatedByBackupJobId", job.backup_job, w);
  w->FieldBool("IsParent", false);
}

void WriteRestoreJob(const VaultCall& call, const vault::RestoreJobRecord& job, JsonWriter* w) {
  using Status = vault::RestoreJobStatus;
  w->Field("AccountId", job.account.value).Field("RestoreJobId", job.job_id);
  w->Field("RecoveryPointArn", job.point_arn).Field("SourceResourceArn", job.source_arn);
  w->Field("BackupVaultArn", job.VaultArn());
  w->Field("ResourceType", kTableType);
  WriteText("IamRoleArn", job.role_arn, w);
  WriteTime("CreationDate", job.created, w);
  WriteTime("CompletionDate", job.completed, w);
  WriteTime("RecoveryPointCreationDate", job.point_created, w);
  w->Field("Status", vault::ToString(job.status));
  WriteText("StatusMessage", job.message, w);
  w->Field("PercentDone", fmt::format("{}.00%", call.services.restore_jobs.PercentOf(job)));
  w->Field("BackupSizeInBytes", job.bytes);
  if (job.status == Status::kRunning || job.status == Status::kCompleted)
    w->Field("CreatedResourceArn", job.TargetArn());
  w->FieldBool("IsParent", false);
  if (const auto test = vault::TestOf(call.scope.store, job)) WriteTest(*test, w);
}

}  // namespace tidemark::api::vault_rest
