#include "table/create_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "table/create_indexes.h"
#include "table/invalid.h"
#include "table/resource_policies.h"
#include "table/sse.h"
#include "table/stream_switch.h"
#include "table/table_name.h"
#include "table/tags.h"
#include "table/throughput.h"

namespace tidemark::table {
namespace {

// The service model does not require these two, the service does, and words it like the model.
Result<void> CheckRequired(const CreateTableRequest& request) {
  std::vector<std::string_view> missing;
  if (request.attributes.empty()) missing.push_back("attributeDefinitions");
  if (request.key_schema.empty()) missing.push_back("keySchema");
  if (missing.empty()) return {};
  std::string text;
  for (const auto member : missing) {
    if (!text.empty()) text += "; ";
    text += fmt::format("Value null at '{}' failed to satisfy constraint: Member must not be null",
                        member);
  }
  return Fail(ErrorKind::kConstraint, "{} validation error{} detected: {}", missing.size(),
              missing.size() == 1 ? "" : "s", text);
}

Result<void> CheckAvailable(const CreateTableRequest& request) {
  if (request.global_table) return Invalid("global tables are not available in this version");
  return {};
}

const catalog::AttributeDefinition* Find(
    const std::vector<catalog::AttributeDefinition>& definitions, std::string_view name) {
  const auto at = std::ranges::find(definitions, name, &catalog::AttributeDefinition::name);
  return at == definitions.end() ? nullptr : &*at;
}

Result<item::KeySchema> MakeKeySchema(const CreateTableRequest& request) {
  const auto& keys = request.key_schema;
  const auto& definitions = request.attributes;
  std::set<std::string_view> names;
  for (const auto& definition : definitions)
    if (!names.insert(definition.name).second)
      return Invalid("Attribute Name is duplicated: {}", definition.name);
  if (keys.size() > 2)
    return Fail(ErrorKind::kValidation,
                "1 validation error detected: Value at 'keySchema' failed to satisfy constraint: "
                "Member must have length less than or equal to 2");

  const auto* partition = Find(definitions, keys[0].name);
  const auto* sort = keys.size() == 2 ? Find(definitions, keys[1].name) : nullptr;
  if (keys.size() == 2 && (!(partition && sort) || keys[0].name == keys[1].name))
    return Fail(ErrorKind::kValidation,
                "Invalid KeySchema: Some index key attribute have no definition");
  if (!partition)
    return Invalid(
        "Some index key attributes are not defined in AttributeDefinitions. Keys: [{}], "
        "AttributeDefinitions: [{}]",
        keys[0].name, fmt::join(names, ", "));
  if (keys[0].role != KeyElement::Role::kHash)
    return Fail(ErrorKind::kValidation,
                "Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
  if (sort && keys[1].role != KeyElement::Role::kRange)
    return Fail(ErrorKind::kValidation,
                "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
  item::KeySchema schema{.partition = {partition->name, partition->type}, .sort = std::nullopt};
  if (sort) schema.sort = {sort->name, sort->type};
  return schema;
}

}  // namespace

Result<catalog::TableRecord> MakeTableRecord(const Caller& caller,
                                             const CreateTableRequest& request) {
  catalog::TableRecord record;
  TM_TRY(const std::string_view name, TableNameOf(caller, request.table));
  TM_TRYV(CheckRequired(request));
  TM_TRYV(CheckAvailable(request));
  TM_TRY(record.keys, MakeKeySchema(request));
  record.attributes = request.attributes;
  TM_TRYV(SetThroughput(request, &record));
  TM_TRYV(AddIndexes(request, &record));
  if (request.sse) {
    TM_TRY(record.sse, MakeSse(caller, *request.sse));
  }
  TM_TRY(record.stream, MakeStream(request.stream));
  TM_TRYV(AddTags(request.tags, &record.tags));
  if (request.resource_policy) {
    TM_TRYV(CheckResourcePolicy(*request.resource_policy));
    record.policy.text = *request.resource_policy;
  }
  if (!request.table_class.empty() && request.table_class != "STANDARD" &&
      request.table_class != "STANDARD_INFREQUENT_ACCESS")
    return Invalid("Unknown TableClass: {}", request.table_class);
  record.account = caller.account;
  record.region = caller.region;
  record.name = name;
  record.table_class = request.table_class;
  record.deletion_protection = request.deletion_protection;
  return record;
}

}  // namespace tidemark::table
