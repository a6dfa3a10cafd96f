// `tidemark advise`: what protection lacks, and the commands that mend it.
#include <memory>

#include "server/commands/past_commands.h"

namespace tidemark::server {
namespace {

struct AdviseOptions {
  ClientOptions client;
  int64_t backup_age_days = 7;
};

// Without an endpoint the command would change what its user has at AWS.
std::string ForThisServer(std::string command, const ClientOptions& client) {
  constexpr std::string_view kAws = "aws ";
  if (command.starts_with(kAws))
    command.insert(kAws.size(), "--endpoint-url " + client.endpoint + " ");
  return command;
}

Result<void> Advise(ApiClient& client, const AdviseOptions& options) {
  std::string body;
  codec::JsonWriter w(&body);
  w.BeginObject().Field("BackupAgeDays", options.backup_age_days).EndObject();
  TM_TRY(const auto answer, client.Call(std::string(kTidemark) + "GetAdvice", std::move(body)));
  codec::JsonArray findings;
  if (answer["Findings"].get(findings) != simdjson::SUCCESS)
    return Fail(ErrorKind::kIo, "the server's answer has no Findings");
  if (options.client.json()) {
    fmt::print("{}\n", std::string(simdjson::minify(answer)));
    return {};
  }
  for (const auto finding : findings) {
    fmt::print("{:<6}  {}\n        {}\n", TextOf(finding, "Severity"), TextOf(finding, "Text"),
               ForThisServer(TextOf(finding, "Command"), options.client));
  }
  if (findings.size() == 0) fmt::print("nothing to mend\n");
  return {};
}

}  // namespace

Subcommand AddAdvise(Command app) {
  Command command = app.Add("advise", "Tell what protection lacks, and what mends it");
  const auto options = std::make_shared<AdviseOptions>();  // shared: by parser and runner
  AddClientOptions(command, &options->client);
  command
      .Number("--backup-age-days", &options->backup_age_days,
              "days after which a table's last backup is too old")
      .Range(1, 36500);
  return {command, [options] {
            return WithClient(options->client,
                              [&](ApiClient& client) { return Advise(client, *options); });
          }};
}

}  // namespace tidemark::server
