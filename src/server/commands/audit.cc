// `tidemark audit verify`, `tidemark audit list`.
#include <cstdio>
#include <memory>

#include "audit/verify.h"
#include "kms/root_key.h"
#include "server/commands/human_time.h"
#include "server/commands/past_commands.h"
#include "server/server.h"

namespace tidemark::server {
namespace {

struct AuditCommandOptions {
  std::string data = Config{}.data;
  PastOptions past;  // client and range
  std::string operation, principal, resource;
  bool errors = false;
  int64_t limit = 50;
};

ExitCode VerifyAudit(const AuditCommandOptions& options) {
  const auto root = kms::RootKey::Load(options.data + "/root.key");
  if (!root) return Complain(root.error());
  const auto verified =
      audit::VerifyLog(AuditDirectory(options.data), audit::AuditKey(root->key()));
  if (!verified) return Complain(verified.error());
  fmt::print("{} lines in {} files, {} to {}: unchanged, and none is missing\n", verified->lines,
             verified->files, verified->first, verified->last);
  return kExitOk;
}

void ShowEvent(codec::JsonValue event) {
  const std::string error = TextOf(event, "ErrorCode");
  fmt::print("{}  {:<28} {:<32} {}  {}  {}\n", Readable(TextOf(event, "EventTime")),
             TextOf(event, "EventName"), error.empty() ? "done" : error,
             TextOf(event, "PrincipalArn"), TextOf(event, "Resource"),
             TextOf(event, "SourceIPAddress"));
}

Result<void> ListEvents(ApiClient& client, const AuditCommandOptions& options) {
  int64_t left = options.limit;
  const auto fill = [&](codec::JsonWriter* w) -> Result<void> {
    TM_TRYV(WriteTypedRange(options.past, w));
    if (!options.operation.empty()) w->Field("EventName", options.operation);
    if (!options.principal.empty()) w->Field("PrincipalArn", options.principal);
    if (!options.resource.empty()) w->Field("Resource", options.resource);
    if (options.errors) w->FieldBool("ErrorsOnly", true);
    w->Field("Limit", std::min<int64_t>(left, 1000));
    return {};
  };
  const auto show = [&](codec::JsonValue answer) {
    codec::JsonArray events;
    if (answer["Events"].get(events) != simdjson::SUCCESS) return false;
    for (const auto event : events) {
      --left;
      if (options.past.client.json()) {
        fmt::print("{}\n", simdjson::minify(event));
      } else {
        ShowEvent(event);
      }
    }
    return left > 0;
  };
  return CallPages(client, std::string(kTidemark) + "LookupEvents", fill, show);
}

}  // namespace

Subcommand AddAudit(Command app) {
  Command command = app.Add("audit", "Check or read the log of who did what");
  const auto options = std::make_shared<AuditCommandOptions>();  // shared: by parser and runner
  Command verify = command.Add("verify", "Check that no line was changed and none is missing");
  AddDataOption(verify, &options->data, "data directory; its server may run");
  Command list = command.Add("list", "Print what was done, newest first");
  AddClientOptions(list, &options->past.client);
  AddRange(list, &options->past);
  list.Text("--operation", &options->operation, "only this one, e.g. DeleteTable");
  list.Text("--principal", &options->principal, "only of who has this ARN");
  list.Text("--resource", &options->resource, "only on this, named as in the request");
  list.Flag("--errors", &options->errors, "only what was refused or failed");
  list.Number("--limit", &options->limit, "how many at most").Range(1, 1'000'000);
  return {command, [options, verify] {
            if (verify.given()) return VerifyAudit(*options);
            return WithClient(options->past.client,
                              [&](ApiClient& client) { return ListEvents(client, *options); });
          }};
}

}  // namespace tidemark::server
