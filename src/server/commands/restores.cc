#include <unistd.h>

#include <cstdio>
#include <memory>

#include "server/commands/growing_pause.h"
#include "server/commands/past_commands.h"
#include "server/commands/text.h"

namespace tidemark::server {
namespace {

struct RestoresOptions {
  ClientOptions client;
  std::string table;  // empty: all
  bool wait = false, verified = false, cancel = false, items = false;
  int64_t limit = 20;
};

bool IsUnderWay(codec::JsonValue restore) {
  const std::string status = TextOf(restore, "Status");
  return status == "RUNNING" || status == "CANCELLING";
}

bool IsBeingVerified(codec::JsonValue restore) {
  return TextOf(restore, "Verification") == "RUNNING";
}

// "CHECKING, 63 %, about 12 s left".
std::string ProgressText(codec::JsonValue restore) {
  std::string text =
      fmt::format("{}, {} %", TextOf(restore, "Phase"), NumberOf(restore, "ProgressPercent"));
  const int64_t left = NumberOf(restore, "EstimatedSecondsLeft");
  if (left > 0) text += fmt::format(", about {} s left", left);
  return text;
}

// One line, and one more with the reason where it failed.
void ShowRestore(codec::JsonValue restore) {
  const std::string status = TextOf(restore, "Status");
  std::string how;
  if (status == "RUNNING") how = ProgressText(restore);
  if (status == "COMPLETED") {
    how = fmt::format("{} items, {}", NumberOf(restore, "ItemCount"),
                      BytesText(static_cast<double>(NumberOf(restore, "TableSizeBytes"))));
    const std::string verification = TextOf(restore, "Verification");
    if (verification == "PASSED") how += ", verified";
    if (verification == "RUNNING") how += ", being verified";
    if (verification == "FAILED") how += ", DAMAGED: " + TextOf(restore, "VerificationFailure");
  }
  fmt::print("{}  {:<10}  {}  as of {}  {}\n", Readable(TextOf(restore, "CreationDateTime")),
             status, TextOf(restore, "TableName"), Readable(TextOf(restore, "RestoreDateTime")),
             how);
  const std::string reason = TextOf(restore, "FailureReason");
  if (!reason.empty()) fmt::print("    {}\n", reason);
}

void Show(const RestoresOptions& options, codec::JsonValue restore) {
  if (options.client.json()) {
    fmt::print("{}\n", std::string(simdjson::minify(restore)));
  } else {
    ShowRestore(restore);
  }
}

Result<codec::JsonValue> CallFor(ApiClient& client, std::string_view operation,
                                 const std::string& table) {
  std::string body;
  codec::JsonWriter w(&body);
  w.BeginObject().Field("TableName", table).EndObject();
  return client.Call(std::string(kTidemark).append(operation), body);
}

// Until it has ended, and until all of the table has been read if asked for; an error unless the
// table is there and nothing of it was found damaged.
Result<void> Wait(ApiClient& client, const RestoresOptions& options) {
  const bool shows = !options.client.json() && ::isatty(STDERR_FILENO) != 0;
  TM_TRY(auto restore, CallFor(client, "DescribeTableRestore", options.table));
  const GrowingPause pause;
  while (IsUnderWay(restore) || (options.verified && IsBeingVerified(restore))) {
    if (shows) {
      fmt::print(stderr, "\r{}    ",
                 IsUnderWay(restore) ? ProgressText(restore) : "it is there, and is verified");
      std::fflush(stderr);
    }
    pause.Take();
    TM_TRY(restore, CallFor(client, "DescribeTableRestore", options.table));
  }
  if (shows) fmt::print(stderr, "\r{:60}\r", "");
  Show(options, restore);
  if (TextOf(restore, "Status") != "COMPLETED")
    return Fail(ErrorKind::kUnavailable, "table {} was not restored", options.table);
  if (TextOf(restore, "Verification") != "FAILED") return {};
  return Fail(ErrorKind::kCorruption,
              "table {} is damaged: restore it from another backup or instant, and compare",
              options.table);
}

int64_t CountIn(codec::JsonValue job, std::string_view member) {
  codec::JsonValue counts;
  if (job[member].get(counts) != simdjson::SUCCESS) return 0;
  return NumberOf(counts, "REMOVED") + NumberOf(counts, "CHANGED") + NumberOf(counts, "ADDED");
}

// A restore of items into a live table, likewise.
void ShowItemRestore(codec::JsonValue job) {
  const std::string status = TextOf(job, "Status");
  std::string how = fmt::format("{} items", CountIn(job, "Restored"));
  if (status == "RUNNING") how += fmt::format(", {} %", NumberOf(job, "ProgressPercent"));
  if (JsonOf(job, "DryRun") == "true") how += ", dry run";
  fmt::print("{}  {:<10}  {}  as of {}  {}  {}\n", Readable(TextOf(job, "CreationDateTime")),
             status, TextOf(job, "TableName"), Readable(TextOf(job, "RestoreDateTime")), how,
             TextOf(job, "JobId"));
  const std::string reason = TextOf(job, "FailureReason");
  if (!reason.empty()) fmt::print("    {}\n", reason);
}

// The member of answers that holds what is listed, and how a line of it is shown.
struct Listing {
  const char* operation;
  const char* member;
  void (*show)(codec::JsonValue);
  const char* none;
};
constexpr Listing kTableRestores = {"ListTableRestores", "TableRestores", ShowRestore,
                                    "no restores of tables are on record"};
constexpr Listing kItemRestores = {"ListItemRestores", "ItemRestores", ShowItemRestore,
                                   "no restores of items are on record"};

Result<void> ListRestores(ApiClient& client, const RestoresOptions& options,
                          const Listing& listing) {
  const auto fill = [&](codec::JsonWriter* w) -> Result<void> {
    if (!options.table.empty()) w->Field("TableName", options.table);
    return {};
  };
  int64_t shown = 0;
  std::string json;
  const auto page = [&](codec::JsonValue answer) {
    codec::JsonArray restores;
    if (answer[listing.member].get(restores) != simdjson::SUCCESS) return false;
    for (const auto restore : restores) {
      if (options.limit > 0 && shown == options.limit) return false;
      ++shown;
      if (options.client.json()) {
        json += (json.empty() ? "" : ",") + std::string(simdjson::minify(restore));
      } else {
        listing.show(restore);
      }
    }
    return true;
  };
  TM_TRYV(CallPages(client, std::string(kTidemark) + listing.operation, fill, page));
  if (options.client.json()) {
    fmt::print("{{\"{}\":[{}]}}\n", listing.member, json);
  } else if (shown == 0) {
    fmt::print("{}\n", listing.none);
  }
  return {};
}

Result<void> TableRestores(ApiClient& client, const RestoresOptions& options) {
  if (options.cancel) {
    TM_TRY(const auto restore, CallFor(client, "CancelTableRestore", options.table));
    if (!options.wait) {
      Show(options, restore);
      return {};
    }
  }
  if (options.wait) return Wait(client, options);
  return ListRestores(client, options, options.items ? kItemRestores : kTableRestores);
}

}  // namespace

Result<void> WaitForRestore(ApiClient& client, const ClientOptions& options,
                            const std::string& table) {
  RestoresOptions waiting;
  waiting.client = options;
  waiting.table = table;
  return Wait(client, waiting);
}

Subcommand AddRestores(Command app) {
  Command command = app.Add("restores",
                            "List restores of tables, wait for one, or cancel it; or list restores "
                            "of items");
  const auto options = std::make_shared<RestoresOptions>();  // shared: by the parser and what runs
  AddClientOptions(command, &options->client);
  command.Text("TABLE", &options->table,
               "the table that is restored, or whose items are; else all");
  command.Flag("--wait", &options->wait, "until the table is restored, or is not");
  command.Flag("--verified", &options->verified, "with --wait: and until all of it has been read");
  command.Flag("--cancel", &options->cancel, "end it; the table that is being made goes");
  command.Flag("--items", &options->items, "list restores of items into live tables instead");
  command.Number("--limit", &options->limit, "restores shown; 0: all").Range(0, kShownMax);
  return {
      command, [options] {
        if (options->items && (options->wait || options->cancel))
          return ComplainOfUsage("--items lists; --wait and --cancel are for restores of tables");
        if (options->verified && !options->wait)
          return ComplainOfUsage("--verified goes with --wait");
        if (options->table.empty() && (options->wait || options->cancel))
          return ComplainOfUsage("--wait and --cancel need the name of a table");
        return WithClient(options->client,
                          [&](ApiClient& client) { return TableRestores(client, *options); });
      }};
}

}  // namespace tidemark::server
