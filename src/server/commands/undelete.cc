#include <memory>

#include "base/clock.h"
#include "codec/instant.h"
#include "server/commands/human_time.h"
#include "server/commands/past_commands.h"

namespace tidemark::server {
namespace {

struct UndeleteOptions : PastOptions {
  std::string id, to;
  std::string settings = "all";
};

Result<void> Undelete(ApiClient& client, const UndeleteOptions& options) {
  const std::string target = options.to.empty() ? options.table : options.to;
  std::string body;
  codec::JsonWriter w(&body);
  w.BeginObject().Field("SourceTableName", options.table).Field("TargetTableName", target);
  if (!options.id.empty()) w.Field("SourceTableId", options.id);
  if (options.as_of.empty()) {
    w.FieldBool("UseLatestRestorableTime", true);
  } else {
    TM_TRY(const auto time, ParseHumanTime(options.as_of, SystemClock().Now()));
    w.Field("RestoreDateTime", codec::FormatInstant(time));
  }
  w.EndObject();
  TM_TRYV(client.Call(std::string(kTidemark) + "UndeleteTable", std::move(body),
                      {{"X-Tidemark-Restore-Settings", options.settings}}));
  fmt::print(stderr, "table {} is being restored; it goes on if this command ends\n", target);
  return WaitForRestore(client, options.client, target);
}

}  // namespace

Subcommand AddUndelete(Command app) {
  Command command = app.Add(
      "undelete", "Make a new table of one that was deleted, as it was at an instant before");
  const auto options =
      std::make_shared<UndeleteOptions>();  // shared: by the parser and by what runs
  AddTable(command, options.get());
  command.Text("--at", &options->as_of, "the instant; else the last one before it was deleted")
      .Check("INSTANT", InstantFault);
  command.Text("--to", &options->to, "name of the new table; else the old one's");
  command.Text("--id", &options->id,
               "the table with this id (`tidemark deleted-tables`); else the last of its name");
  command
      .Text("--settings", &options->settings,
            "all: also tags, stream, protection and recovery (time to live stays off); as-of: "
            "without these; "
            "current: those it had last")
      .OneOf({"all", "as-of", "current"});
  return {command, [options] {
            return WithClient(options->client,
                              [&](ApiClient& client) { return Undelete(client, *options); });
          }};
}

}  // namespace tidemark::server
