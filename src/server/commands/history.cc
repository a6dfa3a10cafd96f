#include <cstdio>
#include <memory>

#include "server/commands/past_commands.h"
#include "server/commands/text.h"

namespace tidemark::server {
namespace {

struct HistoryOptions : PastOptions {
  int64_t limit = 100;
  bool items = false;
};

void ShowVersion(codec::JsonValue version, bool with_item) {
  const bool is_put = TextOf(version, "Kind") == "PUT";
  fmt::print("{}  {:<6}  {:>10}  {:<20}  {}\n", Readable(TextOf(version, "CommitTime")),
             is_put ? "put" : "delete",
             is_put ? BytesText(static_cast<double>(NumberOf(version, "SizeBytes"))) : "-",
             TextOf(version, "AccessKeyId"), TextOf(version, "RequestId"));
  if (with_item && is_put) fmt::print("    {}\n", JsonOf(version, "Item"));
}

void ShowBefore(codec::JsonValue before, bool with_item) {
  bool exists = false;
  if (before["Exists"].get(exists) != simdjson::SUCCESS) exists = false;
  const std::string instant = Readable(TextOf(before, "Instant"));
  if (!exists) return fmt::print("{}  not there when history begins\n", instant);
  fmt::print("{}  before  {:>10}  there when history begins\n", instant,
             BytesText(static_cast<double>(NumberOf(before, "SizeBytes"))));
  if (with_item) fmt::print("    {}\n", JsonOf(before, "Item"));
}

Result<void> History(ApiClient& client, const HistoryOptions& options) {
  TM_TRY(const auto key, KeyFromArguments(client, options.table, options.key));
  const auto fill = [&](codec::JsonWriter* w) -> Result<void> {
    w->Field("TableName", options.table).Key("Key").Raw(key);
    w->FieldBool("IncludeItems", options.items || options.client.json());
    return WriteTypedRange(options, w);
  };
  int64_t shown = 0;
  bool cut = false;
  std::string json, before;
  const auto page = [&](codec::JsonValue answer) {
    codec::JsonArray versions;
    if (answer["Versions"].get(versions) != simdjson::SUCCESS) return false;
    for (const auto version : versions) {
      cut = options.limit > 0 && shown == options.limit;
      if (cut) return false;
      ++shown;
      if (options.client.json()) {
        json += (json.empty() ? "" : ",") + std::string(simdjson::minify(version));
      } else {
        ShowVersion(version, options.items);
      }
    }
    codec::JsonValue state;
    if (answer["Before"].get(state) != simdjson::SUCCESS) return true;
    before = simdjson::minify(state);
    if (!options.client.json()) ShowBefore(state, options.items);
    return true;
  };
  TM_TRYV(CallPages(client, std::string(kTidemark) + "GetItemHistory", fill, page));
  if (options.client.json()) {
    fmt::print("{{\"Versions\":[{}]{}{}}}\n", json, before.empty() ? "" : ",\"Before\":", before);
  } else if (cut) {
    fmt::print("... and more; --limit 0 shows all\n");
  }
  return {};
}

}  // namespace

Subcommand AddHistory(Command app) {
  Command command = app.Add("history", "List all versions of an item, newest first");
  const auto options =
      std::make_shared<HistoryOptions>();  // shared: by the parser and by what runs
  AddTable(command, options.get());
  AddKey(command, options.get());
  AddRange(command, options.get());
  command.Number("--limit", &options->limit, "versions shown; 0: all").Range(0, kShownMax);
  command.Flag("--items", &options->items, "print the items as well");
  return {command, [options] {
            return WithClient(options->client,
                              [&](ApiClient& client) { return History(client, *options); });
          }};
}

}  // namespace tidemark::server
