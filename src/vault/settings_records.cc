#include "vault/settings_records.h"

#include "vault/record_json.h"

namespace tidemark::vault {

namespace {

namespace json = boost::json;
using catalog::Fields;

GlobalSettingsRecord ReadGlobalSettings(Fields fields) {
  auto record = BeginRecord<GlobalSettingsRecord>(fields);
  record.across_accounts = fields.Bool("across_accounts");
  record.updated = fields.Time("updated");
  return record;
}

RegionSettingsRecord ReadRegionSettings(Fields fields) {
  auto record = BeginRecord<RegionSettingsRecord>(fields);
  record.opted_in = fields.Bool("opted_in");
  record.managed = fields.Bool("managed");
  return record;
}

}  // namespace

std::string EncodeRecord(const GlobalSettingsRecord& record) {
  auto out = BeginJson(record);
  out["across_accounts"] = record.across_accounts;
  out["updated"] = ToMicros(record.updated);
  return json::serialize(out);
}

std::string EncodeRecord(const RegionSettingsRecord& record) {
  auto out = BeginJson(record);
  out["opted_in"] = record.opted_in;
  out["managed"] = record.managed;
  return json::serialize(out);
}

Result<void> DecodeRecord(std::string_view text, GlobalSettingsRecord* out) {
  return DecodeInto(text, ReadGlobalSettings, out);
}
Result<void> DecodeRecord(std::string_view text, RegionSettingsRecord* out) {
  return DecodeInto(text, ReadRegionSettings, out);
}

}  // namespace tidemark::vault
