#include "api/dynamodb/backup_description.h"

#include "api/dynamodb/index_description.h"
#include "api/dynamodb/table_description.h"

namespace tidemark::api::dynamodb {

namespace {

// The size is that of the items by DynamoDB's rules, which is what the service bills.
void WriteDetailMembers(const catalog::BackupRecord& backup, codec::JsonWriter* w) {
  w->Field("BackupArn", backup.Arn());
  w->Field("BackupName", backup.name);
  w->Field("BackupSizeBytes", static_cast<int64_t>(backup.image.totals.bytes));
  w->Field("BackupStatus", catalog::ToString(backup.status));
  w->Field("BackupType", catalog::ToString(backup.type));
  w->Key("BackupCreationDateTime").EpochMillis(backup.created);
  if (backup.expires) w->Key("BackupExpiryDateTime").EpochMillis(*backup.expires);
}

void WriteSourceTable(const catalog::BackupRecord& backup, codec::JsonWriter* w) {
  const auto& table = backup.source;
  w->BeginObject();
  w->Field("TableName", table.name);
  w->Field("TableId", table.id.ToString());
  w->Field("TableArn", backup.TableArn());
  w->Field("TableSizeBytes", static_cast<int64_t>(backup.image.totals.bytes));
  WriteKeySchema(table.keys, w);
  w->Key("TableCreationDateTime").EpochMillis(table.created);
  w->Key("ProvisionedThroughput").BeginObject();
  w->Field("ReadCapacityUnits", table.throughput.read_units);
  w->Field("WriteCapacityUnits", table.throughput.write_units);
  w->EndObject();
  WriteOnDemandThroughput(table.on_demand, w);
  w->Field("ItemCount", static_cast<int64_t>(backup.image.totals.items));
  w->Field("BillingMode", catalog::ToString(table.billing));
  w->EndObject();
}

}  // namespace

void WriteBackupDetails(const catalog::BackupRecord& backup, codec::JsonWriter* w) {
  w->BeginObject();
  WriteDetailMembers(backup, w);
  w->EndObject();
}

void WriteBackupDescription(const catalog::BackupRecord& backup, codec::JsonWriter* w) {
  w->BeginObject();
  w->Key("BackupDetails");
  WriteBackupDetails(backup, w);
  w->Key("SourceTableDetails");
  WriteSourceTable(backup, w);
  w->Key("SourceTableFeatureDetails").BeginObject();
  WriteIndexInfos(backup.source, w);
  WriteStreamSpecification("StreamDescription", backup.source.stream, w);
  WriteSseDescription(backup.source.sse, w);
  if (!backup.source.ttl.attribute.empty()) WriteTimeToLive(backup.source.ttl, w);
  w->EndObject();
  w->EndObject();
}

void WriteBackupSummary(const catalog::BackupRecord& backup, codec::JsonWriter* w) {
  w->BeginObject();
  w->Field("TableName", backup.source.name);
  w->Field("TableId", backup.source.id.ToString());
  w->Field("TableArn", backup.TableArn());
  WriteDetailMembers(backup, w);
  w->EndObject();
}

}  // namespace tidemark::api::dynamodb
