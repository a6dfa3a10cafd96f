#include "vault/arrival_records.h"

#include "vault/record_json.h"

namespace tidemark::vault {

namespace {

ArrivalRecord ReadArrival(catalog::Fields fields) {
  auto record = BeginRecord<ArrivalRecord>(fields);
  record.job_id = fields.Text("job");
  record.sender = fields.Text("sender");
  record.point_arn = fields.Text("point_arn");
  record.backup = fields.Text("backup");
  record.image = fields.Id<ImageId>("image");
  record.sealed_for = fields.Id<TableId>("sealed_for");
  record.key_arn = fields.Text("key_arn");
  record.until = fields.Time("until");
  return record;
}

}  // namespace

std::string EncodeRecord(const ArrivalRecord& record) {
  auto out = BeginJson(record);
  out["job"] = record.job_id;
  out["sender"] = record.sender;
  out["point_arn"] = record.point_arn;
  out["backup"] = record.backup;
  out["image"] = record.image.ToString();
  out["sealed_for"] = record.sealed_for.ToString();
  out["key_arn"] = record.key_arn;
  out["until"] = ToMicros(record.until);
  return boost::json::serialize(out);
}

Result<void> DecodeRecord(std::string_view text, ArrivalRecord* out) {
  return DecodeInto(text, ReadArrival, out);
}

}  // namespace tidemark::vault
