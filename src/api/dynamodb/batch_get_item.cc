#include "api/dynamodb/handlers.h"
#include "api/dynamodb/item_answers.h"
#include "api/dynamodb/item_parameters.h"

namespace tidemark::api::dynamodb {

namespace {

Result<table::BatchGetRequest> ToRequest(BatchGetItemInput& input) {
  table::BatchGetRequest request;
  bool by_names = false, by_expression = false;
  for (const auto& [name, wanted] : *input.request_items) {
    by_names |= wanted.attributes_to_get.has_value();
    by_expression |= wanted.projection_expression.has_value();
  }
  TM_TRYV(
      CheckNotMixed({{"AttributesToGet", by_names}}, {{"ProjectionExpression", by_expression}}));
  for (auto& [name, wanted] : *input.request_items) {
    auto& table = request.tables.emplace_back();
    TM_TRY(table.expressions, TakeReadExpressions(wanted));
    table.table = std::move(name);
    table.keys = std::move(*wanted.keys);
    table.consistent_read = wanted.consistent_read.value_or(false);
  }
  return request;
}

// As the request had it, so that clients can send it again.
void WriteUnprocessed(const table::BatchGetTable& table, codec::JsonWriter* w) {
  w->Key(table.table).BeginObject();
  w->Key("Keys").BeginArray();
  for (const auto& key : table.keys) WriteItem(key, w);
  w->EndArray();
  if (table.consistent_read) w->FieldBool("ConsistentRead", true);
  if (const auto& names = table.expressions.legacy.attributes_to_get) {
    w->Key("AttributesToGet").BeginArray();
    for (const auto& name : *names) w->String(name);
    w->EndArray();
  }
  if (table.expressions.projection) w->Field("ProjectionExpression", *table.expressions.projection);
  if (table.expressions.names_given) {
    w->Key("ExpressionAttributeNames").BeginObject();
    for (const auto& [placeholder, name] : table.expressions.names) w->Field(placeholder, name);
    w->EndObject();
  }
  w->EndObject();
}

}  // namespace

Task<std::string> BatchGetItem(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseBatchGetItem(body));
  TM_CO_TRY(auto request, ToRequest(input));
  TM_CO_TRY(auto result, co_await services.batches.Get(std::move(caller), std::move(request)));
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject();
  w.Key("Responses").BeginObject();
  for (const auto& table : result.answers) {
    w.Key(table.table).BeginArray();
    for (const auto& item : table.items) TM_CO_TRYV(WriteItem(item, &w));
    w.EndArray();
  }
  w.EndObject();
  w.Key("UnprocessedKeys").BeginObject();
  for (const auto& table : result.unprocessed) WriteUnprocessed(table, &w);
  w.EndObject();
  WriteConsumedCapacity(input.return_consumed_capacity, result.capacity, &w);
  w.EndObject();
  co_return answer;
}

}  // namespace tidemark::api::dynamodb
