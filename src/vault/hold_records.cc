#include "vault/hold_records.h"

#include <fmt/format.h>

#include "vault/record_json.h"

namespace tidemark::vault {

namespace {

namespace json = boost::json;
using catalog::Fields;

json::array TextsToJson(const std::vector<std::string>& texts) {
  json::array out;
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

json::object HoldSelectionToJson(const HoldSelection& selection) {
  json::object out{{"vaults", TextsToJson(selection.vaults)},
                   {"tables", TextsToJson(selection.tables)}};
  if (selection.range) {
    out["from"] = ToMicros(selection.range->from);
    out["to"] = ToMicros(selection.range->to);
  }
  return out;
}

HoldSelection HoldSelectionFromJson(const Fields& fields) {
  HoldSelection selection{fields.Texts("vaults"), fields.Texts("tables"), {}};
  if (fields.Has("from")) selection.range = {fields.Time("from"), fields.Time("to")};
  return selection;
}

HoldRecord ReadHold(Fields fields) {
  auto record = BeginRecord<HoldRecord>(fields);
  record.hold_id = fields.Text("hold");
  record.title = fields.Text("title");
  record.description = fields.Text("description");
  record.token = fields.Text("token");
  record.selection = HoldSelectionFromJson(fields.Object("selection"));
  record.tags = TagsFromJson(fields.Object("tags"));
  record.created = fields.Time("created");
  if (fields.Has("cancelled")) record.cancelled = fields.Time("cancelled");
  record.cancel_description = fields.Text("cancel_description");
  if (fields.Has("retain_until")) record.retain_until = fields.Time("retain_until");
  return record;
}

}  // namespace

std::string HoldRecord::Arn() const {
  return fmt::format("arn:aws:backup:{}:{}:legal-hold:{}", region.value, account.value, hold_id);
}

std::string EncodeRecord(const HoldRecord& record) {
  auto out = BeginJson(record);
  out["hold"] = record.hold_id;
  out["title"] = record.title;
  out["description"] = record.description;
  out["token"] = record.token;
  out["selection"] = HoldSelectionToJson(record.selection);
  out["tags"] = TagsToJson(record.tags);
  out["created"] = ToMicros(record.created);
  if (record.cancelled) out["cancelled"] = ToMicros(*record.cancelled);
  out["cancel_description"] = record.cancel_description;
  if (record.retain_until) out["retain_until"] = ToMicros(*record.retain_until);
  return json::serialize(out);
}

Result<void> DecodeRecord(std::string_view text, HoldRecord* out) {
  return DecodeInto(text, ReadHold, out);
}

}  // namespace tidemark::vault
