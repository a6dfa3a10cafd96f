#include <cstdio>
#include <memory>

#include "server/commands/human_time.h"
#include "server/commands/past_commands.h"

namespace tidemark::server {
namespace {

struct DiffOptions : PastOptions {
  std::string partition;  // as JSON
  int64_t limit = 20;
  bool items = false;
};

struct Counts {
  int64_t added = 0, removed = 0, changed = 0;
  int64_t all() const { return added + removed + changed; }
};

void ShowDifference(codec::JsonValue change, bool with_items) {
  const std::string kind = TextOf(change, "Kind");
  fmt::print("{} {}  {}  {}\n",
             kind == "ADDED"     ? "+"
             : kind == "REMOVED" ? "-"
                                 : "~",
             JsonOf(change, "Key"), Readable(TextOf(change, "CommitTime")),
             TextOf(change, "AccessKeyId"));
  if (!with_items) return;
  if (kind != "ADDED") fmt::print("    was {}\n", JsonOf(change, "OldItem"));
  if (kind != "REMOVED") fmt::print("    is  {}\n", JsonOf(change, "NewItem"));
}

Result<void> Diff(ApiClient& client, const DiffOptions& options) {
  const auto fill = [&](codec::JsonWriter* w) -> Result<void> {
    w->Field("TableName", options.table).Field("Limit", int64_t{1000});
    if (!options.partition.empty()) w->Key("PartitionKey").Raw(options.partition);
    w->FieldBool("IncludeItems", options.items);
    return WriteTypedRange(options, w);
  };
  Counts counts;
  int64_t shown = 0;
  std::string from, until, json;
  const auto page = [&](codec::JsonValue answer) {
    codec::JsonArray changes;
    if (answer["Changes"].get(changes) != simdjson::SUCCESS) return false;
    counts.added += NumberOf(answer, "Added");
    counts.removed += NumberOf(answer, "Removed");
    counts.changed += NumberOf(answer, "Changed");
    from = TextOf(answer, "From");
    until = TextOf(answer, "Until");
    for (const auto change : changes) {
      if (options.limit > 0 && shown == options.limit) break;
      ++shown;
      if (options.client.json()) {
        json += (json.empty() ? "" : ",") + std::string(simdjson::minify(change));
      } else {
        ShowDifference(change, options.items);
      }
    }
    return true;
  };
  TM_TRYV(CallPages(client, std::string(kTidemark) + "DiffTable", fill, page));
  if (options.client.json()) {
    fmt::print(
        "{{\"From\":\"{}\",\"Until\":\"{}\",\"Added\":{},\"Removed\":{},\"Changed\":{},"
        "\"Changes\":[{}]}}\n",
        from, until, counts.added, counts.removed, counts.changed, json);
    return {};
  }
  if (shown < counts.all())
    fmt::print("... and {} more; --limit 0 shows all\n", counts.all() - shown);
  fmt::print("from {} until {}: {} added, {} removed, {} changed\n", Readable(from),
             Readable(until), counts.added, counts.removed, counts.changed);
  return {};
}

}  // namespace

Subcommand AddDiff(Command app) {
  Command command =
      app.Add("diff", "Tell which items of a table differ between an instant and now, or another");
  const auto options = std::make_shared<DiffOptions>();  // shared: by the parser and by what runs
  AddTable(command, options.get());
  command.Text("FROM", &options->from, "since this instant")
      .Required()
      .Check("INSTANT", InstantFault);
  command.Text("UNTIL", &options->until, "until this one; else until now")
      .Check("INSTANT", InstantFault);
  command
      .Text("--partition", &options->partition,
            "only of this partition key, as DynamoDB's JSON: {\"UserId\":{\"S\":\"a\"}}")
      .NotEmpty();
  command.Number("--limit", &options->limit, "items shown; 0: all").Range(0, kShownMax);
  command.Flag("--items", &options->items, "print both images of each item");
  return {command, [options] {
            return WithClient(options->client,
                              [&](ApiClient& client) { return Diff(client, *options); });
          }};
}

}  // namespace tidemark::server
