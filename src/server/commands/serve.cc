#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "base/log_event.h"
#include "server/commands/command.h"
#include "server/peers_config.h"
#include "server/server.h"

namespace tidemark::server {
namespace {

struct ServeOptions {
  Config config;
  std::string listen = "127.0.0.1:8000";
  std::string log_level = "info";
  std::string log_format = "text";
  int64_t audit_days = 90;
  std::vector<std::string> peers;
};

// "HOST:PORT" -> config. IPv6 hosts in brackets.
bool ParseListen(const std::string& listen, Config* config) {
  const size_t colon = listen.rfind(':');
  if (colon == std::string::npos || colon == 0) return false;
  config->host = listen.substr(0, colon);
  if (config->host.front() == '[' && config->host.back() == ']') {
    config->host = config->host.substr(1, config->host.size() - 2);
  }
  try {
    size_t used = 0;
    const int port = std::stoi(listen.substr(colon + 1), &used);
    if (port < 0 || port > 65535 || used != listen.size() - colon - 1) return false;
    config->port = static_cast<uint16_t>(port);
  } catch (const std::exception&) {
    return false;
  }
  return true;
}

LogLevel LevelNamed(const std::string& name) {
  if (name == "debug") return LogLevel::kDebug;
  if (name == "warn") return LogLevel::kWarn;
  return name == "error" ? LogLevel::kError : LogLevel::kInfo;
}

bool HasCertificate(const std::string& path) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("-----BEGIN ") && line.find("CERTIFICATE-----") != std::string::npos)
      return true;
  }
  return false;
}

// What the options name and is not there, found at the start rather than when it is needed; or "".
std::string LackOf(const Config& config) {
  std::error_code ignored;
  const std::string& ca = config.peers.ca_file;
  if (!ca.empty() && !std::ifstream(ca).good())
    return "--peer-ca " + ca + ": the file cannot be read; name a PEM file of the authorities";
  if (!ca.empty() && !std::filesystem::is_regular_file(ca, ignored))
    return "--peer-ca " + ca + ": that is no file; name a PEM file of the authorities";
  if (!ca.empty() && !HasCertificate(ca))
    return "--peer-ca " + ca +
           ": there is no certificate in it; name a PEM file of the authorities";
  const std::string& reports = config.report_directory;
  if (!reports.empty() && !std::filesystem::is_directory(reports, ignored))
    return "--report-directory " + reports + ": there is no such directory; make it first";
  return "";
}

ExitCode Serve(ServeOptions& options) {
  Config& config = options.config;
  if (!ParseListen(options.listen, &config)) {
    return ComplainOfUsage("--listen wants HOST:PORT, got '" + options.listen + "'");
  }
  if (config.backup_store.copy_all && config.backup_store.place.empty()) {
    return ComplainOfUsage("--copy-backups needs a --backup-store");
  }
  auto peers = ReadPeers(options.peers);
  if (!peers) return ComplainOfUsage(peers.error().message);
  config.peers.peers = *std::move(peers);
  if (const std::string lacks = LackOf(config); !lacks.empty()) return ComplainOfUsage(lacks);
  config.audit_retention = std::chrono::days(options.audit_days);
  SetLogLevel(LevelNamed(options.log_level));
  SetLogFormat(options.log_format == "json" ? LogFormat::kJson : LogFormat::kText);
  // Blocked before any thread is made, so that only sigwait below takes them.
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGINT);
  sigaddset(&stop_signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  auto server = Server::Start(config);
  if (!server) return Complain(server.error());
  ShowNewCredentials((*server)->data());
  std::printf("listening on http://%s:%u\n", config.host.c_str(), (*server)->port());
  std::printf("console at http://%s:%u/console/: sign in with an access key\n", config.host.c_str(),
              (*server)->port());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&stop_signals, &signal);
  LogInfo("stopping");
  return kExitOk;
}

void AddLimits(Command command, Config* config) {
  command.Size("--memtable-budget", &config->memtable_budget_bytes,
               "memory for a Region's rows that are not flushed yet");
  command.Number("--descriptors", &config->descriptors, "file descriptors for tables' files")
      .Range(64, 1 << 20);
  command
      .Duration(
          "--idle-close", [config](std::chrono::seconds idle) { config->idle_close = idle; }, "10m",
          "close a table that nobody touched for so long, e.g. 600s or 10m")
      .Range(1, int64_t{366} * 86400);
  command.Size("--log-window", &config->log_window_bytes,
               "log of a Region that a start after a crash may have to read");
  command.Size(
      "--log-max", &config->log_bytes_max,
      "log of a Region beyond which tables with point-in-time recovery take no writes; 0 = "
      "no bound");
  command.Size("--disk-reserve", &config->disk_reserve_bytes,
               "free disk space below which no writes are taken; 0 = none");
}

