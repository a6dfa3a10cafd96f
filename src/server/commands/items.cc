#include <cstdio>
#include <memory>

#include "server/commands/past_commands.h"

namespace tidemark::server {
namespace {

struct ItemsOptions : PastOptions {
  std::string partition;  // as JSON
  int64_t limit = 20;
};

// {"UserId":{"S":"a"}} as what Query takes.
Result<void> WriteKeyCondition(const std::string& partition, codec::JsonWriter* w) {
  codec::JsonParser parser;
  const auto json = parser.Parse(partition);
  codec::JsonObject key;
  if (!json || json->get(key) != simdjson::SUCCESS || key.size() != 1) {
    return Fail(
        ErrorKind::kValidation,
        "--partition is a partition key as DynamoDB's JSON, {{\"UserId\":{{\"S\":\"a\"}}}}, "
        "not {}",
        partition);
  }
  const auto attribute = *key.begin();
  w->Field("KeyConditionExpression", "#p = :p");
  w->Key("ExpressionAttributeNames").BeginObject().Field("#p", attribute.key).EndObject();
  w->Key("ExpressionAttributeValues").BeginObject();
  w->Key(":p").Raw(std::string(simdjson::minify(attribute.value))).EndObject();
  return {};
}

Result<void> Items(ApiClient& client, const ItemsOptions& options) {
  TM_TRY(const auto headers, ReadHeaders(options));
  const std::string target =
      std::string(kDynamoDb) + (options.partition.empty() ? "Scan" : "Query");
  int64_t shown = 0;
  std::string start;
  do {
    std::string body;
    codec::JsonWriter w(&body);
    w.BeginObject().Field("TableName", options.table);
    if (!options.partition.empty()) TM_TRYV(WriteKeyCondition(options.partition, &w));
    if (options.limit > 0) w.Field("Limit", options.limit - shown);
    if (!start.empty()) w.Key("ExclusiveStartKey").Raw(start);
    w.EndObject();
    TM_TRY(const auto answer, client.Call(target, std::move(body), headers));
    codec::JsonArray items;
    if (answer["Items"].get(items) != simdjson::SUCCESS)
      return Fail(ErrorKind::kIo, "the server does not tell the items of table {}", options.table);
    for (const auto item : items) {
      ++shown;
      fmt::print("{}\n", std::string(simdjson::minify(item)));
    }
    start = JsonOf(answer, "LastEvaluatedKey");
  } while (!start.empty() && (options.limit == 0 || shown < options.limit));
  if (!start.empty()) fmt::print(stderr, "... and more; --limit 0 prints all\n");
  return {};
}

}  // namespace

Subcommand AddItems(Command app) {
  Command command =
      app.Add("items", "Print items of a table, or of a backup of it, one JSON object a line");
  const auto options = std::make_shared<ItemsOptions>();  // shared: by the parser and by what runs
  AddTable(command, options.get());
  AddReadSource(command, options.get());
  command
      .Text("--partition", &options->partition,
            "only of this partition key, as DynamoDB's JSON: {\"UserId\":{\"S\":\"a\"}}")
      .NotEmpty();
  command.Number("--limit", &options->limit, "items printed; 0: all").Range(0, kShownMax);
  return {command, [options] {
            return WithReadSource(*options,
                                  [&](ApiClient& client) { return Items(client, *options); });
          }};
}

}  // namespace tidemark::server
