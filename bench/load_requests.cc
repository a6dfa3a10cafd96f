#include "bench/load_requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tidemark::load {
namespace {

constexpr uint64_t kItemsPerSegment = 1000;  // of a scan
constexpr size_t kBatchItemsMax = 25;        // DynamoDB's limit
constexpr size_t kPayloadBytes = 800;
constexpr size_t kBatched = 10;    // items of a batch ...
constexpr size_t kTransacted = 4;  // ... and of a transaction
constexpr std::string_view kContentType = "application/x-amz-json-1.0";

std::string PartitionKey(uint64_t number) {
  return fmt::format("customer#{:010}", number / kItemsPerPartition);
}

std::string KeyJson(uint64_t number) {
  return fmt::format(R"("pk":{{"S":"{}"}},"sk":{{"S":"order#{:04}"}})", PartitionKey(number),
                     number % kItemsPerPartition);
}

std::string RandomText(size_t size, std::mt19937_64& random) {
  static constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -";
  static_assert(kLetters.size() == 64);
  std::string text(size, ' ');
  for (size_t i = 0; i < size;) {
    uint64_t bits = random();
    for (int k = 0; k < 10 && i < size; ++k, bits >>= 6) text[i++] = kLetters[bits & 63];
  }
  return text;
}

std::string_view Name(Operation operation) {
  switch (operation) {
    case Operation::kGet:
      return "GetItem";
    case Operation::kPut:
      return "PutItem";
    case Operation::kUpdate:
    case Operation::kHot:
      return "UpdateItem";
    case Operation::kQuery:
      return "Query";
    case Operation::kScan:
      return "Scan";
    case Operation::kBatchGet:
      return "BatchGetItem";
    case Operation::kBatchWrite:
      return "BatchWriteItem";
    case Operation::kTransactGet:
      return "TransactGetItems";
    case Operation::kTransactWrite:
      return "TransactWriteItems";
  }
  return "";
}

// What a right answer holds, whatever the order of its members.
std::string Expected(Operation operation, uint64_t number) {
  switch (operation) {
    case Operation::kGet:
      return fmt::format(R"({{"S":"{}"}})", PartitionKey(number));
    case Operation::kQuery:
      return fmt::format(R"("Count":{})", kItemsPerPartition);
    case Operation::kScan:
      return R"("ScannedCount":)";
    case Operation::kPut:
    case Operation::kUpdate:
    case Operation::kHot:
    case Operation::kTransactWrite:
      return "{}";
    case Operation::kBatchGet:
      return R"("UnprocessedKeys":{})";
    case Operation::kBatchWrite:
      return R"("UnprocessedItems":{})";
    case Operation::kTransactGet:
      return fmt::format(R"({{"S":"{}"}})", PartitionKey(number));
  }
  return "";
}

// `one` of each of so many distinct items, the first of them `number`; all in one list.
template <class One>
std::string ListOf(size_t count, uint64_t number, uint64_t items, One one) {
  std::string list;
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) list += ',';
    list += one((number + i * kItemsPerPartition) % items);
  }
  return list;
}

std::string UpdateJson(const std::string& table, uint64_t number, std::mt19937_64& random) {
  return fmt::format(R"("TableName":"{}","Key":{{{}}},)"
                     R"("UpdateExpression":"SET visits = visits + :one, #n = :name",)"
                     R"("ExpressionAttributeNames":{{"#n":"name"}},)"
                     R"("ExpressionAttributeValues":{{":one":{{"N":"1"}},":name":{{"S":"{}"}}}})",
                     table, KeyJson(number), RandomText(24, random));
}

// Of the operations that name several items.
std::string SeveralBody(Operation operation, const std::string& table, uint64_t number,
                        uint64_t items, std::mt19937_64& random) {
  const auto list = [&](size_t count, auto one) { return ListOf(count, number, items, one); };
  if (operation == Operation::kBatchGet) {
    return fmt::format(R"({{"RequestItems":{{"{}":{{"Keys":[{}]}}}}}})", table,
                       list(kBatched, [](uint64_t n) { return "{" + KeyJson(n) + "}"; }));
  }
  if (operation == Operation::kBatchWrite) {
    return fmt::format(R"({{"RequestItems":{{"{}":[{}]}}}})", table,
                       list(kBatched, [&](uint64_t n) {
                         return R"({"PutRequest":{"Item":)" + ItemJson(n, random) + "}}";
                       }));
  }
  if (operation == Operation::kTransactGet) {
    return fmt::format(R"({{"TransactItems":[{}]}})", list(kTransacted, [&](uint64_t n) {
                         return fmt::format(R"({{"Get":{{"TableName":"{}","Key":{{{}}}}}}})", table,
                                            KeyJson(n));
                       }));
  }
  return fmt::format(R"({{"TransactItems":[{}]}})", list(kTransacted, [&](uint64_t n) {
                       return R"({"Update":{)" + UpdateJson(table, n, random) + "}}";
                     }));
}

