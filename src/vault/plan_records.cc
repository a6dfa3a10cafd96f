#include "vault/plan_records.h"

#include <fmt/format.h>

#include "vault/record_json.h"

namespace tidemark::vault {

namespace {

namespace json = boost::json;
using catalog::Fields;

json::object DocumentToJson(const PlanDocument& document) {
  json::array rules;
  for (const PlanRule& rule : document.rules) {
    json::object out{{"id", rule.id},
                     {"name", rule.name},
                     {"vault", rule.vault},
                     {"schedule", rule.schedule},
                     {"zone", rule.zone},
                     {"start_minutes", rule.start_minutes},
                     {"complete_minutes", rule.complete_minutes},
                     {"lifecycle", LifecycleToJson(rule.lifecycle)},
                     {"tags", TagsToJson(rule.tags)},
                     {"continuous", rule.continuous},
                     {"copies", CopiesToJson(rule.copies)}};
    if (!rule.air_gapped_arn.empty()) out["air_gapped_arn"] = rule.air_gapped_arn;
    rules.push_back(std::move(out));
  }
  return {{"name", document.name}, {"rules", std::move(rules)}};
}

PlanDocument DocumentFromJson(const Fields& fields) {
  PlanDocument document{.name = fields.Text("name"), .rules = {}};
  for (const Fields& rule : fields.Objects("rules")) {
    document.rules.push_back({.id = rule.Text("id"),
                              .name = rule.Text("name"),
                              .vault = rule.Text("vault"),
                              .schedule = rule.Text("schedule"),
                              .zone = rule.Text("zone"),
                              .start_minutes = rule.Int("start_minutes"),
                              .complete_minutes = rule.Int("complete_minutes"),
                              .lifecycle = LifecycleFromJson(rule.Object("lifecycle")),
                              .tags = TagsFromJson(rule.Object("tags")),
                              .copies = CopiesFromJson(rule),
                              .continuous = rule.Bool("continuous"),
                              .air_gapped_arn = rule.Has("air_gapped_arn")
                                                    ? rule.Text("air_gapped_arn")
                                                    : std::string()});
  }
  return document;
}

PlanRecord ReadPlan(Fields fields) {
  auto record = BeginRecord<PlanRecord>(fields);
  record.plan_id = fields.Text("plan_id");
  record.version = fields.Text("plan_version");
  record.creator_request_id = fields.Text("creator_request_id");
  record.created = fields.Time("created");
  if (fields.Has("deleted")) record.deleted = fields.Time("deleted");
  record.executed = fields.Time("executed");
  record.done_until = fields.Time("done_until");
  record.document = DocumentFromJson(fields.Object("document"));
  record.tags = TagsFromJson(fields.Object("tags"));
  return record;
}

PlanVersionRecord ReadPlanVersion(Fields fields) {
  auto record = BeginRecord<PlanVersionRecord>(fields);
  record.plan_id = fields.Text("plan_id");
  record.version = fields.Text("plan_version");
  record.created = fields.Time("created");
  record.document = DocumentFromJson(fields.Object("document"));
  return record;
}

SelectionRecord ReadSelection(Fields fields) {
  auto record = BeginRecord<SelectionRecord>(fields);
  record.plan_id = fields.Text("plan_id");
  record.selection_id = fields.Text("selection_id");
  record.name = fields.Text("name");
  record.role_arn = fields.Text("role_arn");
  record.creator_request_id = fields.Text("creator_request_id");
  record.created = fields.Time("created");
  record.resources = fields.Texts("resources");
  record.not_resources = fields.Texts("not_resources");
  record.any_tag = TestsFromJson(fields, "any_tag");
  record.equals = TestsFromJson(fields, "equals");
  record.not_equals = TestsFromJson(fields, "not_equals");
  record.like = TestsFromJson(fields, "like");
  record.not_like = TestsFromJson(fields, "not_like");
  return record;
}

}  // namespace

std::string PlanRecord::Arn() const {
  return fmt::format("arn:aws:backup:{}:{}:backup-plan:{}", region.value, account.value, plan_id);
}

std::string EncodeRecord(const PlanRecord& record) {
  auto out = BeginJson(record);
  out["plan_id"] = record.plan_id;
  out["plan_version"] = record.version;
  out["creator_request_id"] = record.creator_request_id;
  out["created"] = ToMicros(record.created);
  if (record.deleted) out["deleted"] = ToMicros(*record.deleted);
  out["executed"] = ToMicros(record.executed);
  out["done_until"] = ToMicros(record.done_until);
  out["document"] = DocumentToJson(record.document);
  out["tags"] = TagsToJson(record.tags);
  return json::serialize(out);
}

std::string EncodeRecord(const PlanVersionRecord& record) {
  auto out = BeginJson(record);
  out["plan_id"] = record.plan_id;
  out["plan_version"] = record.version;
  out["created"] = ToMicros(record.created);
  out["document"] = DocumentToJson(record.document);
  return json::serialize(out);
}

std::string EncodeRecord(const SelectionRecord& record) {
  auto out = BeginJson(record);
  out["plan_id"] = record.plan_id;
  out["selection_id"] = record.selection_id;
  out["name"] = record.name;
  out["role_arn"] = record.role_arn;
  out["creator_request_id"] = record.creator_request_id;
  out["created"] = ToMicros(record.created);
  out["resources"] = json::array(record.resources.begin(), record.resources.end());
  out["not_resources"] = json::array(record.not_resources.begin(), record.not_resources.end());
  out["any_tag"] = TestsToJson(record.any_tag);
  out["equals"] = TestsToJson(record.equals);
  out["not_equals"] = TestsToJson(record.not_equals);
  out["like"] = TestsToJson(record.like);
  out["not_like"] = TestsToJson(record.not_like);
  return json::serialize(out);
}

Result<void> DecodeRecord(std::string_view text, PlanRecord* out) {
  return DecodeInto(text, ReadPlan, out);
}
Result<void> DecodeRecord(std::string_view text, PlanVersionRecord* out) {
  return DecodeInto(text, ReadPlanVersion, out);
}
Result<void> DecodeRecord(std::string_view text, SelectionRecord* out) {
  return DecodeInto(text, ReadSelection, out);
}

}  // namespace tidemark::vault
