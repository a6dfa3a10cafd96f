#include "catalog/settings_record.h"

#include <utility>

#include "catalog/table_record_json.h"

namespace tidemark::catalog {
namespace {

constexpr int64_t kSettingsVersion = 1;

SettingsRecord ReadSettings(Fields fields) {
  return {.time = fields.Time("time"),
          .origin = {fields.Text("access_key"), fields.Text("request_id")},
          .table = ReadTableRecord(fields.Object("table"))};
}

}  // namespace

TableRecord SettingsOf(TableRecord record) {
  record.status = TableStatus::kActive;
  record.restore.reset();
  record.sse.inaccessible = {};
  record.sse.moving = false;
  record.ttl.unsettled = false;
  record.pitr.history_key.clear();  // whoever switches recovery off forgets the key
  record.pitr.history_from = {};
  for (IndexRecord& index : record.indexes) {
    index.built_to.clear();
    index.definition.building = false;
    index.definition.deletes_only = false;
  }
  return record;
}

std::string EncodeSettingsRecord(const SettingsRecord& record) {
  return json::serialize(json::object{{"version", kSettingsVersion},
                                      {"time", ToMicros(record.time)},
                                      {"access_key", record.origin.access_key},
                                      {"request_id", record.origin.request_id},
                                      {"table", ToJson(record.table)}});
}

Result<SettingsRecord> DecodeSettingsRecord(std::string_view text) {
  return DecodeRecord<SettingsRecord>(text, kSettingsVersion, "settings", ReadSettings);
}

}  // namespace tidemark::catalog
