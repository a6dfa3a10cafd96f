#include <cstdio>
#include <memory>

#include "base/clock.h"
#include "codec/instant.h"
#include "server/commands/human_time.h"
#include "server/commands/past_commands.h"

namespace tidemark::server {
namespace {

struct RestoreOptions {
  ClientOptions client;
  std::vector<std::string> tables;  // "TABLE=NEW"
  std::string at;                   // as typed; empty: the latest
  std::string settings = "current";
};

std::string PairFault(const std::string& pair) {
  const size_t at = pair.find('=');
  const bool fits = at != pair.npos && at > 0 && at + 1 < pair.size();
  return fits ? "" : pair + " is not TABLE=NEW";
}

Result<std::string> RestoreBody(const RestoreOptions& options) {
  std::string body;
  codec::JsonWriter w(&body);
  w.BeginObject().Key("Tables").BeginArray();
  for (const std::string& pair : options.tables) {
    const size_t at = pair.find('=');
    w.BeginObject().Field("SourceTableName", pair.substr(0, at));
    w.Field("TargetTableName", pair.substr(at + 1)).EndObject();
  }
  w.EndArray();
  if (options.at.empty()) {
    w.FieldBool("UseLatestRestorableTime", true);
  } else {
    TM_TRY(const auto time, ParseHumanTime(options.at, SystemClock().Now()));
    w.Field("RestoreDateTime", codec::FormatInstant(time));
  }
  w.EndObject();
  return body;
}

Result<void> RestoreTables(ApiClient& client, const RestoreOptions& options) {
  TM_TRY(auto body, RestoreBody(options));
  TM_TRY(const auto answer,
         client.Call(std::string(kTidemark) + "RestoreTablesToPointInTime", std::move(body),
                     {{"X-Tidemark-Restore-Settings", options.settings}}));
  if (!options.client.json())
    fmt::print("all as of {}\n", Readable(TextOf(answer, "RestoreDateTime")));
  fmt::print(stderr, "the tables are being restored; it goes on if this command ends\n");
  Result<void> all;
  for (const std::string& pair : options.tables) {
    auto restored = WaitForRestore(client, options.client, pair.substr(pair.find('=') + 1));
    if (!restored) all = std::move(restored);
  }
  return all;
}

}  // namespace

Subcommand AddRestore(Command app) {
  Command command = app.Add(
      "restore", "Restore tables to one instant as new ones, all of them or none, and wait");
  const auto options = std::make_shared<RestoreOptions>();  // shared: by the parser and what runs
  AddClientOptions(command, &options->client);
  command.Texts("TABLES", &options->tables, "TABLE=NEW for each table")
      .Required()
      .Check("TABLE=NEW", PairFault);
  command
      .Text("--at", &options->at,
            "the instant; else the last that all can be restored to, as a rule now")
      .Check("INSTANT", InstantFault);
  command
      .Text("--settings", &options->settings,
            "all: as of the instant, also tags, time to live, stream, protection and recovery; "
            "as-of: without these; current: those of now")
      .OneOf({"all", "as-of", "current"});
  return {command, [options] {
            return WithClient(options->client,
                              [&](ApiClient& client) { return RestoreTables(client, *options); });
          }};
}

}  // namespace tidemark::server
