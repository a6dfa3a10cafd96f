#include "api/dynamodb/collection_metrics.h"
#include "api/dynamodb/handlers.h"
#include "api/dynamodb/item_answers.h"
#include "api/dynamodb/item_parameters.h"

namespace tidemark::api::dynamodb {

namespace {

Result<table::BatchWrite> ToWrite(WriteRequest& write) {
  if (write.put_request && write.delete_request) {
    return Fail(ErrorKind::kValidation,
                "Supplied AttributeValue has more than one datatypes set, must contain exactly one "
                "of the supported datatypes");
  }
  if (write.put_request) {
    TM_TRYV(CheckAttributeNames(*write.put_request->item));
    return table::BatchPut{std::move(*write.put_request->item)};
  }
  if (write.delete_request) return table::BatchDelete{std::move(*write.delete_request->key)};
  return Fail(ErrorKind::kValidation,
              "Supplied AttributeValue is empty, must contain exactly one of the supported "
              "datatypes");
}

Result<table::BatchWriteRequest> ToRequest(BatchWriteItemInput& input) {
  table::BatchWriteRequest request;
  if (input.request_items->empty()) {
    return Fail(ErrorKind::kValidation,
                "The requestItems parameter is required for BatchWriteItem");
  }
  for (auto& [name, writes] : *input.request_items) {
    auto& table = request.tables.emplace_back();
    table.table = std::move(name);
    table.writes.reserve(writes.size());
    for (auto& write : writes) {
      TM_TRY(auto converted, ToWrite(write));
      table.writes.push_back(std::move(converted));
    }
  }
  return request;
}

void WriteUnprocessed(const table::BatchWriteTable& table, codec::JsonWriter* w) {
  w->Key(table.table).BeginArray();
  for (const auto& write : table.writes) {
    w->BeginObject();
    if (auto* put = std::get_if<table::BatchPut>(&write)) {
      w->Key("PutRequest").BeginObject().Key("Item");
      WriteItem(put->item, w);
    } else {
      w->Key("DeleteRequest").BeginObject().Key("Key");
      WriteItem(std::get<table::BatchDelete>(write).key, w);
    }
    w->EndObject();
    w->EndObject();
  }
  w->EndArray();
}

}  // namespace

Task<std::string> BatchWriteItem(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseBatchWriteItem(body));
  TM_CO_TRY(auto request, ToRequest(input));
  WrittenItems written(input.return_item_collection_metrics, caller);
  for (const auto& table : request.tables) {
    for (const auto& write : table.writes) {
      const auto* put = std::get_if<table::BatchPut>(&write);
      written.Add(table.table, put ? put->item : std::get<table::BatchDelete>(write).key);
    }
  }
  TM_CO_TRY(auto result, co_await services.batches.Write(std::move(caller), std::move(request)));
  TM_CO_TRY(const auto collections, co_await written.Measure(services));
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject();
  w.Key("UnprocessedItems").BeginObject();
  for (const auto& table : result.unprocessed) WriteUnprocessed(table, &w);
  w.EndObject();
  WriteConsumedCapacity(input.return_consumed_capacity, result.capacity, &w);
  WriteCollectionMetricsByTable(collections, &w);
  w.EndObject();
  co_return answer;
}

}  // namespace tidemark::api::dynamodb
