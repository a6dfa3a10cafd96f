#include "server/commands/past_commands.h"

#include <algorithm>

#include "base/clock.h"
#include "codec/instant.h"
#include "server/commands/human_time.h"

namespace tidemark::server {

void AddTable(Command command, PastOptions* options) {
  AddClientOptions(command, &options->client);
  command.Text("TABLE", &options->table, "the table's name or ARN").Required();
}

void AddKey(Command command, PastOptions* options) {
  command
      .Texts("KEY", &options->key,
             "the key: its partition and sort values, or one JSON object as DynamoDB writes it")
      .Required()
      .Count(1, 2);
}

void AddRange(Command command, PastOptions* options) {
  command.Text("--from", &options->from, "since when; else since the window begins")
      .Check("INSTANT", InstantFault);
  command.Text("--until", &options->until, "until when; else until now")
      .Check("INSTANT", InstantFault);
}

void AddReadSource(Command command, PastOptions* options) {
  command
      .Text("--as-of", &options->as_of,
            "as of this instant, e.g. '2026-11-26 10:00:06' (UTC) or '2h ago'")
      .Check("INSTANT", InstantFault);
  command
      .Text("--from-backup", &options->backup,
            "as it is in the backup or recovery point of this ARN, which needs no restore")
      .NotEmpty();
}

ExitCode WithReadSource(const PastOptions& options,
                        const std::function<Result<void>(ApiClient&)>& work) {
  if (!options.as_of.empty() && !options.backup.empty())
    return ComplainOfUsage("--as-of and --from-backup cannot be given together");
  return WithClient(options.client, work);
}

Result<ApiClient::Headers> ReadHeaders(const PastOptions& options) {
  ApiClient::Headers headers;
  if (!options.as_of.empty()) {
    TM_TRY(const auto time, ParseHumanTime(options.as_of, SystemClock().Now()));
    headers.emplace_back("X-Tidemark-As-Of", codec::FormatInstant(time));
  }
  if (!options.backup.empty()) headers.emplace_back("X-Tidemark-From-Backup", options.backup);
  return headers;
}

ExitCode WithClient(const ClientOptions& options,
                    const std::function<Result<void>(ApiClient&)>& work) {
  auto client = ApiClient::Open(options);
  if (!client) return ComplainOfUsage(client.error().message);
  const auto done = work(*client);
  return done ? kExitOk : Complain(done.error());
}

Result<void> WriteTypedRange(const PastOptions& options, codec::JsonWriter* w) {
  const auto write = [&](std::string_view name, const std::string& typed) -> Result<void> {
    if (typed.empty()) return {};
    TM_TRY(const auto time, ParseHumanTime(typed, SystemClock().Now()));
    w->Field(name, codec::FormatInstant(time));
    return {};
  };
  TM_TRYV(write("From", options.from));
  return write("Until", options.until);
}

Result<void> CallPages(ApiClient& client, const std::string& target,
                       const std::function<Result<void>(codec::JsonWriter*)>& fill,
                       const std::function<bool(codec::JsonValue)>& page) {
  std::string token;
  do {
    std::string body;
    codec::JsonWriter w(&body);
    w.BeginObject();
    TM_TRYV(fill(&w));
    if (!token.empty()) w.Field("NextToken", token);
    w.EndObject();
    TM_TRY(const auto answer, client.Call(target, std::move(body)));
    token = TextOf(answer, "NextToken");
    if (!page(answer)) return {};
  } while (!token.empty());
  return {};
}

std::string Readable(std::string instant) {
  std::replace(instant.begin(), instant.end(), 'T', ' ');
  if (instant.ends_with('Z')) instant.pop_back();
  return instant;
}

}  // namespace tidemark::server