void AddPeers(Command command, ServeOptions* options) {
  command
      .Texts("--peer", &options->peers,
             "REGION=URL of another server that has that Region; copies of recovery points go to "
             "its vaults")
      .OneEach();
  command.Text("--peer-ca", &options->config.peers.ca_file,
               "file of the authorities that peers' certificates are trusted by (PEM)");
  command.Size("--peer-bandwidth", &options->config.peers.bytes_per_second,
               "bytes per second at most to all peers; 0 = no bound");
}

}  // namespace

void AddStoreOptions(Command command, BackupStoreConfig* config) {
  command.Text("--backup-store-endpoint", &config->endpoint,
               "URL of an S3-compatible store; else Amazon's, of the region");
  command.Text("--backup-store-region", &config->region, "region of the store");
  command.Text("--backup-store-ca", &config->ca_file,
               "file of the authorities that the store's certificate is trusted by (PEM)");
  command.Size("--backup-store-rate", &config->bytes_per_second,
               "bytes per second at most to and from the store; 0 = no bound");
}

Subcommand AddServe(Command app) {
  Command command = app.Add("serve", "Run the server");
  const auto options = std::make_shared<ServeOptions>();  // shared: by the parser and by what runs
  Config& config = options->config;
  AddDataOption(command, &config.data, "data directory; made if absent");
  AddAccountOption(command, &config.account);
  command.Text("--listen", &options->listen, "HOST:PORT; port 0 takes any free one")
      .Environment("TIDEMARK_LISTEN");
  command.Number("--io-threads", &config.io_threads, "I/O threads; 0 = one per core");
  command.Size("--block-cache", &config.block_cache_bytes, "memory for cached table blocks");
  AddLimits(command, &config);
  command
      .Text("--backup-store", &config.backup_store.place,
            "where backups can be copied to: a directory, or s3://BUCKET/PREFIX")
      .Environment("TIDEMARK_BACKUP_STORE");
  command.Flag("--copy-backups", &config.backup_store.copy_all,
               "copy every backup to the backup store, by itself");
  AddStoreOptions(command, &config.backup_store);
  AddPeers(command, options.get());
  command.Flag("--strict-iam", &config.strict_iam,
               "restores need permissions on backup and target by name, as in AWS");
  command.Flag("--audit-items", &config.audit_items,
               "put uses of data into the audit log too: items, and what KMS seals");
  command.Number("--audit-days", &options->audit_days, "days for which the audit log is kept")
      .Range(1, 3653);
  command.Text("--notify-file", &config.notify_file,
               "file that AWS Backup's notifications of vaults are appended to, a line each");
  command.Text("--notify-webhook", &config.notify_webhook,
               "URL that they are POSTed to, as by SNS");
  command.Text("--report-directory", &config.report_directory,
               "directory that AWS Backup's reports are written below, a bucket a directory");
  command.Text("--price-book", &config.price_book,
               "file of prices that costs are told by, like models/prices.json; else those within");
  command.Text("--cors-origin", &config.cors_origin,
               "let web pages of this origin read answers (CORS); *: of any");
  command.Flag("--test-hooks", &config.test_hooks,
               "open POST /_test/reset (empties the caller's account)");
  command.Flag("--test-clock", &config.test_clock,
               "open POST /_test/clock (moves the server's time)");
  command
      .Milliseconds(
          "--create-delay-ms",
          [&config](std::chrono::milliseconds delay) { config.create_delay = delay; },
          "keep new tables CREATING for so long; with --test-hooks only")
      .Needs(command, "--test-hooks")
      .Range(0, int64_t{3600} * 1000);
  command
      .Size("--item-collection-limit", &config.collection_bytes_max,
            "size beyond which no item collection grows; with --test-hooks only")
      .Needs(command, "--test-hooks");
  command.Flag("--throttle", &config.throttle,
               "refuse requests beyond a table's provisioned or maximum throughput");
  command.Text("--log-level", &options->log_level, "debug, info, warn or error")
      .OneOf({"debug", "info", "warn", "error"});
  command
      .Text("--log-format", &options->log_format, "text, or json: each line of the log an object")
      .OneOf({"text", "json"});
  command
      .Milliseconds(
          "--slow-request-ms",
          [&config](std::chrono::milliseconds time) { config.slow_request = time; },
          "log requests that took so long or longer; 0 = none")
      .Range(0, int64_t{3600} * 1000);
  return {command, [options] { return Serve(*options); }};
}

}  // namespace tidemark::server
