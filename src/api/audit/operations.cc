#include "api/audit/operations.h"

#include <charconv>

#include "api/dynamodb/shapes_gen.h"
#include "codec/instant.h"
#include "codec/json_writer.h"

namespace tidemark::api::audit_log {
namespace {

using codec::JsonValue;
using table::Caller;

constexpr std::string_view kAuditPrefix = "Tidemark_20261101.";
constexpr int64_t kEventsDefault = 50;

void WriteEventAnswer(const audit::Event& event, codec::JsonWriter* w) {
  w->BeginObject().Field("EventTime", codec::FormatInstant(event.time));
  w->Field("EventSource", event.service).Field("EventName", event.operation);
  w->Field("PrincipalArn", event.principal).Field("AccessKeyId", event.access_key);
  w->Field("AwsRegion", event.region).Field("Resource", event.resource);
  w->Field("SourceIPAddress", event.source).Field("UserAgent", event.agent);
  w->Field("RequestId", event.request_id).Field("Status", static_cast<int64_t>(event.status));
  if (!event.error.empty()) w->Field("ErrorCode", event.error);
  w->EndObject();
}

bool Is(const std::optional<std::string>& wanted, const std::string& text) {
  return !wanted || *wanted == text;
}

Result<audit::Query> ReadQuery(const AccountId& account, const dynamodb::LookupEventsInput& input) {
  audit::Query query{.account = account};
  if (input.from) {
    TM_TRY(query.from, codec::ParseInstant(*input.from));
  }
  if (input.until) {
    TM_TRY(query.until, codec::ParseInstant(*input.until));
  }
  query.limit = static_cast<size_t>(input.limit.value_or(kEventsDefault));
  if (input.next_token) {
    uint64_t before = 0;
    const std::string& token = *input.next_token;
    const auto [end, code] = std::from_chars(token.data(), token.data() + token.size(), before);
    if (code != std::errc() || end != token.data() + token.size())
      return Fail(ErrorKind::kValidation, "Invalid NextToken: {}", token);
    query.before = before;
  }
  query.matches = [input](const audit::Event& event) {
    return Is(input.event_name, event.operation) && Is(input.principal_arn, event.principal) &&
           Is(input.resource, event.resource) && Is(input.access_key_id, event.access_key) &&
           (!input.errors_only.value_or(false) || !event.error.empty());
  };
  return query;
}

Task<std::string> LookupEvents(const AuditServices& services, Caller caller, JsonValue body) {
  TM_CO_TRY(const auto input, dynamodb::ParseLookupEvents(body));
  TM_CO_TRY(auto query, ReadQuery(caller.account, input));
  auto find = [&services, query = std::move(query)] { return services.log.Find(query); };
  TM_CO_TRY(const auto page, co_await runtime::Blocking(services.pool, std::move(find)));
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Key("Events").BeginArray();
  for (const auto& event : page.events) WriteEventAnswer(event, &w);
  w.EndArray();
  if (page.more_before) w.Field("NextToken", std::to_string(*page.more_before));
  w.EndObject();
  co_return answer;
}

}  // namespace

std::vector<Operation> Operations(const AuditServices& services) {
  return {{.name = "LookupEvents",
           .prefix = kAuditPrefix,
           .run = [&services](Caller caller, JsonValue body) {
             return LookupEvents(services, std::move(caller), body);
           }}};
}

}  // namespace tidemark::api::audit_log
