#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>
#include <thread>

#include "base/clock.h"
#include "codec/instant.h"
#include "server/commands/human_time.h"
#include "server/commands/past_commands.h"

namespace tidemark::server {
namespace {

constexpr std::chrono::milliseconds kPollFirst{20};
constexpr std::chrono::milliseconds kPollMost{1000};

struct RestoreItemsOptions : PastOptions {
  std::string partition;          // as JSON
  std::vector<std::string> keys;  // JSON, or a partition key's value
  bool removed = false, changed = false, added = false;
  bool dry_run = false, yes = false;
  int64_t limit = 20;  // of items named in the report
};

// Of a job's description.
struct ItemJob {
  std::string id, status, failure, until, json;
  int64_t percent = 0, restored = 0;
  bool runs() const { return status == "RUNNING"; }
};

int64_t SumOf(codec::JsonValue object, std::string_view member) {
  codec::JsonValue counts;
  if (object[member].get(counts) != simdjson::SUCCESS) return 0;
  return NumberOf(counts, "REMOVED") + NumberOf(counts, "CHANGED") + NumberOf(counts, "ADDED");
}

ItemJob ReadItemJob(codec::JsonValue answer) {
  return {.id = TextOf(answer, "JobId"),
          .status = TextOf(answer, "Status"),
          .failure = TextOf(answer, "FailureReason"),
          .until = TextOf(answer, "Until"),
          .json = std::string(simdjson::minify(answer)),
          .percent = NumberOf(answer, "ProgressPercent"),
          .restored = SumOf(answer, "Restored")};
}

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

void ShowProgress(const ItemJob& job, std::chrono::steady_clock::time_point begin) {
  if (::isatty(STDERR_FILENO) == 0) return;
  std::string left;
  if (job.percent > 0) {
    const auto spent = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin);
    left = fmt::format(
        ", about {:.0f} s left",
        spent.count() * static_cast<double>(100 - job.percent) / static_cast<double>(job.percent));
  }
  fmt::print(stderr, "\r{} restored, {} %{}    ", job.restored, job.percent, left);
  std::fflush(stderr);
}

// Begins a job and waits until it has ended.
Result<ItemJob> RunJob(ApiClient& client, const std::string& body, bool show) {
  TM_TRY(const auto answer, client.Call(std::string(kTidemark) + "RestoreItems", body));
  ItemJob job = ReadItemJob(answer);
  std::string ask;
  codec::JsonWriter w(&ask);
  w.BeginObject().Field("JobId", job.id).EndObject();
  const auto begin = std::chrono::steady_clock::now();
  bool shown = false;
  for (auto pause = kPollFirst; job.runs(); pause = std::min(pause * 2, kPollMost)) {
    std::this_thread::sleep_for(pause);
    TM_TRY(const auto now, client.Call(std::string(kTidemark) + "DescribeItemRestore", ask));
    job = ReadItemJob(now);
    if (!show || !job.runs()) continue;
    ShowProgress(job, begin);
    shown = true;
  }
  if (shown && ::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\n");
  return job;
}

void ShowCounts(std::FILE* to, std::string_view before, codec::JsonValue job,
                std::string_view member) {
  codec::JsonValue counts;
  if (job[member].get(counts) != simdjson::SUCCESS) return;
  fmt::print(to, "{}{} removed, {} changed, {} added\n", before, NumberOf(counts, "REMOVED"),
             NumberOf(counts, "CHANGED"), NumberOf(counts, "ADDED"));
}

// What a job did, or would do.
Result<void> ShowReport(std::FILE* to, const ItemJob& job, bool dry_run, int64_t limit) {
  codec::JsonParser parser;
  TM_TRY(const auto json, parser.Parse(job.json));
  fmt::print(to, "table {}, from {} until {}\n", TextOf(json, "TableName"),
             Readable(TextOf(json, "RestoreDateTime")), Readable(job.until));
  ShowCounts(to, dry_run ? "would be undone:     " : "undone:              ", json, "Restored");
  ShowCounts(to, "of other kinds:      ", json, "NotSelected");
  fmt::print(to, "as it was already:   {}\n", NumberOf(json, "AlreadySo"));
  fmt::print(to, "changed since, kept: {}\n", NumberOf(json, "Conflicts"));
  if (NumberOf(json, "Refused") > 0)
    fmt::print(to, "refused by the table: {}\n", NumberOf(json, "Refused"));
  codec::JsonArray left;
  if (json["NotRestored"].get(left) != simdjson::SUCCESS) return {};
  int64_t named = 0;
  for (const auto one : left) {
    if (limit > 0 && named == limit) break;
    ++named;
    const std::string message = TextOf(one, "Message");
    fmt::print(to, "  {}  {}\n", JsonOf(one, "Key"), message.empty() ? "changed since" : message);
  }
  const int64_t all = NumberOf(json, "Conflicts") + NumberOf(json, "Refused");
  if (named < all) fmt::print(to, "  ... and {} more\n", all - named);
  return {};
}

Result<void> Ended(const ItemJob& job) {
  if (job.status == "COMPLETED") return {};
  return Fail(ErrorKind::kValidation, "the job {} has failed: {}", job.id, job.failure);
}

Result<bool> Confirmed(std::FILE* to, const std::string& table) {
  fmt::print(to, "undo this in the live table {}? [y/N] ", table);
  std::fflush(to);
  std::string answer;
  if (!std::getline(std::cin, answer)) {
    fmt::print(to, "\n");
    return Fail(ErrorKind::kValidation,
                "nothing was restored: nobody answered; --yes restores without asking");
  }
  return answer == "y" || answer == "Y" || answer == "yes";
}

Result<void> RestoreItems(ApiClient& client, const RestoreItemsOptions& options) {
  // What people read goes out of the way of JSON.
  std::FILE* const to = options.client.json() ? stderr : stdout;
  std::string until;
  if (options.dry_run || !options.yes) {
    TM_TRY(const auto body, BodyOf(client, options, true, ""));
    TM_TRY(const auto job, RunJob(client, body, false));
    TM_TRYV(Ended(job));
    if (options.dry_run && options.client.json()) {
      fmt::print("{}\n", job.json);
      return {};
    }
    TM_TRYV(ShowReport(to, job, true, options.limit));
    if (options.dry_run) return {};
    if (job.restored == 0) {
      fmt::print(to, "there is nothing to restore\n");
      if (options.client.json()) fmt::print("{}\n", job.json);
      return {};
    }
    TM_TRY(const bool confirmed, Confirmed(to, options.table));
    if (!confirmed) return Fail(ErrorKind::kValidation, "nothing was restored");
    until = job.until;  // so that what was shown is done, and nothing else
  }
  TM_TRY(const auto body, BodyOf(client, options, false, until));
  TM_TRY(const auto job, RunJob(client, body, true));
  if (options.client.json()) {
    fmt::print("{}\n", job.json);
  } else {
    TM_TRYV(ShowReport(to, job, false, options.limit));
    fmt::print("what it wrote has the request id {} in `tidemark history`\n", job.id);
  }
  return Ended(job);
}

}  // namespace

Subcommand AddRestoreItems(Command app) {
  Command command = app.Add("restore-items",
                            "Bring back items of a live table as they were at an instant, where "
                            "nobody changed them since");
  const auto options =
      std::make_shared<RestoreItemsOptions>();  // shared: by the parser and by what runs
  AddTable(command, options.get());
  command.Text("--at", &options->as_of, "the instant to go back to").Required();
  command.Text("--until", &options->until,
               "undo what was done until this instant; later changes stay. Else until now");
  command
      .Texts("--key", &options->keys,
             "only this item, as DynamoDB's JSON, or its partition key's value if that is the "
             "whole key; may be given 100 times")
      .OneEach();
  command.Text("--partition", &options->partition,
               "only of this partition key, as DynamoDB's JSON: {\"UserId\":{\"S\":\"a\"}}");
  command.Flag("--deleted", &options->removed,
               "put back what was deleted; so it is if no other kind is given");
  command.Flag("--changed", &options->changed, "make what was changed as it was");
  command.Flag("--added", &options->added, "delete what was not there");
  command.Flag("--dry-run", &options->dry_run, "tell what would be done, and do nothing");
  command.Flag("--yes", &options->yes, "do it without asking");
  command.Number("--limit", &options->limit, "items named that were left alone; 0: all on record");
  return {command, [options] {
            return WithClient(options->client,
                              [&](ApiClient& client) { return RestoreItems(client, *options); });
          }};
}

}  // namespace tidemark::server
