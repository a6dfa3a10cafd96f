#include "table/update_table.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "table/invalid.h"
#include "table/throughput.h"
#include "table/update_indexes.h"

namespace tidemark::table {
namespace {

using catalog::BillingMode;
using catalog::TableRecord;
using catalog::TableStatus;

constexpr std::string_view kStandard = "STANDARD";

bool ChangesThroughput(const UpdateTableRequest& request) {
  return request.billing || request.throughput;
}

// Which members there are, of those that exclude each other.
int CountChanges(const UpdateTableRequest& request) {
  return ChangesThroughput(request) + request.on_demand.has_value() + request.warm.has_value() +
         !request.table_class.empty() + request.deletion_protection.has_value() +
         request.sse.has_value() + request.stream.has_value() + !request.index_updates.empty() +
         request.replica_updates + request.replication_mode;
}

// The list names members that are not public, and leaves out MultiRegionConsistency where it was
// sent: alone it asks for nothing.
Unexpected NothingAsked(const UpdateTableRequest& request) {
  return Fail(ErrorKind::kValidation,
              "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
              "GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, "
              "MultiAccountReplicaReady, ReplicaTransitRoleArn, {}DeletionProtectionEnabled, "
              "OnDemandThroughput, WarmThroughput or TableClass is required",
              request.consistency ? "" : "MultiRegionConsistency, ");
}

// One change a call, with few exceptions; of several that want to be alone, the text names the
// first in this order.
Result<void> CheckTogether(const UpdateTableRequest& request) {
  if (CountChanges(request) == 1) return {};
  constexpr std::string_view kAlone = "must be the only operation in the request";
  if (request.sse) return Invalid("Server-Side Encryption modification {}", kAlone);
  if (!request.table_class.empty()) return Invalid("TableClass modification {}", kAlone);
  if (request.deletion_protection) return Invalid("DeletionProtection modification {}", kAlone);
  if (request.warm) return Invalid("WarmThroughput {}", kAlone);
  if (request.on_demand && !(request.billing && CountChanges(request) == 2))
    return Invalid(
        "OnDemandThroughput can only be combined with BillingMode in an UpdateTable "
        "request");
  if (request.stream && (request.throughput || request.billing == BillingMode::kProvisioned))
    return Invalid("You cannot modify stream status while updating table IOPS");
  return {};
}

Result<void> CheckBilling(const UpdateTableRequest& request) {
  if (request.billing == BillingMode::kProvisioned && !request.throughput)
    return Invalid("ProvisionedThroughput must be specified when BillingMode is PROVISIONED");
  if (request.billing == BillingMode::kPayPerRequest && request.throughput)
    return Invalid("ProvisionedThroughput cannot be specified when BillingMode is PAY_PER_REQUEST");
  if (request.throughput) TM_TRYV(CheckProvisioned(*request.throughput));
  return {};
}

Result<void> CheckAvailable(const UpdateTableRequest& request) {
  if (request.replica_updates || request.consistency || request.replication_mode)
    return Invalid("global tables are not available in this version");
  return {};
}

Result<void> Provision(const catalog::Throughput& wanted, Timestamp now, TableRecord* record) {
  const catalog::Throughput had = record->throughput;
  if (wanted == had)
    return Fail(ErrorKind::kValidation,
                "The provisioned throughput for the table will not change. The requested value "
                "equals the current value. Current ReadCapacityUnits provisioned for the table: "
                "{}. Requested ReadCapacityUnits: {}. Current WriteCapacityUnits provisioned for "
                "the table: {}. Requested WriteCapacityUnits: {}. Refer to the Amazon DynamoDB "
                "Developer Guide for current limits and how to request higher limits.",
                had.read_units, wanted.read_units, had.write_units, wanted.write_units);
  auto& changes = record->throughput_changes;
  if (wanted.read_units < had.read_units || wanted.write_units < had.write_units) {
    changes.decreases = changes.DecreasesOn(now) + 1;
    changes.decreased = now;
  }
  if (wanted.read_units > had.read_units || wanted.write_units > had.write_units)
    changes.increased = now;
  record->throughput = wanted;
  return {};
}

Result<void> ChangeThroughput(const UpdateTableRequest& request, Timestamp now,
                              TableRecord* record) {
  const auto billing = request.billing.value_or(record->billing);
  if (billing == BillingMode::kPayPerRequest && request.throughput)
    return Invalid(
        "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
        "PAY_PER_REQUEST");
  record->warm = record->Warm();
  if (billing == BillingMode::kProvisioned && record->billing == BillingMode::kProvisioned)
    return Provision(*request.throughput, now, record);
  if (billing == record->billing) return {};
  record->billing = billing;
  if (billing == BillingMode::kPayPerRequest) {
    record->throughput = {};
    record->billing_changed = now;
  } else {
    record->throughput = *request.throughput;
    record->on_demand.reset();
  }
  return {};
}

// Of global indexes: what the table's billing mode demands.
Result<void> FitIndexes(TableRecord* record) {
  for (auto& index : record->indexes) {
    if (index.local || !index.IsKept()) continue;
    if (record->billing == BillingMode::kPayPerRequest) {
      index.throughput = {};
    } else if (index.throughput == catalog::Throughput{}) {
      return Invalid("ProvisionedThroughput must be specified for index: {}", index.name);
    } else {
      index.on_demand.reset();
    }
  }
  return {};
}

void ChangeClass(const std::string& table_class, Timestamp now, TableRecord* record) {
  const std::string_view current =
      record->table_class.empty() ? kStandard : std::string_view(record->table_class);
  if (table_class == current) return;
  record->table_class = table_class;
  record->table_class_changed = now;
}

Result<void> ChangeSse(const catalog::SseSettings& wished, const SseRequest& request,
                       TableRecord* record) {
  TM_TRYV(catalog::CheckAccessible(*record));
  if (!wished.enabled && !record->sse.enabled)
    return Invalid("Table is already encrypted by default");
  const bool same = wished.enabled == record->sse.enabled && wished.key_arn == record->sse.key_arn;
  if (same && request.kms_key == wished.key_arn)
    return Invalid(
        "Table is already encrypted with given KMSMasterKeyId. Use KMSMasterKeyId parameter if you "
        "want to change Master Key");
  if (same) return {};
  record->sse = wished;
  record->sse.moving = true;
  return {};
}

}  // namespace

Result<void> CheckNotChanging(const TableRecord& record) {
  if (record.status == TableStatus::kActive) return {};
  return Fail(ErrorKind::kResourceInUse,
              "Attempt to change a resource which is still in use: Table is being {}: {}",
              record.status == TableStatus::kDeleting ? "deleted" : "created", record.name);
}

Result<void> CheckUpdate(const UpdateTableRequest& request) {
  if (CountChanges(request) == 0) return NothingAsked(request);
  TM_TRYV(CheckBilling(request));
  if (!request.index_updates.empty()) TM_TRYV(CheckIndexUpdates(request.index_updates));
  return CheckTogether(request);
}

Result<void> ApplyUpdate(const UpdateTableRequest& request,
                         const std::optional<catalog::SseSettings>& sse, Timestamp now,
                         TableRecord* record) {
  TM_TRYV(CheckNotChanging(*record));
  TM_TRYV(CheckAvailable(request));
  if (ChangesThroughput(request)) TM_TRYV(ChangeThroughput(request, now, record));
  if (!request.index_updates.empty())
    TM_TRYV(ApplyIndexUpdates(request.index_updates, request.attributes, record));
  TM_TRYV(FitIndexes(record));
  if (request.on_demand) TM_TRYV(ChangeOnDemand(*request.on_demand, record));
  if (request.warm) TM_TRYV(RaiseWarm(*request.warm, record));
  if (!request.table_class.empty()) ChangeClass(request.table_class, now, record);
  if (request.deletion_protection) record->deletion_protection = *request.deletion_protection;
  if (sse) TM_TRYV(ChangeSse(*sse, *request.sse, record));
  return {};
}

void ShowAsUpdating(const UpdateTableRequest& request, const TableRecord& before, Timestamp now,
                    TableDescription* shown) {
  auto& record = shown->record;
  if (ChangesThroughput(request) || !request.table_class.empty() ||
      !request.index_updates.empty() || request.stream)
    record.status = TableStatus::kUpdating;
  if (record.billing == BillingMode::kProvisioned) record.throughput = before.throughput;
  record.billing_changed = before.billing_changed;
  shown->decreases_today = before.throughput_changes.DecreasesOn(now);
  record.table_class = before.table_class;
  record.table_class_changed = before.table_class_changed;
  record.warm = before.Warm();
  shown->warming = request.warm.has_value();
}

}  // namespace tidemark::table
