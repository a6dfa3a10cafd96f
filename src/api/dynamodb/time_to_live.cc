// UpdateTimeToLive and DescribeTimeToLive.
#include "api/dynamodb/handlers.h"
#include "api/dynamodb/shapes_gen.h"
#include "api/dynamodb/table_description.h"
#include "codec/json_writer.h"

namespace tidemark::api::dynamodb {

Task<std::string> DescribeTimeToLive(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseDescribeTimeToLive(body));
  TM_CO_TRY(const auto settings, co_await services.time_to_live.Describe(
                                     std::move(caller), std::move(*input.table_name)));
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject();
  WriteTimeToLive(settings, &w);
  w.EndObject();
  co_return answer;
}

Task<std::string> UpdateTimeToLive(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseUpdateTimeToLive(body));
  auto& wanted = *input.time_to_live_specification;
  table::UpdateTimeToLiveRequest request{.table = std::move(*input.table_name),
                                         .enabled = *wanted.enabled,
                                         .attribute = std::move(*wanted.attribute_name)};
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Key("TimeToLiveSpecification").BeginObject();
  w.FieldBool("Enabled", request.enabled).Field("AttributeName", request.attribute);
  w.EndObject().EndObject();
  TM_CO_TRYV(co_await services.time_to_live.Update(std::move(caller), std::move(request)));
  co_return answer;
}

}  // namespace tidemark::api::dynamodb
