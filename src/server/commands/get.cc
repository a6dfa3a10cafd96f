#include <cstdio>
#include <memory>

#include "base/clock.h"
#include "codec/instant.h"
#include "server/commands/human_time.h"
#include "server/commands/past_commands.h"

namespace tidemark::server {
namespace {

Result<void> Get(ApiClient& client, const PastOptions& options) {
  ApiClient::Headers headers;
  if (!options.as_of.empty()) {
    TM_TRY(const auto time, ParseHumanTime(options.as_of, SystemClock().Now()));
    headers.emplace_back("X-Tidemark-As-Of", codec::FormatInstant(time));
  }
  TM_TRY(const auto key, KeyFromArguments(client, options.table, options.key));
  std::string body;
  codec::JsonWriter w(&body);
  w.BeginObject().Field("TableName", options.table).Key("Key").Raw(key);
  w.FieldBool("ConsistentRead", true).EndObject();
  TM_TRY(const auto answer,
         client.Call(std::string(kDynamoDb) + "GetItem", std::move(body), std::move(headers)));
  const std::string item = JsonOf(answer, "Item");
  if (item.empty()) {
    return Fail(ErrorKind::kNotFound, "table {} {} no item {}", options.table,
                options.as_of.empty() ? "has" : "had", key);
  }
  fmt::print("{}\n", item);
  return {};
}

}  // namespace

Subcommand AddGet(Command app) {
  Command command = app.Add("get", "Print an item, as it is or as it was");
  const auto options = std::make_shared<PastOptions>();  // shared: by the parser and by what runs
  AddTable(command, options.get());
  AddKey(command, options.get());
  command
      .Text("--as-of", &options->as_of,
            "as of this instant, e.g. '2026-11-26 10:00:06' (UTC) or '2h ago'")
      .Check("INSTANT", InstantFault);
  return {command, [options] {
            return WithClient(options->client,
                              [&](ApiClient& client) { return Get(client, *options); });
          }};
}

}  // namespace tidemark::server
