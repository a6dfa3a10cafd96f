#include "vault/framework_records.h"

#include <fmt/format.h>

#include "vault/record_json.h"

namespace tidemark::vault {

namespace {

namespace json = boost::json;
using catalog::Fields;

json::array ControlsToJson(const std::vector<Control>& controls) {
  json::array out;
  for (const Control& control : controls) {
    const ControlScope& scope = control.scope;
    out.push_back(json::object{{"name", control.name},
                               {"parameters", TagsToJson(control.parameters)},
                               {"ids", json::array(scope.ids.begin(), scope.ids.end())},
                               {"types", json::array(scope.types.begin(), scope.types.end())},
                               {"tags", TagsToJson(scope.tags)}});
  }
  return out;
}

std::vector<Control> ControlsFromJson(const Fields& fields) {
  std::vector<Control> controls;
  for (const Fields& control : fields.Objects("controls")) {
    controls.push_back(
        {control.Text("name"),
         TagsFromJson(control.Object("parameters")),
         {control.Texts("ids"), control.Texts("types"), TagsFromJson(control.Object("tags"))}});
  }
  return controls;
}

FrameworkRecord ReadFramework(Fields fields) {
  auto record = BeginRecord<FrameworkRecord>(fields);
  record.name = fields.Text("name");
  record.uuid = fields.Text("uuid");
  record.token = fields.Text("token");
  record.description = fields.Text("description");
  record.controls = ControlsFromJson(fields);
  record.tags = TagsFromJson(fields.Object("tags"));
  record.created = fields.Time("created");
  return record;
}

}  // namespace

std::string FrameworkRecord::Arn() const {
  return fmt::format("arn:aws:backup:{}:{}:framework:{}-{}", region.value, account.value, name,
                     uuid);
}

std::string EncodeRecord(const FrameworkRecord& record) {
  auto out = BeginJson(record);
  out["name"] = record.name;
  out["uuid"] = record.uuid;
  out["token"] = record.token;
  out["description"] = record.description;
  out["controls"] = ControlsToJson(record.controls);
  out["tags"] = TagsToJson(record.tags);
  out["created"] = ToMicros(record.created);
  return json::serialize(out);
}

Result<void> DecodeRecord(std::string_view text, FrameworkRecord* out) {
  return DecodeInto(text, ReadFramework, out);
}

}  // namespace tidemark::vault
