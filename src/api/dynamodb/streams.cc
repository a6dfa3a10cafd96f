// ListStreams, DescribeStream, GetShardIterator, GetRecords.
#include "api/dynamodb/handlers.h"
#include "api/dynamodb/shapes_gen.h"
#include "api/dynamodb/stream_answers.h"

namespace tidemark::api::dynamodb {

namespace {

constexpr size_t kRecordsMax = 1000;

streams::Reader ReaderOf(Caller& caller) {
  return {.account = std::move(caller.account), .region = std::move(caller.region)};
}

streams::IteratorType ToStreams(ShardIteratorType type) {
  switch (type) {
    case ShardIteratorType::kAfterSequenceNumber:
      return streams::IteratorType::kAfterSequenceNumber;
    case ShardIteratorType::kAtSequenceNumber:
      return streams::IteratorType::kAtSequenceNumber;
    case ShardIteratorType::kTrimHorizon:
      return streams::IteratorType::kTrimHorizon;
    case ShardIteratorType::kLatest:
      break;
  }
  return streams::IteratorType::kLatest;
}

Result<streams::DescribeRequest> ToRequest(DescribeStreamInput& input) {
  streams::DescribeRequest request{.arn = std::move(*input.stream_arn),
                                   .start_after = std::move(input.exclusive_start_shard_id),
                                   .children_of = {}};
  if (input.limit) request.limit = static_cast<size_t>(*input.limit);
  if (input.shard_filter) {
    if (!input.shard_filter->type || !input.shard_filter->shard_id)
      return Fail(ErrorKind::kValidation, "ShardFilter needs both Type and ShardId");
    request.children_of = std::move(input.shard_filter->shard_id);
  }
  return request;
}

}  // namespace

Task<std::string> ListStreams(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseListStreams(body));
  streams::ListRequest request{.table = std::move(input.table_name),
                               .start_after = std::move(input.exclusive_start_stream_arn)};
  if (input.limit) request.limit = static_cast<size_t>(*input.limit);
  TM_CO_TRY(const auto page, services.streams.List(ReaderOf(caller), request));
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Key("Streams").BeginArray();
  for (const auto& table : page.streams) {
    w.BeginObject();
    w.Field("StreamArn", table->StreamArn());
    w.Field("TableName", table->name);
    w.Field("StreamLabel", table->stream->label);
    w.EndObject();
  }
  w.EndArray();
  if (page.more) w.Field("LastEvaluatedStreamArn", page.streams.back()->StreamArn());
  w.EndObject();
  co_return answer;
}

Task<std::string> DescribeStream(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseDescribeStream(body));
  TM_CO_TRY(const auto request, ToRequest(input));
  TM_CO_TRY(const auto description, services.streams.Describe(ReaderOf(caller), request));
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Key("StreamDescription");
  WriteStreamDescription(description, &w);
  w.EndObject();
  co_return answer;
}

Task<std::string> GetShardIterator(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseGetShardIterator(body));
  const streams::IteratorRequest request{.arn = std::move(*input.stream_arn),
                                         .shard = std::move(*input.shard_id),
                                         .type = ToStreams(*input.shard_iterator_type),
                                         .sequence_number = std::move(input.sequence_number)};
  TM_CO_TRY(const auto iterator, services.streams.MakeIterator(ReaderOf(caller), request));
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Field("ShardIterator", iterator).EndObject();
  co_return answer;
}

Task<std::string> GetRecords(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseGetRecords(body));
  const size_t limit = input.limit ? static_cast<size_t>(*input.limit) : kRecordsMax;
  TM_CO_TRY(const auto page, co_await services.streams.Read(
                                 ReaderOf(caller), std::move(*input.shard_iterator), limit));
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Key("Records").BeginArray();
  for (const auto& record : page.records) TM_CO_TRYV(WriteRecord(*page.table, record, &w));
  w.EndArray();
  if (page.next) w.Field("NextShardIterator", *page.next);
  w.EndObject();
  co_return answer;
}

}  // namespace tidemark::api::dynamodb