std::string Shortened(std::string_view text) { return std::string(text.substr(0, 160)); }

}  // namespace

std::string TableName(const Target& target, uint64_t index) {
  return target.tables == 1 ? target.table : fmt::format("{}-{:04}", target.table, index);
}

std::string CreateTableBody(const std::string& table) {
  return fmt::format(R"({{"TableName":"{}","BillingMode":"PAY_PER_REQUEST",)"
                     R"("AttributeDefinitions":[{{"AttributeName":"pk","AttributeType":"S"}},)"
                     R"({{"AttributeName":"sk","AttributeType":"S"}}],)"
                     R"("KeySchema":[{{"AttributeName":"pk","KeyType":"HASH"}},)"
                     R"({{"AttributeName":"sk","KeyType":"RANGE"}}]}})",
                     table);
}

std::string DescribeTableBody(const std::string& table) {
  return fmt::format(R"({{"TableName":"{}"}})", table);
}

std::string ItemJson(uint64_t number, std::mt19937_64& random, size_t repeat) {
  const std::string text = RandomText(kPayloadBytes, random);
  std::string note;
  for (size_t i = 0; i < repeat; ++i) note += text;
  return fmt::format(
      R"({{{},"created":{{"S":"2026-01-01T00:00:00.000Z"}},"amount":{{"N":"{}.{:02}"}},)"
      R"("visits":{{"N":"0"}},"paid":{{"BOOL":{}}},"name":{{"S":"{}"}},)"
      R"("tags":{{"SS":["blue","green","number{}"]}},)"
      R"("address":{{"M":{{"city":{{"S":"Lyon"}},"street":{{"S":"{}"}},"lines":{{"L":[)"
      R"({{"N":"{}"}},{{"NULL":true}}]}}}}}},"note":{{"S":"{}"}}}})",
      KeyJson(number), random() % 10'000, random() % 100, random() % 2 ? "true" : "false",
      RandomText(24, random), number % 100, RandomText(40, random), number, note);
}

std::string OperationBody(Operation operation, const std::string& table, uint64_t number,
                          uint64_t items, std::mt19937_64& random) {
  switch (operation) {
    case Operation::kGet:
      return fmt::format(R"({{"TableName":"{}","Key":{{{}}}}})", table, KeyJson(number));
    case Operation::kPut:
      return fmt::format(R"({{"TableName":"{}","Item":{}}})", table, ItemJson(number, random));
    case Operation::kUpdate:
      return "{" + UpdateJson(table, number, random) + "}";
    case Operation::kHot:
      return fmt::format(R"({{"TableName":"{}","Key":{{"pk":{{"S":"hot"}},"sk":{{"S":"item"}}}},)"
                         R"("UpdateExpression":"ADD visits :one",)"
                         R"("ExpressionAttributeValues":{{":one":{{"N":"1"}}}}}})",
                         table);
    case Operation::kQuery:
      return fmt::format(R"({{"TableName":"{}","KeyConditionExpression":"pk = :pk",)"
                         R"("ExpressionAttributeValues":{{":pk":{{"S":"{}"}}}}}})",
                         table, PartitionKey(number));
    case Operation::kScan: {
      const uint64_t segments = std::max<uint64_t>(1, items / kItemsPerSegment);
      return fmt::format(R"({{"TableName":"{}","Segment":{},"TotalSegments":{}}})", table,
                         number % segments, segments);
    }
    case Operation::kBatchGet:
    case Operation::kBatchWrite:
    case Operation::kTransactGet:
    case Operation::kTransactWrite:
      return SeveralBody(operation, table, number, items, random);
  }
  return "";
}

RequestSigner::RequestSigner(const Target& target)
    : host_(target.host + ":" + std::to_string(target.port)),
      signer_({.access_key = target.access_key, .secret = target.secret, .session_token = ""},
              target.region, "dynamodb") {}

