// DescribeTable, ListTables, DeleteTable.
#include "api/dynamodb/handlers.h"
#include "api/dynamodb/item_parameters.h"
#include "api/dynamodb/shapes_gen.h"
#include "api/dynamodb/table_description.h"

namespace tidemark::api::dynamodb {

namespace {

std::string Answer(std::string_view key, const table::TableDescription& table) {
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Key(key);
  WriteTableDescription(table, &w);
  w.EndObject();
  return answer;
}

}  // namespace

Task<std::string> DescribeTable(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseDescribeTable(body));
  TM_CO_TRY(auto table,
            co_await services.tables.Describe(std::move(caller), std::move(*input.table_name)));
  co_return Answer("Table", table);
}

Task<std::string> DeleteTable(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseDeleteTable(body));
  TM_CO_TRY(auto table,
            co_await services.tables.Delete(std::move(caller), std::move(*input.table_name)));
  co_return Answer("TableDescription", table);
}

Task<std::string> ListTables(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseListTables(body));
  auto limit = ToTable(input.limit);
  TM_CO_TRY(auto tables,
            co_await services.tables.List(std::move(caller),
                                          std::move(input.exclusive_start_table_name), limit));
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Key("TableNames").BeginArray();
  for (const auto& name : tables.names) w.String(name);
  w.EndArray();
  if (!tables.last_evaluated.empty()) w.Field("LastEvaluatedTableName", tables.last_evaluated);
  w.EndObject();
  co_return answer;
}

}  // namespace tidemark::api::dynamodb
