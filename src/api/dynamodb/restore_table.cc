// RestoreTableFromBackup and RestoreTableToPointInTime.
#include "api/dynamodb/handlers.h"
#include "api/dynamodb/restore_request.h"
#include "api/dynamodb/shapes_gen.h"
#include "api/dynamodb/table_description.h"

namespace tidemark::api::dynamodb {

namespace {

template <class Request>
Task<std::string> Start(const Services& services, Request request) {
  auto start = [&] { return services.restores.Start(request); };
  TM_CO_TRY(auto table, co_await runtime::Blocking(services.pool, start));
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Key("TableDescription");
  WriteTableDescription({.record = *table}, &w);
  w.EndObject();
  co_return answer;
}

}  // namespace

Task<std::string> RestoreTableFromBackup(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseRestoreTableFromBackup(body));
  TM_CO_TRY(auto request, ToRestore(caller, input));
  co_return co_await Start(services, std::move(request));
}

Task<std::string> RestoreTableToPointInTime(const Services& services, Caller caller,
                                            JsonValue body) {
  TM_CO_TRY(auto input, ParseRestoreTableToPointInTime(body));
  TM_CO_TRY(auto request, ToRestore(caller, input));
  co_return co_await Start(services, std::move(request));
}

}  // namespace tidemark::api::dynamodb
