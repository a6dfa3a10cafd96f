#include <unistd.h>

#include <cstdio>
#include <memory>

#include "codec/instant.h"
#include "server/commands/growing_pause.h"
#include "server/commands/past_commands.h"

namespace tidemark::server {
namespace {

struct BackupOptions {
  ClientOptions client;
  std::string subject;  // the backup's ARN, or its name in the store
};

// `member` null: none.
Result<codec::JsonValue> CallWithOne(ApiClient& client, const char* operation, const char* member,
                                     const std::string& value) {
  std::string body;
  codec::JsonWriter w(&body);
  w.BeginObject();
  if (member) w.Field(member, value);
  w.EndObject();
  return client.Call(std::string(kTidemark) + operation, std::move(body));
}

void ShowBytes(codec::JsonValue job) {
  if (::isatty(STDERR_FILENO) == 0) return;
  fmt::print(stderr, "\r{} of {} bytes    ", NumberOf(job, "BytesDone"),
             NumberOf(job, "BytesTotal"));
  std::fflush(stderr);
}

// Begins a job and waits until it has ended. Its description, as JSON.
Result<std::string> RunStoreJob(ApiClient& client, const char* operation, const char* member,
                                const std::string& value) {
  TM_TRY(codec::JsonValue job, CallWithOne(client, operation, member, value));
  const std::string id = TextOf(job, "JobId");
  const GrowingPause pause;
  while (TextOf(job, "Status") == "RUNNING") {
    ShowBytes(job);
    pause.Take();
    TM_TRY(job, CallWithOne(client, "DescribeStoreJob", "JobId", id));
  }
  if (::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\n");
  if (TextOf(job, "Status") != "COMPLETED") {
    return Fail(ErrorKind::kIo, "{}", TextOf(job, "FailureReason"));
  }
  return std::string(simdjson::minify(job));
}

// Runs the job, and says what `tell` makes of its description.
Result<void> RunAndTell(ApiClient& client, const BackupOptions& options, const char* operation,
                        const char* member, const std::function<void(codec::JsonValue)>& tell) {
  TM_TRY(const std::string json, RunStoreJob(client, operation, member, options.subject));
  if (options.client.json()) {
    fmt::print("{}\n", json);
    return {};
  }
  codec::JsonParser parser;
  TM_TRY(const codec::JsonValue job, parser.Parse(json));
  tell(job);
  return {};
}

Result<void> CopyOne(ApiClient& client, const BackupOptions& options) {
  return RunAndTell(client, options, "CopyBackup", "BackupArn", [](codec::JsonValue job) {
    fmt::print("{} bytes are in the store, as\n{}\n", NumberOf(job, "BytesTotal"),
               TextOf(job, "StoredBackup"));
  });
}

Result<void> VerifyOne(ApiClient& client, const BackupOptions& options) {
  return RunAndTell(client, options, "VerifyStoredBackup", "StoredBackup",
                    [](codec::JsonValue job) {
                      fmt::print("{} bytes were read and are as they were put: {}\n",
                                 NumberOf(job, "BytesTotal"), TextOf(job, "BackupArn"));
                    });
}

Result<void> FetchOne(ApiClient& client, const BackupOptions& options) {
  return RunAndTell(client, options, "FetchStoredBackup", "StoredBackup", [](codec::JsonValue job) {
    fmt::print("{} is a backup of this server again\n", TextOf(job, "BackupArn"));
  });
}

void TellFreed(codec::JsonValue job) {
  fmt::print("{} files that nothing else needed are gone, {} bytes\n", NumberOf(job, "FilesFreed"),
             NumberOf(job, "BytesFreed"));
  const std::string kept = TextOf(job, "KeptBecause");
  if (!kept.empty()) fmt::print("others may have stayed: {}\n", kept);
}

Result<void> DeleteOne(ApiClient& client, const BackupOptions& options) {
  return RunAndTell(client, options, "DeleteStoredBackup", "StoredBackup",
                    [&](codec::JsonValue job) {
                      fmt::print("{} is deleted from the store\n", options.subject);
                      TellFreed(job);
                    });
}

Result<void> CollectStore(ApiClient& client, const BackupOptions& options) {
  return RunAndTell(client, options, "CollectBackupStore", nullptr, TellFreed);
}

// "verified 2026-11-27T18:00:00Z", or what is wrong.
std::string VerdictOf(codec::JsonValue stored) {
  double at = 0;
  if (stored["LastVerifiedDateTime"].get(at) != simdjson::SUCCESS) return "not verified yet";
  const Timestamp verified = FromMicros(static_cast<int64_t>(at) * 1'000'000);
  const std::string fault = TextOf(stored, "VerdictReason");
  return fmt::format("{} {}{}", fault.empty() ? "sound when verified" : "DAMAGED, verified",
                     codec::FormatInstant(verified), fault.empty() ? "" : ": " + fault);
}

Result<void> ListStored(ApiClient& client, const BackupOptions& options) {
  return CallPages(
      client, std::string(kTidemark) + "ListStoredBackups",
      [](codec::JsonWriter*) { return Result<void>(); },
      [&](codec::JsonValue answer) {
        codec::JsonArray backups;
        if (answer["StoredBackups"].get(backups) != simdjson::SUCCESS) return false;
        for (const auto one : backups) {
          if (options.client.json()) {
            fmt::print("{}\n", std::string(simdjson::minify(one)));
          } else {
            fmt::print("{}\n  table {}, backup {}: {} items, {} bytes; {}\n  {}\n",
                       TextOf(one, "StoredBackup"), TextOf(one, "TableName"),
                       TextOf(one, "BackupName"), NumberOf(one, "ItemCount"),
                       NumberOf(one, "StoredBytes"), VerdictOf(one), TextOf(one, "BackupArn"));
          }
        }
        return true;
      });
}

}  // namespace

Subcommand AddBackup(Command app) {
  Command command = app.Add("backup", "Copies of backups in the server's store");
  const auto options = std::make_shared<BackupOptions>();  // shared: by the parser and what runs
  using Act = Result<void>(ApiClient&, const BackupOptions&);
  std::vector<std::pair<Command, Act*>> acts;
  const auto add = [&](const char* name, const char* help, Act* act) {
    Command sub = command.Add(name, help);
    AddClientOptions(sub, &options->client);
    acts.emplace_back(sub, act);
    return sub;
  };
  Command copy =
      add("copy", "Copy a backup to the store; files that are there are not sent again", CopyOne);
  copy.Text("ARN", &options->subject, "the backup's ARN").Required();
  add("stored", "Print what is in the store", ListStored);
  constexpr const char* kNameHelp = "the backup's name in the store, as `stored` prints it";
  Command verify = add("verify", "Read a stored backup whole and compare it", VerifyOne);
  verify.Text("NAME", &options->subject, kNameHelp).Required();
  Command fetch =
      add("fetch", "Make a stored backup one of this server again, to restore from", FetchOne);
  fetch.Text("NAME", &options->subject, kNameHelp).Required();
  Command remove =
      add("delete", "Delete a backup from the store, and what only it needed", DeleteOne);
  remove.Text("NAME", &options->subject, kNameHelp).Required();
  add("collect", "Free what nothing in the store needs; the server does so once a day",
      CollectStore);
  return {command, [options, acts = std::move(acts)] {
            for (const auto& [sub, act] : acts) {
              if (!sub.given()) continue;
              return WithClient(options->client,
                                [&](ApiClient& client) { return act(client, *options); });
            }
            return kExitUsage;
          }};
}

}  // namespace tidemark::server
