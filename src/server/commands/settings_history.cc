#include <cstdio>
#include <memory>

#include "server/commands/past_commands.h"
#include "server/commands/text.h"

namespace tidemark::server {
namespace {

struct SettingsHistoryOptions : PastOptions {
  int64_t limit = 100;
};

// JSON as it stands in an answer; what is not there reads as "-".
std::string SettingText(codec::JsonValue setting, std::string_view member) {
  const std::string json = JsonOf(setting, member);
  return json.empty() ? "-" : json;
}

void ShowChange(codec::JsonValue change) {
  const std::string who = TextOf(change, "AccessKeyId");
  fmt::print("{}  {:<20}  {}\n", Readable(TextOf(change, "CommitTime")),
             who.empty() ? "the server" : who, TextOf(change, "RequestId"));
  codec::JsonArray settings;
  if (change["Settings"].get(settings) != simdjson::SUCCESS) return;
  for (const auto setting : settings) {
    fmt::print("    {}: {} -> {}\n", TextOf(setting, "Name"), SettingText(setting, "OldValue"),
               SettingText(setting, "NewValue"));
  }
}

void ShowSettingsBefore(codec::JsonValue before) {
  fmt::print("{}  as history begins\n", Readable(TextOf(before, "Instant")));
  codec::JsonObject settings;
  if (before["Settings"].get(settings) != simdjson::SUCCESS) return;
  for (const auto [name, value] : settings)
    fmt::print("    {}: {}\n", name, std::string(simdjson::minify(value)));
}

Result<void> SettingsHistory(ApiClient& client, const SettingsHistoryOptions& options) {
  const auto fill = [&](codec::JsonWriter* w) -> Result<void> {
    w->Field("TableName", options.table);
    return WriteTypedRange(options, w);
  };
  int64_t shown = 0;
  bool cut = false;
  std::string json, before;
  const auto page = [&](codec::JsonValue answer) {
    codec::JsonArray changes;
    if (answer["Changes"].get(changes) != simdjson::SUCCESS) return false;
    for (const auto change : changes) {
      cut = options.limit > 0 && shown == options.limit;
      if (cut) return false;
      ++shown;
      if (options.client.json()) {
        json += (json.empty() ? "" : ",") + std::string(simdjson::minify(change));
      } else {
        ShowChange(change);
      }
    }
    codec::JsonValue state;
    if (answer["Before"].get(state) != simdjson::SUCCESS) return true;
    before = simdjson::minify(state);
    if (!options.client.json()) ShowSettingsBefore(state);
    return true;
  };
  TM_TRYV(CallPages(client, std::string(kTidemark) + "GetSettingsHistory", fill, page));
  if (options.client.json()) {
    fmt::print("{{\"Changes\":[{}]{}{}}}\n", json, before.empty() ? "" : ",\"Before\":", before);
  } else if (cut) {
    fmt::print("... and more; --limit 0 shows all\n");
  }
  return {};
}

}  // namespace

Subcommand AddSettingsHistory(Command app) {
  Command command =
      app.Add("settings-history", "List the changes of a table's settings, newest first");
  const auto options =
      std::make_shared<SettingsHistoryOptions>();  // shared: by the parser and by what runs
  AddTable(command, options.get());
  AddRange(command, options.get());
  command.Number("--limit", &options->limit, "changes shown; 0: all").Range(0, kShownMax);
  return {command, [options] {
            return WithClient(options->client,
                              [&](ApiClient& client) { return SettingsHistory(client, *options); });
          }};
}

}  // namespace tidemark::server
