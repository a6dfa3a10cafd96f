#include "api/past/settings_view.h"

#include <string_view>

#include "api/dynamodb/table_description.h"
#include "codec/json_writer.h"

namespace tidemark::api::past {
namespace {

using codec::JsonWriter;

template <class Write>
void Put(const std::string& name, const Write& write, SettingsView* view) {
  std::string json;
  JsonWriter w(&json);
  write(w);
  (*view)[name] = std::move(json);
}

void PutText(const std::string& name, std::string_view text, SettingsView* view) {
  if (!text.empty())
    Put(
        name, [&](JsonWriter& w) { w.String(text); }, view);
}

void PutUnits(const std::string& name, std::string_view read, std::string_view write,
              const catalog::Throughput& units, SettingsView* view) {
  Put(
      name,
      [&](JsonWriter& w) {
        w.BeginObject().Field(read, units.read_units).Field(write, units.write_units).EndObject();
      },
      view);
}

void PutOnDemand(const std::string& name, const std::optional<catalog::OnDemandThroughput>& given,
                 SettingsView* view) {
  if (!given) return;
  PutUnits(name, "MaxReadRequestUnits", "MaxWriteRequestUnits",
           {given->max_read_units, given->max_write_units}, view);
}

void WriteProjection(const index::Definition& definition, JsonWriter& w) {
  constexpr std::string_view kProjections[] = {"ALL", "KEYS_ONLY", "INCLUDE"};
  w.Key("Projection").BeginObject();
  w.Field("ProjectionType", kProjections[static_cast<size_t>(definition.projection)]);
  if (!definition.included.empty()) {
    w.Key("NonKeyAttributes").BeginArray();
    for (const auto& name : definition.included) w.String(name);
    w.EndArray();
  }
  w.EndObject();
}

void PutIndex(const catalog::IndexRecord& index, SettingsView* view) {
  const std::string name =
      (index.local ? "LocalSecondaryIndexes." : "GlobalSecondaryIndexes.") + index.name;
  const auto write = [&](JsonWriter& w) {
    w.BeginObject().Field("IndexStatus", catalog::ToString(index.status));
    w.Key("KeySchema").BeginArray();
    for (const auto& key : index.definition.partition)
      dynamodb::WriteKeyElement(key.name, "HASH", &w);
    for (const auto& key : index.definition.sort) dynamodb::WriteKeyElement(key.name, "RANGE", &w);
    w.EndArray();
    WriteProjection(index.definition, w);
    w.EndObject();
  };
  Put(name, write, view);
  if (index.throughput != catalog::Throughput()) {
    PutUnits(name + ".ProvisionedThroughput", "ReadCapacityUnits", "WriteCapacityUnits",
             index.throughput, view);
  }
  PutOnDemand(name + ".OnDemandThroughput", index.on_demand, view);
}

void PutKeys(const catalog::TableRecord& record, SettingsView* view) {
  Put(
      "KeySchema",
      [&](JsonWriter& w) {
        w.BeginArray();
        dynamodb::WriteKeyElement(record.keys.partition.name, "HASH", &w);
        if (record.keys.sort) dynamodb::WriteKeyElement(record.keys.sort->name, "RANGE", &w);
        w.EndArray();
      },
      view);
  for (const auto& attribute : record.attributes)
    PutText("AttributeDefinitions." + attribute.name, item::TypeName(attribute.type), view);
}

void PutThroughput(const catalog::TableRecord& record, SettingsView* view) {
  PutText("BillingMode", catalog::ToString(record.billing), view);
  if (record.billing == catalog::BillingMode::kProvisioned) {
    PutUnits("ProvisionedThroughput", "ReadCapacityUnits", "WriteCapacityUnits", record.throughput,
             view);
  }
  PutOnDemand("OnDemandThroughput", record.on_demand, view);
  PutUnits("WarmThroughput", "ReadUnitsPerSecond", "WriteUnitsPerSecond", record.Warm(), view);
}

void PutStream(const catalog::StreamSettings& stream, SettingsView* view) {
  if (!stream.enabled) return;
  PutText("StreamSpecification.StreamViewType", catalog::ToString(stream.view), view);
  PutText("StreamSpecification.ResourcePolicy", stream.policy.text, view);
}

}  // namespace

SettingsView ViewOf(const catalog::TableRecord& record) {
  SettingsView view;
  PutKeys(record, &view);
  PutThroughput(record, &view);
  for (const auto& index : record.indexes) PutIndex(index, &view);
  PutText("TableClass", record.table_class.empty() ? "STANDARD" : record.table_class, &view);
  Put(
      "DeletionProtectionEnabled", [&](JsonWriter& w) { w.Bool(record.deletion_protection); },
      &view);
  if (record.sse.enabled) PutText("SSESpecification.KMSMasterKeyId", record.sse.key_arn, &view);
  PutText("TimeToLiveSpecification.AttributeName", record.ttl.attribute, &view);
  if (record.stream) PutStream(*record.stream, &view);
  if (record.pitr.enabled) {
    Put(
        "PointInTimeRecoverySpecification.RecoveryPeriodInDays",
        [&](JsonWriter& w) { w.Int(record.pitr.period_days); }, &view);
  }
  for (const auto& tag : record.tags)
    Put(
        "Tags." + tag.key, [&](JsonWriter& w) { w.String(tag.value); }, &view);
  PutText("ResourcePolicy", record.policy.text, &view);
  return view;
}

}  // namespace tidemark::api::past