std::string RequestSigner::Wire(std::string_view operation_name, std::string_view body) {
  std::string full_name = fmt::format("DynamoDB_20120810.{}", operation_name);
  std::array<sigv4::HeaderField, 3> headers = {
      {{"Host", host_}, {"Content-Type", kContentType}, {"X-Amz-Target", full_name}}};
  auto added = signer_.Sign(
      {.method = "POST", .path = "/", .query = "", .headers = headers, .body = body}, clock_.Now());
  std::string wire = "POST / HTTP/1.1\r\n";
  for (const auto& header : headers) wire += fmt::format("{}: {}\r\n", header.name, header.value);
  for (const auto& [name, value] : added) wire += fmt::format("{}: {}\r\n", name, value);
  wire += fmt::format("Content-Length: {}\r\n\r\n", body.size());
  wire += body;
  return wire;
}

std::shared_ptr<const RequestSet> MakeRequestSet(const Target& target, Operation operation,
                                                 uint64_t items, size_t count, uint64_t seed) {
  std::mt19937_64 random(seed);
  RequestSigner signer(target);
  auto set = std::make_shared<RequestSet>();
  set->reserve(count);
  // The second half writes the items of the first once more, with other values: a set is sent again
  // and again, and a put of what is there already is no write.
  std::vector<std::pair<uint64_t, uint64_t>> drawn;
  const size_t half = (count + 1) / 2;
  for (size_t i = 0; i < count; ++i) {
    if (i < half) drawn.emplace_back(random() % items, random() % target.tables);
    const auto [number, table_index] = drawn[i % half];
    const std::string table = TableName(target, table_index);
    set->push_back(
        {signer.Wire(Name(operation), OperationBody(operation, table, number, items, random)),
         Expected(operation, number)});
  }
  return set;
}

std::shared_ptr<const RequestSet> SharedRequestSet::Get() const {
  std::lock_guard lock(mutex_);
  return set_;
}

void SharedRequestSet::Replace(std::shared_ptr<const RequestSet> set) {
  std::lock_guard lock(mutex_);
  set_ = std::move(set);
}

RepeatedSource::RepeatedSource(const SharedRequestSet& shared, size_t connections, size_t start)
    : shared_(shared), set_(shared.Get()), sent_(connections), next_(start) {}

std::optional<std::string_view> RepeatedSource::Next(size_t connection) {
  if (++given_ % kRefreshEvery == 0) set_ = shared_.Get();
  const SignedRequest& request = (*set_)[next_++ % set_->size()];
  Sent& sent = sent_[connection];
  if (sent.set != set_) sent.set = set_;
  sent.request = &request;
  return request.wire;
}

std::optional<std::string> RepeatedSource::Check(size_t connection, const Answer& answer) {
  if (answer.status != 200)
    return fmt::format("status {}: {}", answer.status, Shortened(answer.body));
  if (++checked_ % kSampleEvery != 0) return std::nullopt;
  if (answer.body.find(sent_[connection].request->expected) == std::string_view::npos)
    return fmt::format("unexpected body: {}", Shortened(answer.body));
  return std::nullopt;
}

FillSource::FillSource(const Target& target, size_t connections, uint64_t begin, uint64_t end)
    : target_(target),
      signer_(target),
      random_(begin),
      batches_(connections),
      next_(begin),
      end_(end) {}

std::optional<std::string_view> FillSource::Next(size_t connection) {
  Batch& batch = batches_[connection];
  if (!batch.again) {
    if (next_ >= end_) return std::nullopt;
    batch.begin = next_;
    batch.end = next_ = std::min<uint64_t>(next_ + kBatchItemsMax, end_);
  }
  batch.again = false;
  std::string body = fmt::format(R"({{"RequestItems":{{"{}":[)", target_.table);
  for (uint64_t number = batch.begin; number < batch.end; ++number)
    body += fmt::format(R"({}{{"PutRequest":{{"Item":{}}}}})", number > batch.begin ? "," : "",
                        ItemJson(number, random_, target_.repeat));
  body += "]}}";
  batch.wire = signer_.Wire("BatchWriteItem", body);
  return batch.wire;
}

std::optional<std::string> FillSource::Check(size_t connection, const Answer& answer) {
  if (answer.status != 200)
    return fmt::format("status {}: {}", answer.status, Shortened(answer.body));
  batches_[connection].again =
      answer.body.find(R"("UnprocessedItems":{})") == std::string_view::npos;
  return std::nullopt;
}

}  // namespace tidemark::load
