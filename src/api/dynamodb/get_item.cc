#include "api/dynamodb/handlers.h"
#include "api/dynamodb/item_answers.h"
#include "api/dynamodb/item_parameters.h"

namespace tidemark::api::dynamodb {

Task<std::string> GetItem(const Services& services, Caller caller, JsonValue body) {
  wire::ValueFaults faults;
  TM_CO_TRY(auto input, ParseGetItem(body, &faults));
  table::GetRequest request;
  TM_CO_TRY(request.expressions, TakeReadExpressions(input));
  TM_CO_TRYV(faults.CheckAll());
  request.table = std::move(*input.table_name);
  request.key = std::move(*input.key);
  request.consistent_read = input.consistent_read.value_or(false);

  TM_CO_TRY(auto result, co_await services.items.Get(std::move(caller), std::move(request)));
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject();
  if (result.item) {
    w.Key("Item");
    TM_CO_TRYV(WriteItem(*result.item, &w));
  }
  WriteConsumedCapacity(input.return_consumed_capacity, result.capacity, &w);
  w.EndObject();
  co_return answer;
}

}  // namespace tidemark::api::dynamodb
