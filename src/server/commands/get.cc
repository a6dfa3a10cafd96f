#include <cstdio>
#include <memory>

#include "server/commands/past_commands.h"

namespace tidemark::server {
namespace {

// The types of a key's attributes are the live table's to tell; a backup may have outlived it.
Result<std::string> TypedKey(ApiClient& client, const PastOptions& options) {
  auto key = KeyFromArguments(client, options.table, options.key);
  if (key || options.backup.empty()) return key;
  return Fail(
      WithContext(std::move(key).error(),
                  "give the key as one JSON object, {{\"pk\":{{\"S\":\"a\"}}}}, if there is "
                  "no such table any more"));
}

Result<void> Get(ApiClient& client, const PastOptions& options) {
  TM_TRY(auto headers, ReadHeaders(options));
  TM_TRY(const auto key, TypedKey(client, options));
  std::string body;
  codec::JsonWriter w(&body);
  w.BeginObject().Field("TableName", options.table).Key("Key").Raw(key);
  w.FieldBool("ConsistentRead", true).EndObject();
  TM_TRY(const auto answer,
         client.Call(std::string(kDynamoDb) + "GetItem", std::move(body), std::move(headers)));
  const std::string item = JsonOf(answer, "Item");
  if (item.empty()) {
    return Fail(ErrorKind::kNotFound, "table {} {} no item {}", options.table,
                options.reads_now() ? "has" : "had", key);
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
  AddReadSource(command, options.get());
  return {command, [options] {
            return WithReadSource(*options,
                                  [&](ApiClient& client) { return Get(client, *options); });
          }};
}

}  // namespace tidemark::server
