#include "api/dynamodb/handlers.h"
#include "api/dynamodb/index_settings.h"
#include "api/dynamodb/shapes_gen.h"
#include "api/dynamodb/table_description.h"
#include "api/dynamodb/table_settings.h"

namespace tidemark::api::dynamodb {

namespace {

// One without members counts as absent.
std::optional<table::UnitsRequest> Asked(table::UnitsRequest request) {
  if (request.empty()) return std::nullopt;
  return request;
}

// AttributeDefinitions serve new indexes only; without one they are ignored.
table::UpdateTableRequest ToRequest(UpdateTableInput& input) {
  table::UpdateTableRequest request;
  request.table = std::move(*input.table_name);
  if (input.billing_mode) request.billing = ToCatalog(*input.billing_mode);
  if (input.provisioned_throughput) {
    request.throughput = ToCatalog(*input.provisioned_throughput);
  }
  if (input.on_demand_throughput) request.on_demand = Asked(ToTable(*input.on_demand_throughput));
  if (input.warm_throughput) request.warm = Asked(ToTable(*input.warm_throughput));
  if (input.table_class) request.table_class = ToText(*input.table_class);
  request.deletion_protection = input.deletion_protection_enabled;
  if (input.sse_specification) request.sse = ToTable(*input.sse_specification);
  if (input.stream_specification) request.stream = ToTable(*input.stream_specification);
  if (input.global_secondary_index_updates) {
    for (auto& update : *input.global_secondary_index_updates)
      request.index_updates.push_back(ToTable(update));
  }
  if (input.attribute_definitions) request.attributes = ToCatalog(*input.attribute_definitions);
  request.replica_updates = input.replica_updates.has_value();
  request.consistency = input.multi_region_consistency.has_value();
  request.replication_mode = input.global_table_settings_replication_mode.has_value();
  return request;
}

}  // namespace

Task<std::string> UpdateTable(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseUpdateTable(body));
  auto request = ToRequest(input);
  TM_CO_TRY(auto table, co_await services.tables.Update(std::move(caller), std::move(request)));
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Key("TableDescription");
  WriteTableDescription(table, &w);
  w.EndObject();
  co_return answer;
}

}  // namespace tidemark::api::dynamodb
