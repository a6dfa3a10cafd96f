// TransactWriteItems and TransactGetItems.
#include "api/dynamodb/collection_metrics.h"
#include "api/dynamodb/handlers.h"
#include "api/dynamodb/item_answers.h"
#include "api/dynamodb/item_parameters.h"

namespace tidemark::api::dynamodb {

namespace {

// What all actions have in common.
template <class Shape, class Request>
void FillAction(Shape& shape, Request* request) {
  auto& given = request->expressions;
  given = TakeTexts(shape);
  if (!given.condition && !given.update && !given.projection) {
    // Unlike other operations, transactions take names and values for no expression.
    given.names_given = given.names_given && given.names.empty();
    given.values_given = given.values_given && given.values.empty();
  }
  request->table = std::move(*shape.table_name);
  if constexpr (requires { request->on_condition_failure; })
    request->on_condition_failure = ToTable(shape.return_values_on_condition_check_failure);
  if constexpr (requires { request->key; }) request->key = std::move(*shape.key);
}

template <class Request, class Shape>
Result<void> AddAction(std::optional<Shape>& shape, table::TransactWriteRequest* request) {
  if (!shape) return {};
  Request action;
  FillAction(*shape, &action);
  if constexpr (std::is_same_v<Shape, Put>) {
    TM_TRYV(CheckAttributeNames(*shape->item));
    action.item = std::move(*shape->item);
  }
  request->actions.push_back(std::move(action));
  return {};
}

Result<table::TransactWriteRequest> ToRequest(TransactWriteItemsInput& input) {
  table::TransactWriteRequest request;
  for (TransactWriteItem& item : *input.transact_items) {
    const int given = item.condition_check.has_value() + item.put.has_value() +
                      item.delete_.has_value() + item.update.has_value();
    if (given == 0) {
      return Fail(ErrorKind::kValidation,
                  "Invalid Request: TransactWriteRequest should contain Delete or Put or Update "
                  "request");
    }
    if (given > 1) {
      return Fail(ErrorKind::kValidation,
                  "TransactItems can only contain one of Check, Put, Update or Delete");
    }
    TM_TRYV(AddAction<table::ConditionCheckRequest>(item.condition_check, &request));
    TM_TRYV(AddAction<table::PutRequest>(item.put, &request));
    TM_TRYV(AddAction<table::DeleteRequest>(item.delete_, &request));
    TM_TRYV(AddAction<table::UpdateRequest>(item.update, &request));
  }
  if (input.client_request_token) request.token = std::move(*input.client_request_token);
  return request;
}

// Of what is written; a condition check writes nothing.
void Remember(const table::TransactAction& action, WrittenItems* written) {
  if (const auto* put = std::get_if<table::PutRequest>(&action)) {
    written->Add(put->table, put->item);
  } else if (const auto* update = std::get_if<table::UpdateRequest>(&action)) {
    written->Add(update->table, update->key);
  } else if (const auto* removal = std::get_if<table::DeleteRequest>(&action)) {
    written->Add(removal->table, removal->key);
  }
}

}  // namespace

Task<std::string> TransactWriteItems(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseTransactWriteItems(body));
  TM_CO_TRY(auto request, ToRequest(input));
  WrittenItems written(input.return_item_collection_metrics, caller);
  for (const auto& action : request.actions) Remember(action, &written);
  TM_CO_TRY(auto result,
            co_await services.transactions.Write(std::move(caller), std::move(request)));
  TM_CO_TRY(const auto collections, co_await written.Measure(services));
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject();
  WriteTransactCapacity(input.return_consumed_capacity, result.capacity, &w);
  WriteCollectionMetricsByTable(collections, &w);
  w.EndObject();
  co_return answer;
}

Task<std::string> TransactGetItems(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseTransactGetItems(body));
  table::TransactGetRequest request;
  for (TransactGetItem& item : *input.transact_items) {
    FillAction(*item.get, &request.gets.emplace_back());
  }
  TM_CO_TRY(auto result, co_await services.transactions.Get(std::move(caller), std::move(request)));
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject();
  w.Key("Responses").BeginArray();
  for (const auto& item : result.items) {
    w.BeginObject();
    if (item) {
      w.Key("Item");
      TM_CO_TRYV(WriteItem(*item, &w));
    }
    w.EndObject();
  }
  w.EndArray();
  WriteTransactCapacity(input.return_consumed_capacity, result.capacity, &w);
  w.EndObject();
  co_return answer;
}

}  // namespace tidemark::api::dynamodb
