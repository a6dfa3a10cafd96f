// Query and Scan.
#include "api/dynamodb/handlers.h"
#include "api/dynamodb/item_answers.h"
#include "api/dynamodb/item_parameters.h"

namespace tidemark::api::dynamodb {

namespace {

template <class Input, class Request>
Result<void> Fill(Input& input, Request* request) {
  TM_TRY(request->expressions, TakeExpressions(input));
  request->table = std::move(*input.table_name);
  request->index = std::move(input.index_name);
  request->select = ToTable(input.select);
  request->limit = ToTable(input.limit);
  request->exclusive_start_key = std::move(input.exclusive_start_key);
  request->consistent_read = input.consistent_read.value_or(false);
  return {};
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
  TM_CO_TRY(auto input, ParseQuery(body));
  table::QueryRequest request;
  TM_CO_TRYV(Fill(input, &request));
  request.scan_index_forward = input.scan_index_forward.value_or(true);
  TM_CO_TRY(auto page, co_await services.queries.Query(std::move(caller), std::move(request)));
  co_return Answer(input.return_consumed_capacity, page);
}

Task<std::string> Scan(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseScan(body));
  table::ScanRequest request;
  TM_CO_TRYV(Fill(input, &request));
  request.segment = ToTable(input.segment);
  request.total_segments = ToTable(input.total_segments);
  TM_CO_TRY(auto page, co_await services.queries.Scan(std::move(caller), std::move(request)));
  co_return Answer(input.return_consumed_capacity, page);
}

}  // namespace tidemark::api::dynamodb
