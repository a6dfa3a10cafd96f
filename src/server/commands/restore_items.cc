#include <memory>

#include "base/clock.h"
#include "codec/instant.h"
#include "server/commands/human_time.h"
#include "server/commands/item_jobs.h"
#include "server/commands/past_commands.h"

namespace tidemark::server {
namespace {

struct RestoreItemsOptions : PastOptions {
  std::string partition;          // as JSON
  std::vector<std::string> keys;  // JSON, or a partition key's value
  bool removed = false, changed = false, added = false;
  bool dry_run = false, yes = false;
  int64_t limit = 20;  // of items named in the report
};

// `until`: of the dry run before it; empty: as typed.
Result<std::string> BodyOf(ApiClient& client, const RestoreItemsOptions& options, bool dry_run,
                           const std::string& until) {
  std::string body;
  codec::JsonWriter w(&body);
  w.BeginObject().Field("TableName", options.table).FieldBool("DryRun", dry_run);
  const auto instant = [&](std::string_view name, const std::string& typed) -> Result<void> {
    if (typed.empty()) return {};
    TM_TRY(const auto time, ParseHumanTime(typed, SystemClock().Now()));
    w.Field(name, codec::FormatInstant(time));
    return {};
  };
  TM_TRYV(instant("RestoreDateTime", options.as_of));
  if (!options.backup.empty()) w.Field("BackupArn", options.backup);
  TM_TRYV(instant("Until", until.empty() ? options.until : until));
  if (!options.partition.empty()) w.Key("PartitionKey").Raw(options.partition);
  if (!options.keys.empty()) {
    w.Key("Keys").BeginArray();
    for (const std::string& typed : options.keys) {
      TM_TRY(const auto key, KeyFromArguments(client, options.table, {typed}));
      w.Raw(key);
    }
    w.EndArray();
  }
  if (options.removed || options.changed || options.added) {
    w.Key("Kinds").BeginArray();
    if (options.removed) w.String("REMOVED");
    if (options.changed) w.String("CHANGED");
    if (options.added) w.String("ADDED");
    w.EndArray();
  }
  w.EndObject();
  return body;
}

Result<void> RestoreItems(ApiClient& client, const RestoreItemsOptions& options) {
  const auto body = [&](bool dry_run, const std::string& until) {
    return BodyOf(client, options, dry_run, until);
  };
  return RunItemJob(client, {.client = options.client,
                             .operation = "RestoreItems",
                             .table = options.table,
                             .body = body,
                             .dry_run = options.dry_run,
                             .yes = options.yes,
                             .limit = options.limit});
}

}  // namespace

Subcommand AddRestoreItems(Command app) {
  Command command = app.Add("restore-items",
                            "Bring back items of a live table as they were at an instant or in a "
                            "backup, where nobody changed them since");
  const auto options =
      std::make_shared<RestoreItemsOptions>();  // shared: by the parser and by what runs
  AddTable(command, options.get());
  command.Text("--at", &options->as_of, "the instant to go back to").Check("INSTANT", InstantFault);
  command
      .Text("--from-backup", &options->backup,
            "instead: the ARN of the backup or recovery point to bring them back from")
      .NotEmpty();
  command
      .Text("--until", &options->until,
            "undo what was done until this instant; later changes stay. Else until now")
      .Check("INSTANT", InstantFault);
  command
      .Texts("--key", &options->keys,
             "only this item, as DynamoDB's JSON, or its partition key's value if that is the "
             "whole key; may be given 100 times")
      .NotEmpty()
      .OneEach();
  command
      .Text("--partition", &options->partition,
            "only of this partition key, as DynamoDB's JSON: {\"UserId\":{\"S\":\"a\"}}")
      .NotEmpty();
  command.Flag("--deleted", &options->removed,
               "put back what was deleted; so it is if no other kind is given");
  command.Flag("--changed", &options->changed, "make what was changed as it was");
  command.Flag("--added", &options->added, "delete what was not there");
  command.Flag("--dry-run", &options->dry_run, "tell what would be done, and do nothing");
  command.Flag("--yes", &options->yes, "do it without asking");
  command.Number("--limit", &options->limit, "items named that were left alone; 0: all on record")
      .Range(0, kShownMax);
  return {command, [options] {
            if (options->as_of.empty() == options->backup.empty())
              return ComplainOfUsage("restore-items needs either --at or --from-backup");
            return WithClient(options->client,
                              [&](ApiClient& client) { return RestoreItems(client, *options); });
          }};
}

}  // namespace tidemark::server
