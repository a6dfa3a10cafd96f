// DescribeContinuousBackups and UpdateContinuousBackups: the switch and the window of recovery.
#include "api/dynamodb/continuous_backups.h"

#include "api/dynamodb/handlers.h"
#include "api/dynamodb/shapes_gen.h"
#include "codec/json_writer.h"
#include "table/table_name.h"

namespace tidemark::api::dynamodb {

pitr::Window InWholeSeconds(const pitr::Window& window) {
  using std::chrono::floor;
  using std::chrono::seconds;
  return {floor<seconds>(window.earliest), floor<seconds>(window.latest)};
}

std::string ContinuousBackupsAnswer(const catalog::PitrSettings& settings,
                                    const std::optional<pitr::Window>& window) {
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Key("ContinuousBackupsDescription").BeginObject();
  w.Field("ContinuousBackupsStatus", "ENABLED");
  w.Key("PointInTimeRecoveryDescription").BeginObject();
  w.Field("PointInTimeRecoveryStatus", window ? "ENABLED" : "DISABLED");
  if (window) {
    const auto told = InWholeSeconds(*window);
    w.Field("RecoveryPeriodInDays", settings.period_days);
    w.Key("EarliestRestorableDateTime").EpochMillis(told.earliest);
    w.Key("LatestRestorableDateTime").EpochMillis(told.latest);
  }
  w.EndObject().EndObject().EndObject();
  return answer;
}

Task<std::string> DescribeContinuousBackups(const Services& services, Caller caller,
                                            JsonValue body) {
  TM_CO_TRY(auto input, ParseDescribeContinuousBackups(body));
  TM_CO_TRY(const std::string_view name, table::TableNameOf(caller, *input.table_name));
  auto table = services.catalog.FindTable(caller.account, caller.region, name);
  if (!table) co_return Fail(ErrorKind::kTableNotFound, "Table not found: {}", name);
  co_return ContinuousBackupsAnswer(table->pitr, services.recovery.WindowOf(*table));
}

Task<std::string> UpdateContinuousBackups(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseUpdateContinuousBackups(body));
  TM_CO_TRY(const std::string_view name, table::TableNameOf(caller, *input.table_name));
  const auto& wanted = *input.point_in_time_recovery_specification;
  std::optional<int> days;
  if (wanted.recovery_period_in_days) days = static_cast<int>(*wanted.recovery_period_in_days);
  auto update = [&] {
    return services.recovery.Update(caller.account, caller.region, name,
                                    *wanted.point_in_time_recovery_enabled, days, caller.origin);
  };
  TM_CO_TRY(auto table, co_await runtime::Blocking(services.pool, update));
  co_return ContinuousBackupsAnswer(table->pitr, services.recovery.WindowOf(*table));
}

}  // namespace tidemark::api::dynamodb
