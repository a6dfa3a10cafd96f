#include "api/dynamodb/item_answers.h"

#include <algorithm>

#include "item/item_json.h"

namespace tidemark::api::dynamodb {

namespace {

bool IsWanted(std::optional<ReturnConsumedCapacity> wanted) {
  return wanted.value_or(ReturnConsumedCapacity::kNone) != ReturnConsumedCapacity::kNone;
}

// Those of each kind by name.
void WriteIndexes(const table::Capacity& capacity, codec::JsonWriter* w) {
  for (const bool local : {true, false}) {
    if (std::ranges::find(capacity.indexes, local, &table::IndexCapacity::local) ==
        capacity.indexes.end())
      continue;
    w->Key(local ? "LocalSecondaryIndexes" : "GlobalSecondaryIndexes").BeginObject();
    for (const auto& index : capacity.indexes) {
      if (index.local != local) continue;
      w->Key(index.name).BeginObject().Key("CapacityUnits").Double(index.units).EndObject();
    }
    w->EndObject();
  }
}

void WriteOne(ReturnConsumedCapacity wanted, const table::Capacity& capacity,
              codec::JsonWriter* w) {
  w->BeginObject();
  w->Field("TableName", capacity.table);
  w->Key("CapacityUnits").Double(capacity.total());
  if (wanted == ReturnConsumedCapacity::kIndexes) {
    w->Key("Table").BeginObject().Key("CapacityUnits").Double(capacity.OfTable()).EndObject();
    WriteIndexes(capacity, w);
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
  WriteOne(*wanted, capacity, w);
}

void WriteConsumedCapacity(std::optional<ReturnConsumedCapacity> wanted,
                           const std::vector<table::Capacity>& capacity, codec::JsonWriter* w) {
  if (!IsWanted(wanted)) return;
  w->Key("ConsumedCapacity").BeginArray();
  for (const auto& one : capacity) WriteOne(*wanted, one, w);
  w->EndArray();
}

void WriteTransactCapacity(std::optional<ReturnConsumedCapacity> wanted,
                           const std::vector<table::Capacity>& capacity, codec::JsonWriter* w) {
  if (!IsWanted(wanted)) return;
  w->Key("ConsumedCapacity").BeginArray();
  for (const auto& one : capacity) {
    const auto write_units = [&] {
      w->Key("CapacityUnits").Double(one.total());
      if (one.read_units > 0) w->Key("ReadCapacityUnits").Double(one.read_units);
      if (one.write_units > 0) w->Key("WriteCapacityUnits").Double(one.write_units);
    };
    w->BeginObject();
    w->Field("TableName", one.table);
    write_units();
    if (*wanted == ReturnConsumedCapacity::kIndexes) {
      w->Key("Table").BeginObject();
      write_units();
      w->EndObject();
    }
    w->EndObject();
  }
  w->EndArray();
}

}  // namespace tidemark::api::dynamodb
