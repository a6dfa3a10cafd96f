#include "server/commands/item_jobs.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <iostream>

#include "server/commands/growing_pause.h"
#include "server/commands/past_commands.h"

namespace tidemark::server {
namespace {

// Of a job's description.
struct ItemJob {
  std::string id, status, failure, until, json;
  int64_t percent = 0, restored = 0;
  bool can_be_undone = false;
  bool runs() const { return status == "RUNNING"; }
};

int64_t SumOf(codec::JsonValue object, std::string_view member) {
  codec::JsonValue counts;
  if (object[member].get(counts) != simdjson::SUCCESS) return 0;
  return NumberOf(counts, "REMOVED") + NumberOf(counts, "CHANGED") + NumberOf(counts, "ADDED");
}

ItemJob ReadItemJob(codec::JsonValue answer) {
  codec::JsonValue undo;
  return {.id = TextOf(answer, "JobId"),
          .status = TextOf(answer, "Status"),
          .failure = TextOf(answer, "FailureReason"),
          .until = TextOf(answer, "Until"),
          .json = std::string(simdjson::minify(answer)),
          .percent = NumberOf(answer, "ProgressPercent"),
          .restored = SumOf(answer, "Restored"),
          .can_be_undone = !answer["Undo"].get(undo)};
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

void ShowCounts(std::FILE* to, std::string_view before, codec::JsonValue job,
                std::string_view member) {
  codec::JsonValue counts;
  if (job[member].get(counts) != simdjson::SUCCESS) return;
  fmt::print(to, "{}{} removed, {} changed, {} added\n", before, NumberOf(counts, "REMOVED"),
             NumberOf(counts, "CHANGED"), NumberOf(counts, "ADDED"));
}

// Begins a job and waits until it has ended.
Result<ItemJob> RunToEnd(ApiClient& client, const std::string& operation, const std::string& body,
                         bool show) {
  TM_TRY(const auto answer, client.Call(std::string(kTidemark) + operation, body));
  ItemJob job = ReadItemJob(answer);
  std::string ask;
  codec::JsonWriter w(&ask);
  w.BeginObject().Field("JobId", job.id).EndObject();
  const auto begin = std::chrono::steady_clock::now();
  bool shown = false;
  if (show) {
    fmt::print(stderr, "the job {} has begun; it goes on if this command ends\n", job.id);
    std::fflush(stderr);
  }
  const GrowingPause pause;
  while (job.runs()) {
    pause.Take();
    TM_TRY(const auto now, client.Call(std::string(kTidemark) + "DescribeItemRestore", ask));
    job = ReadItemJob(now);
    if (!show || !job.runs()) continue;
    ShowProgress(job, begin);
    shown = true;
  }
  if (shown && ::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\n");
  return job;
}

// What a job did, or would do.
Result<void> ShowItemJob(std::FILE* to, const ItemJob& job, bool dry_run, int64_t limit) {
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

Result<void> CheckCompleted(const ItemJob& job) {
  if (job.status == "COMPLETED") return {};
  return Fail(ErrorKind::kValidation, "the job {} has failed: {}", job.id, job.failure);
}

Result<bool> Confirmed(std::FILE* to, const std::string& table) {
  fmt::print(to, "write this to the live table {}? [y/N] ", table);
  std::fflush(to);
  std::string answer;
  if (!std::getline(std::cin, answer)) {
    fmt::print(to, "\n");
    return Fail(ErrorKind::kValidation,
                "nothing was done: nobody answered; --yes does it without asking");
  }
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace

Result<void> RunItemJob(ApiClient& client, const ItemJobRequest& request) {
  // What people read goes out of the way of JSON.
  const bool json = request.client.json();
  std::FILE* const to = json ? stderr : stdout;
  std::string until;
  if (request.dry_run || !request.yes) {
    TM_TRY(const auto body, request.body(true, ""));
    TM_TRY(const auto job, RunToEnd(client, request.operation, body, false));
    TM_TRYV(CheckCompleted(job));
    if (request.dry_run && json) {
      fmt::print("{}\n", job.json);
      return {};
    }
    TM_TRYV(ShowItemJob(to, job, true, request.limit));
    if (request.dry_run) return {};
    if (job.restored == 0) {
      fmt::print(to, "there is nothing to restore\n");
      if (json) fmt::print("{}\n", job.json);
      return {};
    }
    TM_TRY(const bool confirmed, Confirmed(to, request.table));
    if (!confirmed) return Fail(ErrorKind::kValidation, "nothing was done");
    until = job.until;  // so that what was shown is done, and nothing else
  }
  TM_TRY(const auto body, request.body(false, until));
  TM_TRY(const auto job, RunToEnd(client, request.operation, body, true));
  if (json) {
    fmt::print("{}\n", job.json);
  } else {
    TM_TRYV(ShowItemJob(to, job, false, request.limit));
    if (!job.can_be_undone) return CheckCompleted(job);
    fmt::print(
        "what it wrote has the request id {0} in `tidemark history`; "
        "`tidemark rewind {1} --undo {0}` takes it back\n",
        job.id, request.table);
  }
  return CheckCompleted(job);
}

}  // namespace tidemark::server
