#include "api/dynamodb/table_description.h"

#include "api/dynamodb/index_description.h"

namespace tidemark::api::dynamodb {

namespace {

void WriteTime(std::string_view key, Timestamp time, codec::JsonWriter* w) {
  if (time != Timestamp{}) w->Key(key).EpochMillis(time);
}

void WriteBilling(const catalog::TableRecord& table, int64_t decreases_today,
                  codec::JsonWriter* w) {
  w->Key("ProvisionedThroughput").BeginObject();
  WriteTime("LastIncreaseDateTime", table.throughput_changes.increased, w);
  WriteTime("LastDecreaseDateTime", table.throughput_changes.decreased, w);
  w->Field("NumberOfDecreasesToday", decreases_today);
  w->Field("ReadCapacityUnits", table.throughput.read_units);
  w->Field("WriteCapacityUnits", table.throughput.write_units);
  w->EndObject();
  // The service tells the mode only of tables that are, or once were, on demand.
  const bool was_on_demand = table.billing_changed != Timestamp{};
  if (table.billing != catalog::BillingMode::kPayPerRequest && !was_on_demand) return;
  w->Key("BillingModeSummary").BeginObject();
  w->Field("BillingMode", catalog::ToString(table.billing));
  WriteTime("LastUpdateToPayPerRequestDateTime", table.billing_changed, w);
  w->EndObject();
}

// Of a table that is being made the service tells it only if it was asked for.
void WriteWarmThroughput(const table::TableDescription& table, codec::JsonWriter* w) {
  const auto& record = table.record;
  const bool creating = record.status == catalog::TableStatus::kCreating;
  if (creating && record.warm == catalog::Throughput()) return;
  const auto warm = record.Warm();
  w->Key("WarmThroughput").BeginObject();
  w->Field("ReadUnitsPerSecond", warm.read_units);
  w->Field("WriteUnitsPerSecond", warm.write_units);
  w->Field("Status", creating || table.warming ? "UPDATING" : "ACTIVE");
  w->EndObject();
}

void WriteTableClass(const catalog::TableRecord& table, codec::JsonWriter* w) {
  if (table.table_class.empty()) return;
  w->Key("TableClassSummary").BeginObject();
  w->Field("TableClass", table.table_class);
  WriteTime("LastUpdateDateTime", table.table_class_changed, w);
  w->EndObject();
}

void WriteRestoreSummary(const catalog::RestoreSummary& restore, codec::JsonWriter* w) {
  w->Key("RestoreSummary").BeginObject();
  if (!restore.source_backup_arn.empty()) w->Field("SourceBackupArn", restore.source_backup_arn);
  if (!restore.source_table_arn.empty()) w->Field("SourceTableArn", restore.source_table_arn);
  w->Key("RestoreDateTime").EpochMillis(restore.restore_time);
  w->FieldBool("RestoreInProgress", restore.in_progress);
  w->EndObject();
}

}  // namespace

void WriteKeyElement(std::string_view name, std::string_view type, codec::JsonWriter* w) {
  w->BeginObject().Field("AttributeName", name).Field("KeyType", type).EndObject();
}

void WriteKeySchema(const item::KeySchema& keys, codec::JsonWriter* w) {
  w->Key("KeySchema").BeginArray();
  WriteKeyElement(keys.partition.name, "HASH", w);
  if (keys.sort) WriteKeyElement(keys.sort->name, "RANGE", w);
  w->EndArray();
}

void WriteSseDescription(const catalog::SseSettings& sse, codec::JsonWriter* w) {
  if (!sse.enabled) return;
  w->Key("SSEDescription").BeginObject();
  w->Field("Status", "ENABLED");
  w->Field("SSEType", sse.type);
  w->Field("KMSMasterKeyArn", sse.key_arn);
  if (sse.inaccessible != Timestamp{})
    w->Key("InaccessibleEncryptionDateTime").EpochMillis(sse.inaccessible);
  w->EndObject();
}

void WriteOnDemandThroughput(const std::optional<catalog::OnDemandThroughput>& throughput,
                             codec::JsonWriter* w) {
  if (!throughput) return;
  const auto write = [&](std::string_view key, int64_t units) {
    if (units != -1) w->Field(key, units);
  };
  w->Key("OnDemandThroughput").BeginObject();
  write("MaxReadRequestUnits", throughput->max_read_units);
  write("MaxWriteRequestUnits", throughput->max_write_units);
  w->EndObject();
}

void WriteStreamSpecification(std::string_view key,
                              const std::optional<catalog::StreamSettings>& stream,
                              codec::JsonWriter* w) {
  if (!stream || !stream->enabled) return;
  w->Key(key).BeginObject();
  w->FieldBool("StreamEnabled", true);
  w->Field("StreamViewType", catalog::ToString(stream->view));
  w->EndObject();
}

void WriteTimeToLive(const catalog::TtlSettings& settings, codec::JsonWriter* w) {
  w->Key("TimeToLiveDescription").BeginObject();
  if (settings.attribute.empty()) {
    w->Field("TimeToLiveStatus", "DISABLED");
  } else {
    w->Field("TimeToLiveStatus", settings.unsettled ? "ENABLING" : "ENABLED");
    w->Field("AttributeName", settings.attribute);
  }
  w->EndObject();
}

void WriteTableDescription(const table::TableDescription& table, codec::JsonWriter* w) {
  const auto& record = table.record;
  w->BeginObject();
  w->Key("AttributeDefinitions").BeginArray();
  for (const auto& attribute : record.attributes) {
    w->BeginObject();
    w->Field("AttributeName", attribute.name);
    w->Field("AttributeType", item::TypeName(attribute.type));
    w->EndObject();
  }
  w->EndArray();
  w->Field("TableName", record.name);
  WriteKeySchema(record.keys, w);
  const bool accessible = record.sse.inaccessible == Timestamp{};
  w->Field("TableStatus", accessible || record.status != catalog::TableStatus::kActive
                              ? catalog::ToString(record.status)
                              : "INACCESSIBLE_ENCRYPTION_CREDENTIALS");
  w->Key("CreationDateTime").EpochMillis(record.created);
  WriteBilling(record, table.decreases_today, w);
  w->Field("TableSizeBytes", static_cast<int64_t>(table.size_bytes));
  w->Field("ItemCount", static_cast<int64_t>(table.item_count));
  w->Field("TableArn", record.Arn());
  w->Field("TableId", record.id.ToString());
  WriteIndexDescriptions(table, w);
  WriteStreamSpecification("StreamSpecification", record.stream, w);
  if (record.stream && !record.stream->label.empty()) {
    w->Field("LatestStreamLabel", record.stream->label);
    w->Field("LatestStreamArn", record.StreamArn());
  }
  WriteTableClass(record, w);
  WriteSseDescription(record.sse, w);
  if (record.restore) WriteRestoreSummary(*record.restore, w);
  w->FieldBool("DeletionProtectionEnabled", record.deletion_protection);
  WriteOnDemandThroughput(record.on_demand, w);
  WriteWarmThroughput(table, w);
  w->EndObject();
}

}  // namespace tidemark::api::dynamodb
