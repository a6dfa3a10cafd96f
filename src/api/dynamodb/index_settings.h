// Secondary indexes as requests describe them: from shapes to the values of table/.
#pragma once
#include <optional>
#include <vector>

#include "api/dynamodb/shapes_gen.h"
#include "index/definition.h"
#include "table/table_request.h"

namespace tidemark::api::dynamodb {

std::vector<table::KeyElement> ToTable(std::vector<KeySchemaElement>& elements);
table::IndexRequest ToTable(LocalSecondaryIndex& index);
table::IndexRequest ToTable(GlobalSecondaryIndex& index);
table::IndexUpdateRequest ToTable(GlobalSecondaryIndexUpdate& update);
std::vector<catalog::AttributeDefinition> ToCatalog(std::vector<AttributeDefinition>& definitions);

template <class Index>
std::optional<std::vector<table::IndexRequest>> ToTable(
    std::optional<std::vector<Index>>& indexes) {
  if (!indexes) return std::nullopt;
  std::vector<table::IndexRequest> requests;
  for (auto& index : *indexes) requests.push_back(ToTable(index));
  return requests;
}

}  // namespace tidemark::api::dynamodb
