// CreateBackup, DescribeBackup, ListBackups, DeleteBackup.
#include "api/dynamodb/backup_arn.h"
#include "api/dynamodb/backup_description.h"
#include "api/dynamodb/handlers.h"
#include "api/dynamodb/shapes_gen.h"
#include "table/table_name.h"

namespace tidemark::api::dynamodb {

namespace {

// A backup is found in its own Region only.
Result<void> CheckArn(const Caller& caller, std::string_view arn) {
  TM_TRY(const auto parts, ParseBackupArn(caller, arn));
  if (parts.region == caller.region.value) return {};
  return Fail(ErrorKind::kBackupNotFound, "Backup not found: {}", arn);
}

std::string Answer(const catalog::BackupRecord& backup) {
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Key("BackupDescription");
  WriteBackupDescription(backup, &w);
  w.EndObject();
  return answer;
}

Result<backup::ListQuery> ToQuery(const Caller& caller, ListBackupsInput& input) {
  backup::ListQuery query;
  if (input.table_name) {
    TM_TRY(const std::string_view name, table::TableNameOf(caller, *input.table_name));
    query.table_name = std::string(name);
  }
  if (input.limit) query.limit = static_cast<size_t>(*input.limit);
  query.from = input.time_range_lower_bound;
  query.before = input.time_range_upper_bound;
  if (input.exclusive_start_backup_arn) {
    query.after_arn = std::move(*input.exclusive_start_backup_arn);
    TM_TRYV(ParseBackupArn(caller, query.after_arn));
  }
  const auto type = input.backup_type.value_or(BackupTypeFilter::kUser);
  query.user = type == BackupTypeFilter::kUser || type == BackupTypeFilter::kAll;
  query.system = type == BackupTypeFilter::kSystem || type == BackupTypeFilter::kAll;
  query.managed = type == BackupTypeFilter::kAwsBackup || type == BackupTypeFilter::kAll;
  return query;
}

}  // namespace

Task<std::string> CreateBackup(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseCreateBackup(body));
  TM_CO_TRY(const std::string_view table, table::TableNameOf(caller, *input.table_name));
  auto create = [&] {
    return services.backups.Create(caller.account, caller.region, table, *input.backup_name);
  };
  TM_CO_TRY(auto backup, co_await runtime::Blocking(services.pool, create));
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Key("BackupDetails");
  WriteBackupDetails(*backup, &w);
  w.EndObject();
  co_return answer;
}

Task<std::string> DescribeBackup(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseDescribeBackup(body));
  TM_CO_TRYV(CheckArn(caller, *input.backup_arn));
  TM_CO_TRY(auto backup, services.backups.Describe(*input.backup_arn));
  co_return Answer(*backup);
}

Task<std::string> DeleteBackup(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseDeleteBackup(body));
  TM_CO_TRYV(CheckArn(caller, *input.backup_arn));
  auto erase = [&] { return services.backups.Delete(*input.backup_arn); };
  TM_CO_TRY(auto backup, co_await runtime::Blocking(services.pool, erase));
  co_return Answer(*backup);
}

Task<std::string> ListBackups(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseListBackups(body));
  TM_CO_TRY(const auto query, ToQuery(caller, input));
  const auto page = services.backups.List(caller.account, caller.region, query);
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Key("BackupSummaries").BeginArray();
  for (const auto& backup : page.backups) WriteBackupSummary(*backup, &w);
  w.EndArray();
  if (!page.last_arn.empty()) w.Field("LastEvaluatedBackupArn", page.last_arn);
  w.EndObject();
  co_return answer;
}

}  // namespace tidemark::api::dynamodb
