#include "table/create_indexes.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "table/invalid.h"

namespace tidemark::table {
namespace {

using Role = KeyElement::Role;

// Of INCLUDE projections, counted again for each index that names an attribute.
constexpr size_t kIncludedMax = 100;
constexpr size_t kIncludedOfIndexMax = 20;

const catalog::AttributeDefinition* FindDefinition(
    const std::vector<catalog::AttributeDefinition>& attributes, std::string_view name) {
  const auto at = std::ranges::find(attributes, name, &catalog::AttributeDefinition::name);
  return at == attributes.end() ? nullptr : &*at;
}

std::string NamesOf(const std::vector<catalog::AttributeDefinition>& attributes) {
  std::string names;
  for (const auto& attribute : attributes) names += (names.empty() ? "" : ", ") + attribute.name;
  return names;
}

Result<void> CheckShortKey(const std::vector<KeyElement>& keys) {
  if (keys[0].role != Role::kHash)
    return Fail(ErrorKind::kValidation,
                "Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
  if (keys.size() == 1) return {};
  if (keys[0].name == keys[1].name)
    return Fail(ErrorKind::kValidation,
                "Both the Hash Key and the Range Key element in the KeySchema have the same name");
  return {};
}

// A key of several attributes: HASH ones, then RANGE ones.
Result<void> CheckLongKey(const std::vector<KeyElement>& keys) {
  std::set<std::string_view> names;
  size_t hashes = 0, ranges = 0;
  for (const auto& element : keys) {
    if (!names.insert(element.name).second)
      return Fail(ErrorKind::kValidation,
                  "The KeySchema contains multiple key attributes with the same name");
    if (element.role == Role::kHash && ranges > 0)
      return Invalid("All HASH key attributes must precede RANGE key attributes in the KeySchema");
    ++(element.role == Role::kHash ? hashes : ranges);
  }
  if (hashes > index::kKeyAttributesMax)
    return Invalid("The KeySchema exceeds the maximum allowed number of HASH key attributes");
  if (ranges > index::kKeyAttributesMax)
    return Invalid("The KeySchema exceeds the maximum allowed number of RANGE key attributes");
  return {};
}

Result<void> CheckLocalKey(const catalog::TableRecord& table, const IndexRequest& request) {
  const auto& keys = request.key_schema;
  if (keys.size() > 2)
    return Fail(ErrorKind::kValidation,
                "1 validation error detected: Value at 'keySchema' failed to satisfy constraint: "
                "Member must have length less than or equal to 2");
  if (keys.size() == 2 && keys[1].role != Role::kRange)
    return Fail(ErrorKind::kValidation,
                "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
  if (keys.size() < 2)
    return Invalid("Index KeySchema does not have a range key for index: {}", request.name);
  if (keys[0].name != table.keys.partition.name)
    return Invalid(
        "Index KeySchema does not have the same leading hash key as table KeySchema for index: "
        "{}. index hash key: {}, table hash key: {}",
        request.name, keys[0].name, table.keys.partition.name);
  return {};
}

Result<void> SetProjection(const IndexRequest& request, index::Definition* definition) {
  if (!request.projection) return Invalid("Unknown ProjectionType: null");
  definition->projection = *request.projection;
  const bool includes = definition->projection == index::Projection::kInclude;
  if (includes != request.included.has_value()) {
    constexpr std::string_view kNames[] = {"ALL", "KEYS_ONLY", "INCLUDE"};
    return Invalid("ProjectionType is {}, but NonKeyAttributes is {}",
                   kNames[static_cast<size_t>(definition->projection)],
                   includes ? "not specified" : "specified");
  }
  if (!includes) return {};
  std::set<std::string_view> names;
  for (const auto& name : *request.included) {
    if (!names.insert(name).second)
      return Invalid("Duplicate element in NonKeyAttributes: {}", name);
  }
  if (names.size() > kIncludedOfIndexMax)
    return Invalid("Number of NonKeyAttributes {} of index {} exceeds the limit of {}",
                   names.size(), request.name, kIncludedOfIndexMax);
  definition->included = *request.included;
  return {};
}

Result<void> SetThroughput(const catalog::TableRecord& table, const IndexRequest& request,
                           catalog::IndexRecord* index) {
  if (table.billing == catalog::BillingMode::kPayPerRequest) {
    if (request.throughput)
      return Invalid(
          "ProvisionedThroughput should not be specified for index: {} when BillingMode is "
          "PAY_PER_REQUEST",
          request.name);
    index->on_demand = request.on_demand;
    const auto legal = [](int64_t units) { return units == -1 || units >= 1; };
    if (index->on_demand &&
        (!legal(index->on_demand->max_read_units) || !legal(index->on_demand->max_write_units)))
      return Invalid("MaxReadRequestUnits and MaxWriteRequestUnits must be -1 or greater than 0");
    return {};
  }
  if (!request.throughput)
    return Invalid("ProvisionedThroughput is not specified for index: {}", request.name);
  if (request.on_demand)
    return Invalid(
        "MaxReadRequestUnits for OnDemandThroughput for index: {} cannot be specified when table "
        "BillingMode is PROVISIONED.",
        request.name);
  index->throughput = *request.throughput;
  return CheckIndexUnits(index->throughput, index->name);
}

Result<void> AddKind(const std::vector<IndexRequest>& requests, bool local,
                     catalog::TableRecord* record) {
  TM_TRYV(CheckKeysDefined(record->attributes, requests));
  for (const auto& request : requests) {
    TM_TRY(auto index, MakeIndex(*record, request, local));
    AddIndex(std::move(index), record);
  }
  return {};
}

}  // namespace

Result<void> CheckKeysDefined(const std::vector<catalog::AttributeDefinition>& attributes,
                              std::span<const IndexRequest> indexes) {
  std::vector<std::string> keys;
  bool missing = false;
  for (const auto& index : indexes) {
    for (const auto& element : index.key_schema) {
      if (std::ranges::find(keys, element.name) == keys.end()) keys.push_back(element.name);
      missing |= FindDefinition(attributes, element.name) == nullptr;
    }
  }
  if (!missing) return {};
  return Invalid(
      "Some index key attributes are not defined in AttributeDefinitions. Keys: [{}], "
      "AttributeDefinitions: [{}]",
      fmt::join(keys, ", "), NamesOf(attributes));
}

Result<void> CheckIndexUnits(const catalog::Throughput& throughput, std::string_view index) {
  constexpr int64_t kUnitsMax = 1'000'000'000'000;
  const auto check = [&](int64_t units, std::string_view member) -> Result<void> {
    if (units >= 1 && units <= kUnitsMax) return {};
    return Fail(ErrorKind::kValidation, "Given value {} for {} is out of bounds for index {}",
                units, member, index);
  };
  TM_TRYV(check(throughput.read_units, "ReadCapacityUnits"));
  return check(throughput.write_units, "WriteCapacityUnits");
}

Result<catalog::IndexRecord> MakeIndex(const catalog::TableRecord& table,
                                       const IndexRequest& request, bool local) {
  catalog::IndexRecord index;
  index.name = request.name;
  index.local = local;
  const auto& keys = request.key_schema;
  TM_TRYV(CheckShortKey(keys));
  if (local) TM_TRYV(CheckLocalKey(table, request));
  TM_TRYV(CheckLongKey(keys));
  for (const auto& element : keys) {
    const auto* definition = FindDefinition(table.attributes, element.name);
    if (!definition)
      return Invalid(
          "Some index key attributes are not defined in AttributeDefinitions. Keys: [{}], "
          "AttributeDefinitions: [{}]",
          element.name, NamesOf(table.attributes));
    auto& attributes =
        element.role == Role::kHash ? index.definition.partition : index.definition.sort;
    attributes.push_back({definition->name, definition->type});
  }
  TM_TRYV(SetProjection(request, &index.definition));
  if (table.FindIndex(request.name)) return Invalid("Duplicate index name: {}", request.name);
  if (!local) TM_TRYV(SetThroughput(table, request, &index));
  return index;
}

void AddIndex(catalog::IndexRecord index, catalog::TableRecord* record) {
  index.definition.number = record->next_index++;
  index.definition.Complete(record->keys);
  record->indexes.push_back(std::move(index));
}

Result<void> AddIndexes(const CreateTableRequest& request, catalog::TableRecord* record) {
  if (request.local_indexes && request.local_indexes->empty())
    return Invalid("List of LocalSecondaryIndexes is empty");
  if (request.global_indexes && request.global_indexes->empty())
    return Invalid("List of GlobalSecondaryIndexes is empty");
  if (request.local_indexes) {
    if (!record->keys.sort)
      return Invalid(
          "Table KeySchema does not have a range key, which is required when specifying a "
          "LocalSecondaryIndex");
    TM_TRYV(AddKind(*request.local_indexes, true, record));
    if (request.local_indexes->size() > kLocalIndexesMax)
      return Invalid("Number of LocalSecondaryIndexes exceeds per-table limit of {}",
                     kLocalIndexesMax);
  }
  if (request.global_indexes) {
    TM_TRYV(AddKind(*request.global_indexes, false, record));
    if (request.global_indexes->size() > kGlobalIndexesMax)
      return Invalid("GlobalSecondaryIndex count exceeds the per-table limit of {}",
                     kGlobalIndexesMax);
  }
  return CheckAllIndexes(*record);
}

Result<void> CheckAllIndexes(const catalog::TableRecord& record) {
  size_t included = 0;
  for (const auto& index : record.indexes) included += index.definition.included.size();
  const auto used = record.KeyNames();
  if (included > kIncludedMax)
    return Invalid("Number of NonKeyAttributes {} of all indexes exceeds the limit of {}", included,
                   kIncludedMax);
  if (used.size() == record.attributes.size()) return {};
  if (record.indexes.empty())
    return Invalid(
        "Number of attributes in KeySchema does not exactly match number of attributes defined in "
        "AttributeDefinitions");
  std::set<std::string_view> defined;
  for (const auto& attribute : record.attributes) defined.insert(attribute.name);
  return Invalid(
      "Some AttributeDefinitions are not used. AttributeDefinitions: [{}], keys used: "
      "[{}]",
      fmt::join(defined, ", "), fmt::join(used, ", "));
}

}  // namespace tidemark::table
