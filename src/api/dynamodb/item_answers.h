// Parts of the answers about items.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "api/dynamodb/shapes_gen.h"
#include "base/result.h"
#include "codec/json_writer.h"
#include "table/requests.h"

namespace tidemark::api::dynamodb {

// The item as a value: after Key or within an array. kCorruption.
Result<void> WriteItem(const table::AnswerItem& item, codec::JsonWriter* w);
void WriteItem(const item::Item& item, codec::JsonWriter* w);

// "ConsumedCapacity", if it was asked for: one table's, or a list for batches.
void WriteConsumedCapacity(std::optional<ReturnConsumedCapacity> wanted,
                           const table::Capacity& capacity, codec::JsonWriter* w);
void WriteConsumedCapacity(std::optional<ReturnConsumedCapacity> wanted,
                           const std::vector<table::Capacity>& capacity, codec::JsonWriter* w);
// The same of a transaction: reads and writes are told apart.
void WriteTransactCapacity(std::optional<ReturnConsumedCapacity> wanted,
                           const std::vector<table::Capacity>& capacity, codec::JsonWriter* w);

}  // namespace tidemark::api::dynamodb
