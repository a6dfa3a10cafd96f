#include <memory>

#include "base/clock.h"
#include "codec/instant.h"
#include "server/commands/human_time.h"
#include "server/commands/item_jobs.h"
#include "server/commands/past_commands.h"

namespace tidemark::server {
namespace {

struct RewindOptions : PastOptions {
  std::string undo;  // id of a job
  bool dry_run = false, yes = false;
  int64_t limit = 20;
};

Result<std::string> RewindBody(const RewindOptions& options, bool dry_run) {
  std::string body;
  codec::JsonWriter w(&body);
  w.BeginObject().Field("TableName", options.table).FieldBool("DryRun", dry_run);
  if (!options.undo.empty()) w.Field("UndoJobId", options.undo);
  if (!options.as_of.empty()) {
    TM_TRY(const auto time, ParseHumanTime(options.as_of, SystemClock().Now()));
    w.Field("RestoreDateTime", codec::FormatInstant(time));
  }
  w.EndObject();
  return body;
}

Result<void> Rewind(ApiClient& client, const RewindOptions& options) {
  const auto body = [&](bool dry_run, const std::string&) { return RewindBody(options, dry_run); };
  return RunItemJob(client, {.client = options.client,
                             .operation = "RewindTable",
                             .table = options.table,
                             .body = body,
                             .dry_run = options.dry_run,
                             .yes = options.yes,
                             .limit = options.limit});
}

}  // namespace

Subcommand AddRewind(Command app) {
  Command command =
      app.Add("rewind", "Make all items of a live table what they were at an instant");
  const auto options = std::make_shared<RewindOptions>();  // shared: by the parser and what runs
  AddTable(command, options.get());
  command.Text("--at", &options->as_of, "the instant to go back to").Check("INSTANT", InstantFault);
  command.Text("--undo", &options->undo, "instead: take back the job with this id");
  command.Flag("--dry-run", &options->dry_run, "tell what would be done, and do nothing");
  command.Flag("--yes", &options->yes, "do it without asking");
  command.Number("--limit", &options->limit, "items named that were left alone; 0: all on record")
      .Range(0, kShownMax);
  return {command, [options] {
            if (options->as_of.empty() == options->undo.empty())
              return ComplainOfUsage("rewind needs either --at or --undo");
            return WithClient(options->client,
                              [&](ApiClient& client) { return Rewind(client, *options); });
          }};
}

}  // namespace tidemark::server
