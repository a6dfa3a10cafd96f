#include "api/dynamodb/index_description.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "api/dynamodb/table_description.h"

namespace tidemark::api::dynamodb {

namespace {

using catalog::IndexRecord;
using catalog::IndexStatus;
using catalog::TableStatus;
using WriteIndex = std::function<void(const IndexRecord&, codec::JsonWriter*)>;

void WriteDefinition(const IndexRecord& index, codec::JsonWriter* w) {
  w->Field("IndexName", index.name);
  w->Key("KeySchema").BeginArray();
  for (const auto& key : index.definition.partition) WriteKeyElement(key.name, "HASH", w);
  for (const auto& key : index.definition.sort) WriteKeyElement(key.name, "RANGE", w);
  w->EndArray();
  constexpr std::string_view kProjections[] = {"ALL", "KEYS_ONLY", "INCLUDE"};
  w->Key("Projection").BeginObject();
  w->Field("ProjectionType", kProjections[static_cast<size_t>(index.definition.projection)]);
  if (!index.definition.included.empty()) {
    w->Key("NonKeyAttributes").BeginArray();
    for (const auto& name : index.definition.included) w->String(name);
    w->EndArray();
  }
  w->EndObject();
}

void WriteThroughput(const IndexRecord& index, codec::JsonWriter* w) {
  w->Field("ReadCapacityUnits", index.throughput.read_units);
  w->Field("WriteCapacityUnits", index.throughput.write_units);
}

// While the table is made or goes, so do its indexes.
IndexStatus StatusOf(const catalog::TableRecord& table, const IndexRecord& index) {
  if (table.status == TableStatus::kCreating) return IndexStatus::kCreating;
  if (table.status == TableStatus::kDeleting) return IndexStatus::kDeleting;
  return index.status;
}

void WriteDescription(const table::TableDescription& table, const IndexRecord& index,
                      codec::JsonWriter* w) {
  const auto& record = table.record;
  WriteDefinition(index, w);
  if (!index.local) {
    w->Field("IndexStatus", catalog::ToString(StatusOf(record, index)));
    if (index.status == IndexStatus::kCreating) w->FieldBool("Backfilling", true);
    w->Key("ProvisionedThroughput").BeginObject();
    w->Key("NumberOfDecreasesToday").Int(0);
    WriteThroughput(index, w);
    w->EndObject();
  }
  const auto at =
      std::ranges::find(table.indexes, index.definition.number, &shard::IndexTotals::index);
  const auto totals = at == table.indexes.end() ? shard::IndexTotals{} : *at;
  w->Field("IndexSizeBytes", static_cast<int64_t>(totals.bytes));
  w->Field("ItemCount", static_cast<int64_t>(totals.items));
  w->Field("IndexArn", record.Arn() + "/index/" + index.name);
  WriteOnDemandThroughput(index.on_demand, w);
}

void WriteLists(const catalog::TableRecord& table, const WriteIndex& write, codec::JsonWriter* w) {
  for (const bool local : {true, false}) {
    if (std::ranges::find(table.indexes, local, &IndexRecord::local) == table.indexes.end())
      continue;
    w->Key(local ? "LocalSecondaryIndexes" : "GlobalSecondaryIndexes").BeginArray();
    for (const auto& index : table.indexes) {
      if (index.local != local) continue;
      w->BeginObject();
      write(index, w);
      w->EndObject();
    }
    w->EndArray();
  }
}

}  // namespace

void WriteIndexDescriptions(const table::TableDescription& table, codec::JsonWriter* w) {
  const WriteIndex write = [&](const IndexRecord& index, codec::JsonWriter* out) {
    WriteDescription(table, index, out);
  };
  WriteLists(table.record, write, w);
}

void WriteIndexInfos(const catalog::TableRecord& table, codec::JsonWriter* w) {
  const WriteIndex write = [](const IndexRecord& index, codec::JsonWriter* out) {
    WriteDefinition(index, out);
    if (index.local) return;
    out->Key("ProvisionedThroughput").BeginObject();
    WriteThroughput(index, out);
    out->EndObject();
    WriteOnDemandThroughput(index.on_demand, out);
  };
  WriteLists(table, write, w);
}

}  // namespace tidemark::api::dynamodb
