#include "vault/copy_records.h"

#include "vault/record_json.h"
#include "vault/vaults.h"

namespace tidemark::vault {

namespace {

namespace json = boost::json;
using catalog::Fields;

constexpr std::array<std::string_view, 4> kCopyJobNames = {"CREATED", "RUNNING", "COMPLETED",
                                                           "FAILED"};

CopyJobRecord ReadCopyJob(Fields fields) {
  auto record = BeginRecord<CopyJobRecord>(fields);
  record.job_id = fields.Text("job");
  record.source_vault = fields.Text("source_vault");
  record.source_arn = fields.Text("source_arn");
  record.table_arn = fields.Text("table_arn");
  record.table_name = fields.Text("table_name");
  record.vault_arn = fields.Text("vault_arn");
  record.role_arn = fields.Text("role_arn");
  record.token = fields.Text("token");
  record.lifecycle = LifecycleFromJson(fields.Object("lifecycle"));
  record.created = fields.Time("created");
  record.state = static_cast<CopyJobState>(fields.Int("state", 0, kCopyJobNames.size() - 1));
  record.message = fields.Text("message");
  record.category = fields.Text("category");
  record.completed = fields.Time("completed");
  record.bytes = fields.Int("bytes");
  record.key_arn = fields.Text("key_arn");
  record.point_arn = fields.Text("point_arn");
  record.backup = BackupId(fields.Text("backup"));
  record.image = fields.Id<ImageId>("image");
  record.sealed_for = fields.Id<TableId>("sealed_for");
  if (fields.Has("created_by")) record.created_by = OriginFromJson(fields.Object("created_by"));
  record.backup_job = fields.Text("backup_job");
  record.start_by = record.created + kStartWindow;
  record.complete_by = record.created + kCompleteWindow;
  if (fields.Has("start_by")) {
    record.start_by = fields.Time("start_by");
    record.complete_by = fields.Time("complete_by");
  }
  return record;
}

}  // namespace

std::string_view ToString(CopyJobState state) { return kCopyJobNames[static_cast<size_t>(state)]; }

bool CopyJobRecord::IsOpen() const {
  return state == CopyJobState::kCreated || state == CopyJobState::kRunning;
}

std::string CopyJobRecord::SourceVaultArn() const {
  const auto place = PlaceOfPoint(source_arn);
  return VaultArnOf(place ? place->account : account, region, source_vault);
}

std::string EncodeRecord(const CopyJobRecord& record) {
  auto out = BeginJson(record);
  out["job"] = record.job_id;
  out["source_vault"] = record.source_vault;
  out["source_arn"] = record.source_arn;
  out["table_arn"] = record.table_arn;
  out["table_name"] = record.table_name;
  out["vault_arn"] = record.vault_arn;
  out["role_arn"] = record.role_arn;
  out["token"] = record.token;
  out["lifecycle"] = LifecycleToJson(record.lifecycle);
  out["created"] = ToMicros(record.created);
  out["state"] = static_cast<int64_t>(record.state);
  out["message"] = record.message;
  out["category"] = record.category;
  out["completed"] = ToMicros(record.completed);
  out["bytes"] = record.bytes;
  out["key_arn"] = record.key_arn;
  out["point_arn"] = record.point_arn;
  out["backup"] = record.backup.value;
  out["image"] = record.image.ToString();
  out["sealed_for"] = record.sealed_for.ToString();
  if (record.created_by) out["created_by"] = OriginToJson(*record.created_by);
  out["backup_job"] = record.backup_job;
  out["start_by"] = ToMicros(record.start_by);
  out["complete_by"] = ToMicros(record.complete_by);
  return json::serialize(out);
}

Result<void> DecodeRecord(std::string_view text, CopyJobRecord* out) {
  return DecodeInto(text, ReadCopyJob, out);
}

}  // namespace tidemark::vault
