#include "vault/records.h"

#include <fmt/format.h>

#include "vault/record_json.h"

namespace tidemark::vault {

namespace {

namespace json = boost::json;
using catalog::Fields;

constexpr std::array<std::string_view, 4> kPointNames = {"CREATING", "COMPLETED", "DELETING",
                                                         "EXPIRED"};
constexpr std::array<std::string_view, 9> kBackupJobNames = {"CREATED",  "PENDING", "RUNNING",
                                                             "ABORTING", "ABORTED", "COMPLETED",
                                                             "FAILED",   "EXPIRED", "PARTIAL"};
constexpr std::array<std::string_view, 5> kRestoreJobNames = {"PENDING", "RUNNING", "COMPLETED",
                                                              "ABORTED", "FAILED"};

json::object LockToJson(const VaultLock& lock) {
  json::object out;
  PutDays("min_days", lock.min_days, &out);
  PutDays("max_days", lock.max_days, &out);
  if (lock.immutable_from) out["immutable_from"] = ToMicros(*lock.immutable_from);
  return out;
}

VaultLock LockFromJson(const Fields& fields) {
  VaultLock lock{DaysOf(fields, "min_days"), DaysOf(fields, "max_days"), {}};
  if (fields.Has("immutable_from")) lock.immutable_from = fields.Time("immutable_from");
  return lock;
}

VaultRecord ReadVault(Fields fields) {
  auto record = BeginRecord<VaultRecord>(fields);
  record.name = fields.Text("name");
  record.creator_request_id = fields.Text("creator_request_id");
  record.key_arn = fields.Text("key_arn");
  record.created = fields.Time("created");
  record.tags = TagsFromJson(fields.Object("tags"));
  record.policy = fields.Text("policy");
  if (fields.Has("lock")) record.lock = LockFromJson(fields.Object("lock"));
  if (fields.Has("air_gapped")) record.air_gapped = fields.Bool("air_gapped");
  return record;
}

PointRecord ReadPoint(Fields fields) {
  auto record = BeginRecord<PointRecord>(fields);
  record.arn = fields.Text("arn");
  record.vault = fields.Text("vault");
  record.table_arn = fields.Text("table_arn");
  record.table_name = fields.Text("table_name");
  record.job = fields.Text("job");
  record.role_arn = fields.Text("role_arn");
  record.status = static_cast<PointStatus>(fields.Int("status", 0, kPointNames.size() - 1));
  record.message = fields.Text("message");
  record.initiated = fields.Time("initiated");
  record.created = fields.Time("created");
  record.completed = fields.Time("completed");
  record.restored = fields.Time("restored");
  if (fields.Has("moved")) record.moved = fields.Time("moved");
  if (fields.Has("copied")) {
    record.copied = fields.Time("copied");
    record.source_vault_arn = fields.Text("source_vault_arn");
  }
  if (fields.Has("sender")) {
    record.sender = fields.Text("sender");
    record.origin_arn = fields.Text("origin_arn");
  }
  record.bytes = fields.Int("bytes");
  record.key_arn = fields.Text("key_arn");
  record.lifecycle = LifecycleFromJson(fields.Object("lifecycle"));
  record.tags = TagsFromJson(fields.Object("tags"));
  if (fields.Has("created_by")) record.created_by = OriginFromJson(fields.Object("created_by"));
  if (fields.Has("goes_once_in")) {
    record.goes_once_in = fields.Text("goes_once_in");
    record.is_in = fields.Bool("is_in");
  }
  return record;
}

BackupJobRecord ReadBackupJob(Fields fields) {
  auto record = BeginRecord<BackupJobRecord>(fields);
  record.job_id = fields.Text("job");
  record.vault = fields.Text("vault");
  record.table_arn = fields.Text("table_arn");
  record.table_name = fields.Text("table_name");
  record.role_arn = fields.Text("role_arn");
  record.token = fields.Text("token");
  record.lifecycle = LifecycleFromJson(fields.Object("lifecycle"));
  record.tags = TagsFromJson(fields.Object("tags"));
  record.created = fields.Time("created");
  record.start_by = fields.Time("start_by");
  record.complete_by = fields.Time("complete_by");
  record.state = static_cast<BackupJobState>(fields.Int("state", 0, kBackupJobNames.size() - 1));
  record.message = fields.Text("message");
  record.category = fields.Text("category");
  record.point_arn = fields.Text("point_arn");
  record.initiated = fields.Time("initiated");
  record.completed = fields.Time("completed");
  record.bytes = fields.Int("bytes");
  if (fields.Has("created_by")) record.created_by = OriginFromJson(fields.Object("created_by"));
  record.copies = CopiesFromJson(fields);
  if (fields.Has("air_gapped_arn")) record.air_gapped_arn = fields.Text("air_gapped_arn");
  return record;
}

RestoreJobRecord ReadRestoreJob(Fields fields) {
  auto record = BeginRecord<RestoreJobRecord>(fields);
  record.job_id = fields.Text("job");
  record.vault = fields.Text("vault");
  if (fields.Has("vault_account")) record.vault_account = AccountId(fields.Text("vault_account"));
  record.point_arn = fields.Text("point_arn");
  record.source_arn = fields.Text("source_arn");
  record.point_created = fields.Time("point_created");
  record.role_arn = fields.Text("role_arn");
  record.token = fields.Text("token");
  record.metadata = TagsFromJson(fields.Object("metadata"));
  record.target = fields.Text("target");
  record.own_key = fields.Bool("own_key");
  record.verifies_first = fields.Bool("verifies_first");
  record.key_arn = fields.Text("key_arn");
  record.table = fields.Id<TableId>("table");
  record.created = fields.Time("created");
  record.completed = fields.Time("completed");
  record.status =
      static_cast<RestoreJobStatus>(fields.Int("status", 0, kRestoreJobNames.size() - 1));
  record.message = fields.Text("message");
  record.bytes = fields.Int("bytes");
  return record;
}

}  // namespace

std::string_view ToString(PointStatus status) { return kPointNames[static_cast<size_t>(status)]; }
std::string_view ToString(BackupJobState state) {
  return kBackupJobNames[static_cast<size_t>(state)];
}
std::string_view ToString(RestoreJobStatus status) {
  return kRestoreJobNames[static_cast<size_t>(status)];
}

std::string VaultArnOf(const AccountId& account, const Region& region, std::string_view name) {
  return fmt::format("arn:aws:backup:{}:{}:backup-vault:{}", region.value, account.value, name);
}

std::string VaultRecord::Arn() const { return VaultArnOf(account, region, name); }
std::string PointRecord::VaultArn() const { return VaultArnOf(account, region, vault); }
std::string BackupJobRecord::VaultArn() const { return VaultArnOf(account, region, vault); }
std::string RestoreJobRecord::VaultArn() const {
  return VaultArnOf(vault_account.value.empty() ? account : vault_account, region, vault);
}

bool BackupJobRecord::IsOpen() const {
  return state == BackupJobState::kCreated || state == BackupJobState::kPending ||
         state == BackupJobState::kRunning || state == BackupJobState::kAborting;
}

std::string BackupJobRecord::BackupName() const { return "AWSBackup-" + job_id; }

bool RestoreJobRecord::IsOpen() const {
  return status == RestoreJobStatus::kPending || status == RestoreJobStatus::kRunning;
}

std::string RestoreJobRecord::TargetArn() const {
  return fmt::format("arn:aws:dynamodb:{}:{}:table/{}", region.value, account.value, target);
}

std::string EncodeRecord(const VaultRecord& record) {
  auto out = BeginJson(record);
  out["name"] = record.name;
  out["creator_request_id"] = record.creator_request_id;
  out["key_arn"] = record.key_arn;
  out["created"] = ToMicros(record.created);
  out["tags"] = TagsToJson(record.tags);
  out["policy"] = record.policy;
  if (record.lock) out["lock"] = LockToJson(*record.lock);
  if (record.air_gapped) out["air_gapped"] = true;
  return json::serialize(out);
}

std::string EncodeRecord(const PointRecord& record) {
  auto out = BeginJson(record);
  out["arn"] = record.arn;
  out["vault"] = record.vault;
  out["table_arn"] = record.table_arn;
  out["table_name"] = record.table_name;
  out["job"] = record.job;
  out["role_arn"] = record.role_arn;
  out["status"] = static_cast<int64_t>(record.status);
  out["message"] = record.message;
  out["initiated"] = ToMicros(record.initiated);
  out["created"] = ToMicros(record.created);
  out["completed"] = ToMicros(record.completed);
  out["restored"] = ToMicros(record.restored);
  if (record.IsCold()) out["moved"] = ToMicros(record.moved);
  if (record.copied != Timestamp{}) {
    out["copied"] = ToMicros(record.copied);
    out["source_vault_arn"] = record.source_vault_arn;
  }
  if (!record.sender.empty()) {
    out["sender"] = record.sender;
    out["origin_arn"] = record.origin_arn;
  }
  out["bytes"] = record.bytes;
  out["key_arn"] = record.key_arn;
  out["lifecycle"] = LifecycleToJson(record.lifecycle);
  out["tags"] = TagsToJson(record.tags);
  if (record.created_by) out["created_by"] = OriginToJson(*record.created_by);
  if (!record.goes_once_in.empty()) {
    out["goes_once_in"] = record.goes_once_in;
    out["is_in"] = record.is_in;
  }
  return json::serialize(out);
}

std::string EncodeRecord(const BackupJobRecord& record) {
  auto out = BeginJson(record);
  out["job"] = record.job_id;
  out["vault"] = record.vault;
  out["table_arn"] = record.table_arn;
  out["table_name"] = record.table_name;
  out["role_arn"] = record.role_arn;
  out["token"] = record.token;
  out["lifecycle"] = LifecycleToJson(record.lifecycle);
  out["tags"] = TagsToJson(record.tags);
  out["created"] = ToMicros(record.created);
  out["start_by"] = ToMicros(record.start_by);
  out["complete_by"] = ToMicros(record.complete_by);
  out["state"] = static_cast<int64_t>(record.state);
  out["message"] = record.message;
  out["category"] = record.category;
  out["point_arn"] = record.point_arn;
  out["initiated"] = ToMicros(record.initiated);
  out["completed"] = ToMicros(record.completed);
  out["bytes"] = record.bytes;
  if (record.created_by) out["created_by"] = OriginToJson(*record.created_by);
  if (!record.copies.empty()) out["copies"] = CopiesToJson(record.copies);
  if (!record.air_gapped_arn.empty()) out["air_gapped_arn"] = record.air_gapped_arn;
  return json::serialize(out);
}

std::string EncodeRecord(const RestoreJobRecord& record) {
  auto out = BeginJson(record);
  out["job"] = record.job_id;
  out["vault"] = record.vault;
  if (!record.vault_account.value.empty()) out["vault_account"] = record.vault_account.value;
  out["point_arn"] = record.point_arn;
  out["source_arn"] = record.source_arn;
  out["point_created"] = ToMicros(record.point_created);
  out["role_arn"] = record.role_arn;
  out["token"] = record.token;
  out["metadata"] = TagsToJson(record.metadata);
  out["target"] = record.target;
  out["own_key"] = record.own_key;
  out["verifies_first"] = record.verifies_first;
  out["key_arn"] = record.key_arn;
  out["table"] = record.table.ToString();
  out["created"] = ToMicros(record.created);
  out["completed"] = ToMicros(record.completed);
  out["status"] = static_cast<int64_t>(record.status);
  out["message"] = record.message;
  out["bytes"] = record.bytes;
  return json::serialize(out);
}

Result<void> DecodeRecord(std::string_view text, VaultRecord* out) {
  return DecodeInto(text, ReadVault, out);
}
Result<void> DecodeRecord(std::string_view text, PointRecord* out) {
  return DecodeInto(text, ReadPoint, out);
}
Result<void> DecodeRecord(std::string_view text, BackupJobRecord* out) {
  return DecodeInto(text, ReadBackupJob, out);
}
Result<void> DecodeRecord(std::string_view text, RestoreJobRecord* out) {
  return DecodeInto(text, ReadRestoreJob, out);
}

}  // namespace tidemark::vault
