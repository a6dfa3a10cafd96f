// PutItem, UpdateItem, DeleteItem: three requests with one kind of answer.
#include "api/dynamodb/collection_metrics.h"
#include "api/dynamodb/handlers.h"
#include "api/dynamodb/item_answers.h"
#include "api/dynamodb/item_parameters.h"
#include "table/envelope.h"

namespace tidemark::api::dynamodb {

namespace {

// What the three requests have in common. `values`: the member with the item or the key.
template <class Input, class Request>
Result<void> FillWrite(Input& input, const wire::ValueFaults& faults, std::string_view values,
                       Request* request) {
  TM_TRY(request->expressions, TakeWriteExpressions(input, faults, values));
  request->table = std::move(*input.table_name);
  request->return_values = ToTable(input.return_values);
  request->on_condition_failure = ToTable(input.return_values_on_condition_check_failure);
  return {};
}

Result<std::string> Answer(std::optional<ReturnConsumedCapacity> wanted,
                           const table::WriteResult& result,
                           const CollectionsByTable& collections) {
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject();
  if (result.attributes) {
    w.Key("Attributes");
    TM_TRYV(WriteItem(*result.attributes, &w));
  }
  WriteConsumedCapacity(wanted, result.capacity, &w);
  WriteCollectionMetrics(collections, &w);
  w.EndObject();
  return answer;
}

}  // namespace

Task<std::string> PutItem(const Services& services, Caller caller, JsonValue body) {
  wire::ValueFaults faults;
  TM_CO_TRY(auto input, table::InEnvelope(ParsePutItem(body, &faults)));
  table::PutRequest request;
  TM_CO_TRYV(table::InEnvelope(CheckAttributeNames(*input.item)));
  TM_CO_TRYV(table::InEnvelope(FillWrite(input, faults, "Item", &request)));
  WrittenItems written(input.return_item_collection_metrics, caller);
  written.Add(request.table, *input.item);
  request.item = std::move(*input.item);
  TM_CO_TRY(auto result, co_await services.items.Put(std::move(caller), std::move(request)));
  TM_CO_TRY(const auto collections, co_await written.Measure(services));
  co_return Answer(input.return_consumed_capacity, result, collections);
}

Task<std::string> UpdateItem(const Services& services, Caller caller, JsonValue body) {
  wire::ValueFaults faults;
  TM_CO_TRY(auto input, table::InEnvelope(ParseUpdateItem(body, &faults)));
  table::UpdateRequest request;
  TM_CO_TRYV(table::InEnvelope(FillWrite(input, faults, "Key", &request)));
  WrittenItems written(input.return_item_collection_metrics, caller);
  written.Add(request.table, *input.key);
  request.key = std::move(*input.key);
  TM_CO_TRY(auto result, co_await services.items.Update(std::move(caller), std::move(request)));
  TM_CO_TRY(const auto collections, co_await written.Measure(services));
  co_return Answer(input.return_consumed_capacity, result, collections);
}

Task<std::string> DeleteItem(const Services& services, Caller caller, JsonValue body) {
  wire::ValueFaults faults;
  TM_CO_TRY(auto input, table::InEnvelope(ParseDeleteItem(body, &faults)));
  table::DeleteRequest request;
  TM_CO_TRYV(table::InEnvelope(FillWrite(input, faults, "Key", &request)));
  WrittenItems written(input.return_item_collection_metrics, caller);
  written.Add(request.table, *input.key);
  request.key = std::move(*input.key);
  TM_CO_TRY(auto result, co_await services.items.Delete(std::move(caller), std::move(request)));
  TM_CO_TRY(const auto collections, co_await written.Measure(services));
  co_return Answer(input.return_consumed_capacity, result, collections);
}

}  // namespace tidemark::api::dynamodb
