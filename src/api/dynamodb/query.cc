// Query and Scan.
#include "api/dynamodb/handlers.h"
#include "api/dynamodb/item_answers.h"
#include "api/dynamodb/item_parameters.h"

namespace tidemark::api::dynamodb {

namespace {

// Scan says of some faults where they are, of others not.
Result<void> CheckScanStart(const wire::ValueFaults& faults) {
  auto checked = faults.Check("ExclusiveStartKey");
  if (checked) return checked;
  const std::string_view text = checked.error().message;
  const bool bare = text.find("umber") != std::string_view::npos ||
                    text.find("numeric") != std::string_view::npos ||
                    text.find("duplicates") != std::string_view::npos;
  if (bare) return checked;
  return Fail(WithContext(std::move(checked).error(), "The provided starting key is invalid"));
}

template <class Input, class Request>
void FillReading(Input& input, Request* request) {
  request->expressions.legacy.attributes_to_get = std::move(input.attributes_to_get);
  request->table = std::move(*input.table_name);
  request->index = std::move(input.index_name);
  request->select = ToTable(input.select);
  request->limit = ToTable(input.limit);
  request->exclusive_start_key = std::move(input.exclusive_start_key);
  request->consistent_read = input.consistent_read.value_or(false);
}

Result<table::QueryRequest> ToRequest(QueryInput& input, const wire::ValueFaults& faults) {
  table::QueryRequest request;
  auto& taken = request.expressions = TakeTexts(input);
  // KeyConditions may go with expressions of the other kinds.
  TM_TRYV(CheckNotMixed(
      {{"AttributesToGet", input.attributes_to_get.has_value()},
       {"QueryFilter", input.query_filter.has_value()},
       {"ConditionalOperator", input.conditional_operator.has_value()},
       {"KeyConditions", input.key_conditions.has_value() && taken.key_condition.has_value()}},
      {{"ProjectionExpression", taken.projection.has_value()},
       {"FilterExpression", taken.filter.has_value()},
       {"KeyConditionExpression", taken.key_condition.has_value()}}));
  TM_TRYV(faults.Check("QueryFilter"));
  TM_TRY(taken.legacy.filter,
         LowerFilter(std::move(input.query_filter), input.conditional_operator));
  TM_TRYV(CheckAttributesToGet(input.attributes_to_get));
  TM_TRYV(faults.Check("ExclusiveStartKey"));
  TM_TRYV(faults.Check("KeyConditions"));
  TM_TRY(taken.legacy.keys, LowerKeyConditions(std::move(input.key_conditions)));
  TM_TRYV(faults.CheckAll());
  FillReading(input, &request);
  request.scan_index_forward = input.scan_index_forward.value_or(true);
  return request;
}

Result<table::ScanRequest> ToRequest(ScanInput& input, const wire::ValueFaults& faults) {
  table::ScanRequest request;
  auto& taken = request.expressions = TakeTexts(input);
  TM_TRYV(CheckNotMixed({{"AttributesToGet", input.attributes_to_get.has_value()},
                         {"ScanFilter", input.scan_filter.has_value()},
                         {"ConditionalOperator", input.conditional_operator.has_value()}},
                        {{"ProjectionExpression", taken.projection.has_value()},
                         {"FilterExpression", taken.filter.has_value()}}));
  TM_TRYV(faults.Check("ScanFilter"));
  TM_TRY(taken.legacy.filter,
         LowerFilter(std::move(input.scan_filter), input.conditional_operator));
  TM_TRYV(CheckAttributesToGet(input.attributes_to_get));
  TM_TRYV(CheckScanStart(faults));
  TM_TRYV(faults.CheckNamingEntry("ExpressionAttributeValues"));
  FillReading(input, &request);
  request.segment = ToTable(input.segment);
  request.total_segments = ToTable(input.total_segments);
  return request;
}

Result<std::string> Answer(std::optional<ReturnConsumedCapacity> wanted, const table::Page& page) {
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject();
  w.Field("Count", static_cast<int64_t>(page.count));
  if (!page.count_only) {
    w.Key("Items").BeginArray();
    for (const auto& item : page.items) TM_TRYV(WriteItem(item, &w));
    w.EndArray();
  }
  w.Field("ScannedCount", static_cast<int64_t>(page.scanned_count));
  if (page.last_evaluated_key) {
    w.Key("LastEvaluatedKey");
    WriteItem(*page.last_evaluated_key, &w);
  }
  WriteConsumedCapacity(wanted, page.capacity, &w);
  w.EndObject();
  return answer;
}

}  // namespace

Task<std::string> Query(const Services& services, Caller caller, JsonValue body) {
  wire::ValueFaults faults;
  TM_CO_TRY(auto input, ParseQuery(body, &faults));
  TM_CO_TRY(auto request, ToRequest(input, faults));
  TM_CO_TRY(auto page, co_await services.queries.Query(std::move(caller), std::move(request)));
  co_return Answer(input.return_consumed_capacity, page);
}

Task<std::string> Scan(const Services& services, Caller caller, JsonValue body) {
  wire::ValueFaults faults;
  TM_CO_TRY(auto input, ParseScan(body, &faults));
  TM_CO_TRY(auto request, ToRequest(input, faults));
  TM_CO_TRY(auto page, co_await services.queries.Scan(std::move(caller), std::move(request)));
  co_return Answer(input.return_consumed_capacity, page);
}

}  // namespace tidemark::api::dynamodb
