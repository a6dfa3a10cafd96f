#include "api/dynamodb/item_answers.h"

#include <algorithm>

#include "item/item_json.h"

namespace tidemark::api::dynamodb {

namespace {

bool IsWanted(std::optional<ReturnConsumedCapacity> wanted) {
  return wanted.value_or(ReturnConsumedCapacity::kNone) != ReturnConsumedCapacity::kNone;
}

// `kind`: how a transaction tells reads and writes apart; empty: they are not.
void WriteUnits(double units, std::string_view kind, codec::JsonWriter* w) {
  w->Key("CapacityUnits").Double(units);
  if (!kind.empty()) w->Key(kind).Double(units);
}

// Those of each sort by name.
void WriteIndexes(const table::Capacity& capacity, std::string_view kind, codec::JsonWriter* w) {
  for (const bool local : {true, false}) {
    if (std::ranges::find(capacity.indexes, local, &table::IndexCapacity::local) ==
        capacity.indexes.end())
      continue;
    w->Key(local ? "LocalSecondaryIndexes" : "GlobalSecondaryIndexes").BeginObject();
    for (const auto& index : capacity.indexes) {
      if (index.local != local) continue;
      w->Key(index.name).BeginObject();
      WriteUnits(index.units, kind, w);
      w->EndObject();
    }
    w->EndObject();
  }
}

void WriteCapacityOf(ReturnConsumedCapacity wanted, const table::Capacity& capacity,
                     std::string_view kind, codec::JsonWriter* w) {
  w->BeginObject();
  w->Field("TableName", capacity.table);
  WriteUnits(capacity.total(), kind, w);
  if (wanted == ReturnConsumedCapacity::kIndexes) {
    w->Key("Table").BeginObject();
    WriteUnits(capacity.OfTable(), kind, w);
    w->EndObject();
    WriteIndexes(capacity, kind, w);
  }
  w->EndObject();
}

}  // namespace

Result<void> WriteItem(const table::AnswerItem& item, codec::JsonWriter* w) {
  w->BeforeValue();
  return item.AppendJson(w->out());
}

void WriteItem(const item::Item& item, codec::JsonWriter* w) {
  w->BeforeValue();
  item::AppendJson(item, w->out());
}

void WriteConsumedCapacity(std::optional<ReturnConsumedCapacity> wanted,
                           const table::Capacity& capacity, codec::JsonWriter* w) {
  if (!IsWanted(wanted)) return;
  w->Key("ConsumedCapacity");
  WriteCapacityOf(*wanted, capacity, "", w);
}

void WriteConsumedCapacity(std::optional<ReturnConsumedCapacity> wanted,
                           const std::vector<table::Capacity>& capacity, codec::JsonWriter* w) {
  if (!IsWanted(wanted)) return;
  w->Key("ConsumedCapacity").BeginArray();
  for (const auto& one : capacity) WriteCapacityOf(*wanted, one, "", w);
  w->EndArray();
}

void WriteTransactCapacity(std::optional<ReturnConsumedCapacity> wanted,
                           const std::vector<table::Capacity>& capacity, codec::JsonWriter* w) {
  if (!IsWanted(wanted)) return;
  w->Key("ConsumedCapacity").BeginArray();
  for (const auto& one : capacity) {
    WriteCapacityOf(*wanted, one, one.write_units > 0 ? "WriteCapacityUnits" : "ReadCapacityUnits",
                    w);
  }
  w->EndArray();
}

}  // namespace tidemark::api::dynamodb
