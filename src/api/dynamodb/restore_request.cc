#include "api/dynamodb/restore_request.h"

#include "api/dynamodb/backup_arn.h"
#include "api/dynamodb/index_settings.h"
#include "api/dynamodb/table_settings.h"
#include "codec/instant.h"
#include "table/sse.h"
#include "table/table_name.h"

namespace tidemark::api::dynamodb {

namespace {

Unexpected Invalid(std::string_view text) {
  return Fail(ErrorKind::kValidation, "One or more parameter values were invalid: {}", text);
}

Result<restore::Settings> SettingsFrom(const table::Caller& caller) {
  const std::string_view given = caller.restore_settings;
  if (given.empty() || given == "current") return restore::Settings::kCurrent;
  if (given == "as-of") return restore::Settings::kAsOf;
  if (given == "all") return restore::Settings::kAll;
  return Fail(ErrorKind::kValidation,
              "X-Tidemark-Restore-Settings must be current, as-of or all, not {}", given);
}

// Whether the new table is verified before it is shown.
Result<bool> VerifiesFirst(const table::Caller& caller) {
  const std::string_view given = caller.restore_verify;
  if (given.empty() || given == "later") return false;
  if (given == "full") return true;
  return Fail(ErrorKind::kValidation, "X-Tidemark-Restore-Verify must be full or later, not {}",
              given);
}

// What depends on the source's own settings is checked by restore/.
template <class Input>
Result<restore::Overrides> ToOverrides(const table::Caller& caller, Input& input) {
  restore::Overrides overrides;
  overrides.global_indexes = ToTable(input.global_secondary_index_override);
  overrides.local_indexes = ToTable(input.local_secondary_index_override);
  if (input.billing_mode_override) overrides.billing = ToCatalog(*input.billing_mode_override);
  if (input.provisioned_throughput_override) {
    overrides.throughput = ToCatalog(*input.provisioned_throughput_override);
  }
  if (input.on_demand_throughput_override) {
    overrides.on_demand = ToCatalog(*input.on_demand_throughput_override);
    const auto legal = [](int64_t units) { return units == -1 || units >= 1; };
    if (!legal(overrides.on_demand->max_read_units) ||
        !legal(overrides.on_demand->max_write_units)) {
      return Invalid("MaxReadRequestUnits and MaxWriteRequestUnits must be -1 or greater than 0");
    }
  }
  if (input.sse_specification_override) {
    TM_TRY(overrides.sse, table::MakeSse(caller, ToTable(*input.sse_specification_override)));
  }
  return overrides;
}

Result<std::string> SourceOf(const table::Caller& caller,
                             const RestoreTableToPointInTimeInput& input) {
  if (!input.source_table_name && !input.source_table_arn) {
    return Invalid("Either SourceTableName or SourceTableArn must be specified");
  }
  std::string name;
  if (input.source_table_arn) {
    if (!input.source_table_arn->starts_with("arn:")) {
      return Invalid("SourceTableArn must be the ARN of a table");
    }
    TM_TRY(name, table::TableNameOf(caller, *input.source_table_arn));
  }
  if (input.source_table_name) {
    if (!name.empty() && name != *input.source_table_name) {
      return Invalid("SourceTableName and SourceTableArn name different tables");
    }
    name = *input.source_table_name;
  }
  return name;
}

// What the caller and the headers say.
Result<restore::ToPointInTime> BeginRequest(const table::Caller& caller) {
  restore::ToPointInTime request;
  TM_TRY(request.settings, SettingsFrom(caller));
  TM_TRY(request.verifies_first, VerifiesFirst(caller));
  request.account = caller.account;
  request.access_key = caller.origin.access_key;
  request.region = caller.region;
  return request;
}

Result<void> CheckOneInstant(const restore::ToPointInTime& request) {
  if (request.use_latest != request.time.has_value()) return {};
  return Invalid("Specify either UseLatestRestorableTime as true or RestoreDateTime");
}

// The instant of requests of our own.
template <class Input>
Result<void> TakeInstant(const Input& input, restore::ToPointInTime* request) {
  request->use_latest = input.use_latest_restorable_time.value_or(false);
  if (input.restore_date_time) {
    TM_TRY(request->time, codec::ParseInstant(*input.restore_date_time));
  }
  return CheckOneInstant(*request);
}

}  // namespace

Result<restore::FromBackup> ToRestore(const table::Caller& caller,
                                      RestoreTableFromBackupInput& input) {
  TM_TRY(const auto backup, ParseBackupArn(caller, *input.backup_arn));
  if (backup.region != caller.region.value && !input.sse_specification_override) {
    return Invalid("SSESpecificationOverride must be specified when restoring from another Region");
  }
  restore::FromBackup request;
  TM_TRY(request.settings, SettingsFrom(caller));
  TM_TRY(request.verifies_first, VerifiesFirst(caller));
  request.account = caller.account;
  request.access_key = caller.origin.access_key;
  request.region = caller.region;
  request.target = std::move(*input.target_table_name);
  TM_TRY(request.overrides, ToOverrides(caller, input));
  request.backup_arn = std::move(*input.backup_arn);
  return request;
}

Result<restore::ToPointInTime> ToRestore(const table::Caller& caller,
                                         RestoreTableToPointInTimeInput& input) {
  TM_TRY(auto request, BeginRequest(caller));
  request.use_latest = input.use_latest_restorable_time.value_or(false);
  request.time = input.restore_date_time;
  TM_TRYV(CheckOneInstant(request));
  TM_TRY(request.source_table, SourceOf(caller, input));
  request.target = std::move(*input.target_table_name);
  TM_TRY(request.overrides, ToOverrides(caller, input));
  return request;
}

Result<restore::ToPointInTime> ToRestore(const table::Caller& caller, UndeleteTableInput& input) {
  TM_TRY(auto request, BeginRequest(caller));
  request.deleted = true;
  TM_TRYV(TakeInstant(input, &request));
  if (input.source_table_id) {
    const auto id = TableId::Parse(*input.source_table_id);
    if (!id) return Invalid("SourceTableId must be the id of a table");
    request.source_id = *id;
  }
  request.source_table = std::move(*input.source_table_name);
  request.target = std::move(*input.target_table_name);
  return request;
}

Result<std::vector<restore::ToPointInTime>> ToRestore(const table::Caller& caller,
                                                      RestoreTablesToPointInTimeInput& input) {
  TM_TRY(auto first, BeginRequest(caller));
  TM_TRYV(TakeInstant(input, &first));
  std::vector<restore::ToPointInTime> requests;
  for (TableToRestore& table : *input.tables) {
    auto& request = requests.emplace_back(first);
    request.source_table = std::move(*table.source_table_name);
    request.target = std::move(*table.target_table_name);
  }
  return requests;
}

}  // namespace tidemark::api::dynamodb
