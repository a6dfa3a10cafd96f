#include "api/dynamodb/handlers.h"
#include "api/dynamodb/index_settings.h"
#include "api/dynamodb/shapes_gen.h"
#include "api/dynamodb/table_description.h"
#include "api/dynamodb/table_settings.h"

namespace tidemark::api::dynamodb {

namespace {

void FillSchema(CreateTableInput& input, table::CreateTableRequest* request) {
  if (input.attribute_definitions) request->attributes = ToCatalog(*input.attribute_definitions);
  if (input.key_schema) request->key_schema = ToTable(*input.key_schema);
  request->local_indexes = ToTable(input.local_secondary_indexes);
  request->global_indexes = ToTable(input.global_secondary_indexes);
}

void FillSettings(CreateTableInput& input, table::CreateTableRequest* request) {
  if (input.billing_mode) request->billing = ToCatalog(*input.billing_mode);
  if (input.provisioned_throughput) {
    request->throughput = ToCatalog(*input.provisioned_throughput);
  }
  if (input.on_demand_throughput) request->on_demand = ToTable(*input.on_demand_throughput);
  if (input.warm_throughput) request->warm = ToTable(*input.warm_throughput);
  if (input.stream_specification) request->stream = ToTable(*input.stream_specification);
  if (input.sse_specification) request->sse = ToTable(*input.sse_specification);
  if (input.tags) request->tags = ToTable(*input.tags);
  if (input.table_class) request->table_class = ToText(*input.table_class);
  request->deletion_protection = input.deletion_protection_enabled.value_or(false);
  request->resource_policy = input.resource_policy;
  request->global_table = input.global_table_source_arn.has_value() ||
                          input.global_table_settings_replication_mode.has_value();
}

}  // namespace

Task<std::string> CreateTable(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseCreateTable(body));
  table::CreateTableRequest request;
  request.table = std::move(*input.table_name);
  FillSchema(input, &request);
  FillSettings(input, &request);
  TM_CO_TRY(auto created, co_await services.tables.Create(std::move(caller), std::move(request)));
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Key("TableDescription");
  WriteTableDescription(created, &w);
  w.EndObject();
  co_return answer;
}

}  // namespace tidemark::api::dynamodb
