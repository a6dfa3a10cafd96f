#include "vault/testing_records.h"

#include <fmt/format.h>

#include "vault/record_json.h"

namespace tidemark::vault {

namespace {

namespace json = boost::json;
using catalog::Fields;

constexpr std::array<std::string_view, 5> kValidationNames = {"NONE", "VALIDATING", "SUCCESSFUL",
                                                              "FAILED", "TIMED_OUT"};
constexpr std::array<std::string_view, 4> kRemovalNames = {"NONE", "DELETING", "SUCCESSFUL",
                                                           "FAILED"};

json::object ChoiceToJson(const PointChoice& choice) {
  return {{"random", choice.random},
          {"snapshots", choice.snapshots},
          {"continuous", choice.continuous},
          {"vaults", json::array(choice.vaults.begin(), choice.vaults.end())},
          {"other_vaults", json::array(choice.other_vaults.begin(), choice.other_vaults.end())},
          {"window_days", choice.window_days}};
}

PointChoice ChoiceFromJson(const Fields& fields) {
  return {.random = fields.Bool("random"),
          .snapshots = fields.Bool("snapshots"),
          .continuous = fields.Bool("continuous"),
          .vaults = fields.Texts("vaults"),
          .other_vaults = fields.Texts("other_vaults"),
          .window_days = fields.Int("window_days")};
}

TestingPlanRecord ReadTestingPlan(Fields fields) {
  auto record = BeginRecord<TestingPlanRecord>(fields);
  record.name = fields.Text("name");
  record.uuid = fields.Text("uuid");
  record.creator_request_id = fields.Text("creator_request_id");
  record.schedule = fields.Text("schedule");
  record.zone = fields.Text("zone");
  record.start_hours = fields.Int("start_hours");
  record.choice = ChoiceFromJson(fields.Object("choice"));
  record.tags = TagsFromJson(fields.Object("tags"));
  record.created = fields.Time("created");
  record.updated = fields.Time("updated");
  record.executed = fields.Time("executed");
  record.done_until = fields.Time("done_until");
  return record;
}

TestingSelectionRecord ReadTestingSelection(Fields fields) {
  auto record = BeginRecord<TestingSelectionRecord>(fields);
  record.plan = fields.Text("plan");
  record.name = fields.Text("name");
  record.role_arn = fields.Text("role_arn");
  record.creator_request_id = fields.Text("creator_request_id");
  record.tables = fields.Texts("tables");
  record.equals = TestsFromJson(fields, "equals");
  record.not_equals = TestsFromJson(fields, "not_equals");
  record.overrides = TagsFromJson(fields.Object("overrides"));
  record.validation_hours = fields.Int("validation_hours");
  record.created = fields.Time("created");
  record.updated = fields.Time("updated");
  return record;
}

RestoreTestRecord ReadRestoreTest(Fields fields) {
  auto record = BeginRecord<RestoreTestRecord>(fields);
  record.job_id = fields.Text("job");
  record.plan = fields.Text("plan");
  record.plan_arn = fields.Text("plan_arn");
  record.selection = fields.Text("selection");
  record.table_arn = fields.Text("table_arn");
  record.created = fields.Time("created");
  record.start_by = fields.Time("start_by");
  record.kept_hours = fields.Int("kept_hours");
  record.objective = Micros(fields.Int("objective"));
  record.took = Micros(fields.Int("took"));
  record.is_compared = fields.Bool("is_compared");
  record.is_alike = fields.Bool("is_alike");
  record.is_late = fields.Bool("is_late");
  record.validation =
      static_cast<Validation>(fields.Int("validation", 0, kValidationNames.size() - 1));
  record.message = fields.Text("message");
  record.keep_until = fields.Time("keep_until");
  record.removal = static_cast<Removal>(fields.Int("removal", 0, kRemovalNames.size() - 1));
  record.removal_message = fields.Text("removal_message");
  record.table = fields.Id<TableId>("table");
  record.ended = fields.Time("ended");
  return record;
}

}  // namespace

std::string_view ToString(Validation validation) {
  return kValidationNames[static_cast<size_t>(validation)];
}
std::string_view ToString(Removal removal) { return kRemovalNames[static_cast<size_t>(removal)]; }

std::string TestingPlanRecord::Arn() const {
  return fmt::format("arn:aws:backup:{}:{}:restore-testing-plan:{}-{}", region.value, account.value,
                     name, uuid);
}

std::string EncodeRecord(const TestingPlanRecord& record) {
  auto out = BeginJson(record);
  out["name"] = record.name;
  out["uuid"] = record.uuid;
  out["creator_request_id"] = record.creator_request_id;
  out["schedule"] = record.schedule;
  out["zone"] = record.zone;
  out["start_hours"] = record.start_hours;
  out["choice"] = ChoiceToJson(record.choice);
  out["tags"] = TagsToJson(record.tags);
  out["created"] = ToMicros(record.created);
  out["updated"] = ToMicros(record.updated);
  out["executed"] = ToMicros(record.executed);
  out["done_until"] = ToMicros(record.done_until);
  return json::serialize(out);
}

std::string EncodeRecord(const TestingSelectionRecord& record) {
  auto out = BeginJson(record);
  out["plan"] = record.plan;
  out["name"] = record.name;
  out["role_arn"] = record.role_arn;
  out["creator_request_id"] = record.creator_request_id;
  out["tables"] = json::array(record.tables.begin(), record.tables.end());
  out["equals"] = TestsToJson(record.equals);
  out["not_equals"] = TestsToJson(record.not_equals);
  out["overrides"] = TagsToJson(record.overrides);
  out["validation_hours"] = record.validation_hours;
  out["created"] = ToMicros(record.created);
  out["updated"] = ToMicros(record.updated);
  return json::serialize(out);
}

std::string EncodeRecord(const RestoreTestRecord& record) {
  auto out = BeginJson(record);
  out["job"] = record.job_id;
  out["plan"] = record.plan;
  out["plan_arn"] = record.plan_arn;
  out["selection"] = record.selection;
  out["table_arn"] = record.table_arn;
  out["created"] = ToMicros(record.created);
  out["start_by"] = ToMicros(record.start_by);
  out["kept_hours"] = record.kept_hours;
  out["objective"] = record.objective.count();
  out["took"] = record.took.count();
  out["is_compared"] = record.is_compared;
  out["is_alike"] = record.is_alike;
  out["is_late"] = record.is_late;
  out["validation"] = static_cast<int64_t>(record.validation);
  out["message"] = record.message;
  out["keep_until"] = ToMicros(record.keep_until);
  out["removal"] = static_cast<int64_t>(record.removal);
  out["removal_message"] = record.removal_message;
  out["table"] = record.table.ToString();
  out["ended"] = ToMicros(record.ended);
  return json::serialize(out);
}

Result<void> DecodeRecord(std::string_view text, TestingPlanRecord* out) {
  return DecodeInto(text, ReadTestingPlan, out);
}
Result<void> DecodeRecord(std::string_view text, TestingSelectionRecord* out) {
  return DecodeInto(text, ReadTestingSelection, out);
}
Result<void> DecodeRecord(std::string_view text, RestoreTestRecord* out) {
  return DecodeInto(text, ReadRestoreTest, out);
}

}  // namespace tidemark::vault
