// Restores of tables under way and on record: DescribeTableRestore, ListTableRestores,
// CancelTableRestore. They are begun by RestoreTableFromBackup, RestoreTableToPointInTime,
// UndeleteTable, and RestoreTablesToPointInTime, which is here.
#include "api/dynamodb/restore_request.h"
#include "api/dynamodb/shapes_gen.h"
#include "api/past/handlers.h"
#include "api/past/list_token.h"
#include "table/table_name.h"

namespace tidemark::api::past {

namespace {

using restore::RestoreReport;
using restore::RestoreStatus;

constexpr int64_t kTableRestoresDefault = 100;

void WriteProgress(const Services& services, const RestoreReport& report, codec::JsonWriter* w) {
  if (report.is_over()) {
    if (report.status == RestoreStatus::kCompleted) w->Field("ProgressPercent", int64_t{100});
    return;
  }
  const auto progress = services.restores.ProgressOf(report.id);
  w->Field("Phase", ToString(progress ? progress->phase() : restore::Phase::kWaiting));
  w->Field("ProgressPercent", int64_t{progress ? progress->percent() : 0});
  const auto left = progress ? progress->Left() : std::nullopt;
  if (left) w->Field("EstimatedSecondsLeft", static_cast<int64_t>(left->count()));
}

void WriteReport(const Services& services, const RestoreReport& report, codec::JsonWriter* w) {
  w->BeginObject();
  w->Field("TableName", report.table_name).Field("TableId", report.id.ToString());
  w->Field("Status", ToString(report.status));
  if (!report.group.empty()) w->Field("GroupId", report.group);
  if (!report.failure.empty()) w->Field("FailureReason", report.failure);
  WriteProgress(services, report, w);
  w->Field("SourceTableArn", report.source_table_arn);
  if (!report.source_backup_arn.empty()) w->Field("SourceBackupArn", report.source_backup_arn);
  if (report.from_cold) w->Field("SourceStorageClass", "COLD");
  WriteInstant("RestoreDateTime", report.restore_time, w);
  WriteOrigin(report.access_key, {}, w);
  WriteInstant("CreationDateTime", report.created, w);
  if (report.ended != Timestamp{}) WriteInstant("EndDateTime", report.ended, w);
  if (report.status == RestoreStatus::kCompleted) {
    if (report.verification != restore::Verification::kNone)
      w->Field("Verification", ToString(report.verification));
    if (!report.difference.empty()) w->Field("VerificationFailure", report.difference);
    w->Field("ItemCount", static_cast<int64_t>(report.items));
    w->Field("TableSizeBytes", static_cast<int64_t>(report.bytes));
    if (report.source_backup_arn.empty()) w->Field("Changes", static_cast<int64_t>(report.changes));
  }
  w->EndObject();
}

std::string AnswerOf(const Services& services, const RestoreReport& report) {
  std::string answer;
  codec::JsonWriter w(&answer);
  WriteReport(services, report, &w);
  return answer;
}

}  // namespace

Task<std::string> DescribeTableRestore(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseDescribeTableRestore(body));
  TM_CO_TRY(const auto name, table::TableNameOf(caller, *input.table_name));
  const auto report = services.restore_reports.Newest(caller.account, caller.region, name);
  if (!report) {
    co_return Fail(
        ErrorKind::kResourceNotFound,
        "No restore into a table {} is on record; ListTableRestores tells those that are", name);
  }
  co_return AnswerOf(services, *report);
}

Task<std::string> ListTableRestores(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseListTableRestores(body));
  restore::RestoreQuery query;
  if (input.table_name) {
    TM_CO_TRY(const auto name, table::TableNameOf(caller, *input.table_name));
    query.table_name = std::string(name);
  }
  query.group = std::move(input.group_id).value_or("");
  if (input.next_token) {
    TM_CO_TRY(const auto place, ReadListToken(*input.next_token));
    query.after = {place.created, TableId::FromBytes(place.id)};
  }
  const auto limit = static_cast<size_t>(input.limit.value_or(kTableRestoresDefault));
  query.limit = limit + 1;
  auto found = services.restore_reports.List(caller.account, caller.region, query);
  const bool more = found.size() > limit;
  if (more) found.pop_back();
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Key("TableRestores").BeginArray();
  for (const auto& report : found) WriteReport(services, *report, &w);
  w.EndArray();
  if (more) w.Field("NextToken", ListToken(found.back()->created, found.back()->id.AsBytes()));
  w.EndObject();
  co_return answer;
}

Task<std::string> CancelTableRestore(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseCancelTableRestore(body));
  TM_CO_TRY(const auto name, table::TableNameOf(caller, *input.table_name));
  auto cancel = [&] { return services.restores.Cancel(caller.account, caller.region, name); };
  TM_CO_TRY(const auto report, co_await runtime::Blocking(services.pool, cancel));
  co_return AnswerOf(services, *report);
}

Task<std::string> RestoreTablesToPointInTime(const Services& services, Caller caller,
                                             JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseRestoreTablesToPointInTime(body));
  TM_CO_TRY(const auto requests, dynamodb::ToRestore(caller, input));
  auto start = [&] { return services.restores.Start(requests); };
  TM_CO_TRY(const auto tables, co_await runtime::Blocking(services.pool, start));
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Field("GroupId", tables.front()->id.ToString());
  WriteInstant("RestoreDateTime", tables.front()->restore->restore_time, &w);
  w.Key("TableRestores").BeginArray();
  for (const auto& table : tables) {
    if (const auto report = services.restore_reports.Find(table->id))
      WriteReport(services, *report, &w);
  }
  w.EndArray().EndObject();
  co_return answer;
}

}  // namespace tidemark::api::past
