#include <cstdio>
#include <memory>

#include "server/commands/past_commands.h"
#include "server/commands/text.h"

namespace tidemark::server {
namespace {

struct DeletedTablesOptions {
  ClientOptions client;
  std::string table;  // empty: all
};

void ShowDeleted(codec::JsonValue table) {
  fmt::print("{}  {}  {}  {} items, {}\n", Readable(TextOf(table, "DeletionDateTime")),
             TextOf(table, "TableName"), TextOf(table, "TableId"), NumberOf(table, "ItemCount"),
             BytesText(static_cast<double>(NumberOf(table, "TableSizeBytes"))));
  fmt::print("    from {} to {}, until {}\n", Readable(TextOf(table, "EarliestRestorableDateTime")),
             Readable(TextOf(table, "LatestRestorableDateTime")),
             Readable(TextOf(table, "ExpiryDateTime")));
}

Result<void> DeletedTables(ApiClient& client, const DeletedTablesOptions& options) {
  const auto fill = [&](codec::JsonWriter* w) -> Result<void> {
    if (!options.table.empty()) w->Field("TableName", options.table);
    return {};
  };
  bool any = false;
  std::string json;
  const auto page = [&](codec::JsonValue answer) {
    codec::JsonArray tables;
    if (answer["DeletedTables"].get(tables) != simdjson::SUCCESS) return false;
    for (const auto table : tables) {
      any = true;
      if (options.client.json()) {
        json += (json.empty() ? "" : ",") + std::string(simdjson::minify(table));
      } else {
        ShowDeleted(table);
      }
    }
    return true;
  };
  TM_TRYV(CallPages(client, std::string(kTidemark) + "ListDeletedTables", fill, page));
  if (options.client.json()) {
    fmt::print("{{\"DeletedTables\":[{}]}}\n", json);
  } else if (!any) {
    fmt::print("no deleted table can be restored\n");
  }
  return {};
}

}  // namespace

Subcommand AddDeletedTables(Command app) {
  Command command =
      app.Add("deleted-tables", "List tables that were deleted and can be restored, newest first");
  const auto options =
      std::make_shared<DeletedTablesOptions>();  // shared: by the parser and by what runs
  AddClientOptions(command, &options->client);
  command.Text("TABLE", &options->table, "those of this name; else all");
  return {command, [options] {
            return WithClient(options->client,
                              [&](ApiClient& client) { return DeletedTables(client, *options); });
          }};
}

}  // namespace tidemark::server
