#include "api/dynamodb/index_settings.h"

#include <utility>

#include "api/dynamodb/table_settings.h"

namespace tidemark::api::dynamodb {

namespace {

index::Projection ToIndex(ProjectionType type) {
  switch (type) {
    case ProjectionType::kAll:
      return index::Projection::kAll;
    case ProjectionType::kKeysOnly:
      return index::Projection::kKeysOnly;
    case ProjectionType::kInclude:
      return index::Projection::kInclude;
  }
  return index::Projection::kAll;
}

// What both kinds have.
template <class Index>
table::IndexRequest Common(Index& index) {
  table::IndexRequest request;
  request.name = std::move(*index.index_name);
  request.key_schema = ToTable(*index.key_schema);
  if (index.projection->projection_type)
    request.projection = ToIndex(*index.projection->projection_type);
  request.included = std::move(index.projection->non_key_attributes);
  return request;
}

template <class Index>
void SetThroughput(const Index& index, table::IndexRequest* request) {
  if (index.provisioned_throughput) request->throughput = ToCatalog(*index.provisioned_throughput);
  if (index.on_demand_throughput) request->on_demand = ToCatalog(*index.on_demand_throughput);
}

template <class Index>
table::IndexRequest Global(Index& index) {
  table::IndexRequest request = Common(index);
  SetThroughput(index, &request);
  return request;
}

item::Type ToItemType(ScalarAttributeType type) {
  switch (type) {
    case ScalarAttributeType::kS:
      return item::Type::kString;
    case ScalarAttributeType::kN:
      return item::Type::kNumber;
    case ScalarAttributeType::kB:
      return item::Type::kBinary;
  }
  return item::Type::kString;
}

}  // namespace

std::vector<table::KeyElement> ToTable(std::vector<KeySchemaElement>& elements) {
  using Role = table::KeyElement::Role;
  std::vector<table::KeyElement> keys;
  for (auto& element : elements) {
    keys.push_back({.name = std::move(*element.attribute_name),
                    .role = *element.key_type == KeyType::kHash ? Role::kHash : Role::kRange});
  }
  return keys;
}

table::IndexRequest ToTable(LocalSecondaryIndex& index) { return Common(index); }

table::IndexRequest ToTable(GlobalSecondaryIndex& index) { return Global(index); }

table::IndexUpdateRequest ToTable(GlobalSecondaryIndexUpdate& update) {
  table::IndexUpdateRequest request;
  if (update.create) request.create = Global(*update.create);
  if (update.update) {
    auto& change = request.update.emplace();
    change.name = std::move(*update.update->index_name);
    SetThroughput(*update.update, &change);
  }
  if (update.delete_) request.remove = std::move(*update.delete_->index_name);
  return request;
}

std::vector<catalog::AttributeDefinition> ToCatalog(std::vector<AttributeDefinition>& definitions) {
  std::vector<catalog::AttributeDefinition> attributes;
  for (auto& definition : definitions) {
    attributes.push_back({.name = std::move(*definition.attribute_name),
                          .type = ToItemType(*definition.attribute_type)});
  }
  return attributes;
}

}  // namespace tidemark::api::dynamodb
