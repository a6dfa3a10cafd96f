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

table::IndexRequest ToTable(GlobalSecondaryIndex& index) {
  table::IndexRequest request = Common(index);
  if (index.provisioned_throughput) request.throughput = ToCatalog(*index.provisioned_throughput);
  if (index.on_demand_throughput) request.on_demand = ToCatalog(*index.on_demand_throughput);
  return request;
}

}  // namespace tidemark::api::dynamodb
