#include "api/action_table.h"

#include "api/iam/parameters_gen.h"
#include "api/sts/parameters_gen.h"
#include "codec/json_writer.h"
#include "policy/actions.h"

namespace tidemark::api {

namespace {

void AppendAction(std::string_view service, std::string_view operation, std::string_view action,
                  std::string_view resource, bool built, std::string* out) {
  codec::JsonWriter w(out);
  w.BeginObject().Field("service", service).Field("operation", operation);
  w.Field("action", action).Field("resource", resource).FieldBool("built", built).EndObject();
  *out += '\n';
}

}  // namespace

std::string ActionTable() {
  std::string table;
  for (const std::string_view service : {"backup", "dynamodb", "kms"}) {
    for (const policy::Action& action : policy::ActionsOf(service)) {
      AppendAction(service, action.operation, action.name, policy::ToString(action.form),
                   (action.keys & policy::kToCome) == 0, &table);
    }
  }
  for (const auto& shape : sts_query::kOperationShapes) {
    AppendAction("sts", shape.name, std::string("sts:").append(shape.name), shape.resource_name,
                 true, &table);
  }
  for (const auto& shape : iam_query::kOperationShapes) {
    AppendAction("iam", shape.name, std::string("iam:").append(shape.name), shape.resource_name,
                 true, &table);
  }
  return table;
}

}  // namespace tidemark::api
