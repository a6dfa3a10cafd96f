#include <cmath>
#include <cstdio>
#include <memory>

#include "server/commands/command.h"
#include "server/commands/figures.h"
#include "server/commands/http_get.h"
#include "server/commands/text.h"

namespace tidemark::server {
namespace {

struct StatusOptions {
  std::string endpoint = "http://127.0.0.1:8000";
};

// Of a figure in seconds since the epoch.
std::string TimeText(double seconds) {
  return InstantText(FromMicros(std::llround(seconds * 1e6)));
}

void ShowServer(const Figures& figures) {
  const auto ended = [&](const char* status) {
    return figures.Sum("tidemark_requests_total", {{"status", status}});
  };
  fmt::print("started      {}\n", TimeText(figures.Sum("tidemark_process_start_time_seconds")));
  fmt::print("memory       {}\n", BytesText(figures.Sum("tidemark_process_resident_memory_bytes")));
  fmt::print("descriptors  {:.0f} of {:.0f}\n", figures.Sum("tidemark_process_open_fds"),
             figures.Sum("tidemark_process_max_fds"));
  fmt::print("connections  {:.0f}\n", figures.Sum("tidemark_connections_open"));
  fmt::print("requests     {:.0f} done, {:.0f} refused (4xx), {:.0f} failed (5xx)\n", ended("2xx"),
             ended("4xx"), ended("5xx"));
}

void ShowRegions(const Figures& figures) {
  fmt::print("\n{:<20} {:<7} {:>7} {:>7} {:>7} {:>8} {:>10} {:>10}  {}\n", "region", "writes",
             "tables", "open", "fenced", "damaged", "log", "unflushed", "last commit");
  for (const auto& region : figures.ValuesOf("tidemark_writable", "region")) {
    const auto of = [&](std::string_view name) { return figures.Sum(name, {{"region", region}}); };
    fmt::print("{:<20} {:<7} {:>7.0f} {:>7.0f} {:>7.0f} {:>8.0f} {:>10} {:>10}  {}\n", region,
               of("tidemark_writable") > 0 ? "yes" : "NO", of("tidemark_tables"),
               of("tidemark_open_tables"), of("tidemark_fenced_tables"),
               of("tidemark_log_damaged_ranges"), BytesText(of("tidemark_log_bytes")),
               BytesText(of("tidemark_dirty_bytes")),
               TimeText(of("tidemark_last_commit_timestamp_seconds")));
  }
}

ExitCode Status(const StatusOptions& options) {
  auto ready = HttpGet(options.endpoint, "/readyz");
  if (!ready && ready.error().kind == ErrorKind::kValidation)
    return ComplainOfUsage(ready.error().message);
  if (!ready) return Complain(ready.error());
  auto page = HttpGet(options.endpoint, "/metrics");
  if (!page) return Complain(page.error());
  if (page->status != 200 || (ready->status != 200 && ready->status != 503)) {
    return Complain(MakeError(ErrorKind::kIo, "{} is no server of Tidemark, or an older one",
                              options.endpoint));
  }
  fmt::print("{}: {}\n", options.endpoint, ready->body.substr(0, ready->body.find('\n')));
  const Figures figures(page->body);
  ShowServer(figures);
  ShowRegions(figures);
  return ready->status == 200 ? kExitOk : kExitFailed;
}

}  // namespace

Subcommand AddStatus(Command app) {
  Command command =
      app.Add("status", "Tell whether a server serves and takes writes, and its key figures");
  const auto options = std::make_shared<StatusOptions>();  // shared: by the parser and by what runs
  command.Text("--endpoint", &options->endpoint, "the server, http://HOST:PORT")
      .Environment("TIDEMARK_ENDPOINT");
  return {command, [options] { return Status(*options); }};
}

}  // namespace tidemark::server
