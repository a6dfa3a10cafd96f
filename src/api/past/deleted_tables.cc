// ListDeletedTables and UndeleteTable: tables that were deleted while they had point-in-time
// recovery.
#include "api/dynamodb/restore_request.h"
#include "api/dynamodb/shapes_gen.h"
#include "api/dynamodb/table_description.h"
#include "api/past/handlers.h"
#include "api/past/list_token.h"
#include "table/table_name.h"

namespace tidemark::api::past {
namespace {

constexpr int64_t kDeletedTablesDefault = 100;

void WriteDeleted(const Services& services, const catalog::BackupRecord& backup,
                  codec::JsonWriter* w) {
  const auto window = services.recovery.WindowOf(backup);
  if (!window) return;  // its time was over just now
  w->BeginObject();
  w->Field("TableName", backup.source.name).Field("TableId", backup.source.id.ToString());
  w->Field("TableArn", backup.source.Arn()).Field("BackupArn", backup.Arn());
  WriteInstant("DeletionDateTime", backup.created, w);
  WriteInstant("EarliestRestorableDateTime", window->earliest, w);
  WriteInstant("LatestRestorableDateTime", window->latest, w);
  if (backup.expires) WriteInstant("ExpiryDateTime", *backup.expires, w);
  w->Field("ItemCount", static_cast<int64_t>(backup.image.totals.items));
  w->Field("TableSizeBytes", static_cast<int64_t>(backup.image.totals.bytes));
  w->EndObject();
}

}  // namespace

Task<std::string> ListDeletedTables(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseListDeletedTables(body));
  std::string_view name;
  if (input.table_name) {
    TM_CO_TRY(name, table::TableNameOf(caller, *input.table_name));
  }
  auto found = services.restores.Deleted(caller.account, caller.region, name);
  if (input.next_token) {
    TM_CO_TRY(const auto place, ReadListToken(*input.next_token));
    const std::pair behind(place.created, TableId::FromBytes(place.id));
    std::erase_if(found, [&](const catalog::BackupPtr& backup) {
      return std::pair(backup->created, backup->source.id) >= behind;
    });
  }
  const auto limit = static_cast<size_t>(input.limit.value_or(kDeletedTablesDefault));
  const bool more = found.size() > limit;
  if (more) found.resize(limit);
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Key("DeletedTables").BeginArray();
  for (const auto& backup : found) WriteDeleted(services, *backup, &w);
  w.EndArray();
  if (more)
    w.Field("NextToken", ListToken(found.back()->created, found.back()->source.id.AsBytes()));
  w.EndObject();
  co_return answer;
}

Task<std::string> UndeleteTable(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseUndeleteTable(body));
  TM_CO_TRY(auto request, dynamodb::ToRestore(caller, input));
  auto start = [&] { return services.restores.Start(request); };
  TM_CO_TRY(const auto table, co_await runtime::Blocking(services.pool, start));
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Key("TableDescription");
  dynamodb::WriteTableDescription({.record = *table}, &w);
  w.EndObject();
  co_return answer;
}

}  // namespace tidemark::api::past
