// DescribeLimits and DescribeEndpoints: constants, whatever is asked.
#include "api/dynamodb/handlers.h"
#include "codec/json_writer.h"

namespace tidemark::api::dynamodb {

// The quotas AWS gives a new account. They are told because tools ask for them; nothing enforces
// them.
Task<std::string> DescribeLimits(const Services&, Caller, JsonValue) {
  co_return R"({"AccountMaxReadCapacityUnits":80000,"AccountMaxWriteCapacityUnits":80000,)"
            R"("TableMaxReadCapacityUnits":40000,"TableMaxWriteCapacityUnits":40000})";
}

// Whoever reaches this server does so by the name used in the request.
Task<std::string> DescribeEndpoints(const Services&, Caller caller, JsonValue) {
  constexpr int64_t kCacheMinutes = 1440;
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Key("Endpoints").BeginArray().BeginObject();
  w.Field("Address", caller.host).Field("CachePeriodInMinutes", kCacheMinutes);
  w.EndObject().EndArray().EndObject();
  co_return answer;
}

}  // namespace tidemark::api::dynamodb
