#include "catalog/backup_record.h"

#include <array>

#include "catalog/json_fields.h"
#include "catalog/position_json.h"
#include "catalog/table_record_json.h"

namespace tidemark::catalog {

namespace {

constexpr int64_t kBackupVersion = 1;

constexpr std::array<std::string_view, 3> kBackupStatusNames = {"CREATING", "AVAILABLE", "DELETED"};
constexpr std::array<std::string_view, 3> kTypeNames = {"USER", "SYSTEM", "AWS_BACKUP"};

json::object ToJson(const ImageRecord& image) {
  json::array indexes;
  for (const shard::IndexTotals& index : image.totals.indexes) {
    indexes.push_back(json::object{{"number", index.index},
                                   {"items", static_cast<int64_t>(index.items)},
                                   {"bytes", static_cast<int64_t>(index.bytes)},
                                   {"hash_low", std::to_string(index.hash.low)},
                                   {"hash_high", std::to_string(index.hash.high)}});
  }
  json::object out{{"version", kBackupVersion},
                   {"id", image.id.ToString()},
                   {"table", image.table.ToString()},
                   {"region", image.region.value},
                   {"directory", image.directory},
                   {"as_of", ToMicros(image.as_of)},
                   {"position", PositionJson(image.position)},
                   {"replay_from", PositionJson(image.replay_from)},
                   {"needs_log", image.needs_log},
                   {"settled", image.settled},
                   {"raw_before", static_cast<int64_t>(image.raw_before)},
                   {"stored_before", static_cast<int64_t>(image.stored_before)},
                   {"file_bytes", static_cast<int64_t>(image.file_bytes)},
                   {"items", static_cast<int64_t>(image.totals.items)},
                   {"bytes", static_cast<int64_t>(image.totals.bytes)},
                   {"hash_low", std::to_string(image.totals.hash.low)},
                   {"hash_high", std::to_string(image.totals.hash.high)},
                   {"indexes", std::move(indexes)}};
  if (image.is_cold()) out["cold_since"] = ToMicros(image.cold_since);
  return out;
}

shard::IndexTotals ReadIndexTotals(const Fields& fields) {
  return {static_cast<uint16_t>(fields.Int("number", 0, 0xFFFF)),
          static_cast<uint64_t>(fields.Int("items")),
          static_cast<uint64_t>(fields.Int("bytes")),
          {fields.Unsigned("hash_low"), fields.Unsigned("hash_high")}};
}

ImageRecord ReadImage(Fields fields) {
  ImageRecord image;
  image.id = fields.Id<ImageId>("id");
  image.table = fields.Id<TableId>("table");
  image.region = Region(fields.Text("region"));
  image.directory = fields.Text("directory");
  image.as_of = fields.Time("as_of");
  image.position = ReadPosition(fields.Object("position"));
  image.replay_from = ReadPosition(fields.Object("replay_from"));
  image.needs_log = fields.Bool("needs_log");
  image.settled = fields.Bool("settled");
  image.raw_before = static_cast<uint64_t>(fields.Int("raw_before"));
  image.stored_before = static_cast<uint64_t>(fields.Int("stored_before"));
  image.file_bytes = static_cast<uint64_t>(fields.Int("file_bytes"));
  image.totals.items = static_cast<uint64_t>(fields.Int("items"));
  image.totals.bytes = static_cast<uint64_t>(fields.Int("bytes"));
  image.totals.hash = {fields.Unsigned("hash_low"), fields.Unsigned("hash_high")};
  if (fields.Has("cold_since")) image.cold_since = fields.Time("cold_since");
  for (const Fields& index : fields.Objects("indexes"))
    image.totals.indexes.push_back(ReadIndexTotals(index));
  return image;
}

BackupRecord ReadBackup(Fields fields) {
  BackupRecord record;
  record.id = BackupId(fields.Text("id"));
  record.name = fields.Text("name");
  record.type = static_cast<BackupType>(fields.Int("type", 0, kTypeNames.size() - 1));
  record.status = static_cast<BackupStatus>(fields.Int("status", 0, 2));
  record.created = fields.Time("created");
  if (fields.Has("expires")) record.expires = fields.Time("expires");
  record.source = ReadTableRecord(fields.Object("source"));
  record.image = ReadImage(fields.Object("image"));
  if (fields.Has("copy")) record.copy = static_cast<StoreCopy>(fields.Int("copy", 0, 3));
  if (fields.Has("copy_job")) record.copy_job = fields.Text("copy_job");
  if (fields.Has("in_store_only")) record.in_store_only = fields.Bool("in_store_only");
  if (fields.Has("copied_from_table")) record.copied_from_table = fields.Text("copied_from_table");
  return record;
}

}  // namespace

std::string_view ToString(BackupStatus status) {
  return kBackupStatusNames[static_cast<size_t>(status)];
}
std::string_view ToString(BackupType type) { return kTypeNames[static_cast<size_t>(type)]; }

std::string BackupRecord::Arn() const { return source.Arn() + "/backup/" + id.value; }

std::string BackupRecord::TableArn() const {
  return copied_from_table.empty() ? source.Arn() : copied_from_table;
}

std::string EncodeBackupRecord(const BackupRecord& record) {
  json::object out{{"version", kBackupVersion},
                   {"id", record.id.value},
                   {"name", record.name},
                   {"type", static_cast<int64_t>(record.type)},
                   {"status", static_cast<int64_t>(record.status)},
                   {"created", ToMicros(record.created)},
                   {"source", ToJson(record.source)},
                   {"image", ToJson(record.image)}};
  if (record.expires) out["expires"] = ToMicros(*record.expires);
  if (record.copy != StoreCopy::kNone) out["copy"] = static_cast<int64_t>(record.copy);
  if (!record.copy_job.empty()) out["copy_job"] = record.copy_job;
  if (record.in_store_only) out["in_store_only"] = true;
  if (!record.copied_from_table.empty()) out["copied_from_table"] = record.copied_from_table;
  return json::serialize(out);
}

Result<BackupRecord> DecodeBackupRecord(std::string_view text) {
  return DecodeRecord<BackupRecord>(text, kBackupVersion, "backup", ReadBackup);
}

std::string EncodeImageRecord(const ImageRecord& record) { return json::serialize(ToJson(record)); }

Result<ImageRecord> DecodeImageRecord(std::string_view text) {
  return DecodeRecord<ImageRecord>(text, kBackupVersion, "image", ReadImage);
}

}  // namespace tidemark::catalog
