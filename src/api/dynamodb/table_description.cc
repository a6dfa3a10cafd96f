#include "api/dynamodb/table_description.h"

#include "api/dynamodb/index_description.h"

namespace tidemark::api::dynamodb {

namespace {

void WriteBilling(const catalog::TableRecord& table, codec::JsonWriter* w) {
  w->Key("ProvisionedThroughput").BeginObject();
  w->Key("NumberOfDecreasesToday").Int(0);
  w->Field("ReadCapacityUnits", table.throughput.read_units);
  w->Field("WriteCapacityUnits", table.throughput.write_units);
  w->EndObject();
  // The service tells the mode only of tables that are, or once were, on demand.
  const bool was_on_demand = table.billing_changed != Timestamp{};
  if (table.billing != catalog::BillingMode::kPayPerRequest && !was_on_demand) return;
  w->Key("BillingModeSummary").BeginObject();
  w->Field("BillingMode", catalog::ToString(table.billing));
  if (was_on_demand) {
    w->Key("LastUpdateToPayPerRequestDateTime").EpochMillis(table.billing_changed);
  }
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
  w->EndObject();
}

void WriteOnDemandThroughput(const std::optional<catalog::OnDemandThroughput>& throughput,
                             codec::JsonWriter* w) {
  if (!throughput) return;
  w->Key("OnDemandThroughput").BeginObject();
  w->Field("MaxReadRequestUnits", throughput->max_read_units);
  w->Field("MaxWriteRequestUnits", throughput->max_write_units);
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
  w->Field("TableStatus", catalog::ToString(record.status));
  w->Key("CreationDateTime").EpochMillis(record.created);
  WriteBilling(record, w);
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
  if (!record.table_class.empty()) {
    w->Key("TableClassSummary").BeginObject().Field("TableClass", record.table_class).EndObject();
  }
  WriteSseDescription(record.sse, w);
  if (record.restore) WriteRestoreSummary(*record.restore, w);
  w->FieldBool("DeletionProtectionEnabled", record.deletion_protection);
  WriteOnDemandThroughput(record.on_demand, w);
  w->EndObject();
}

}  // namespace tidemark::api::dynamodb
