#include <csignal>
#include <cstdio>
#include <map>
#include <memory>

#include "base/log.h"
#include "server/commands/command.h"
#include "server/server.h"

namespace tidemark::server {
namespace {

struct Options {
  Config config;
  std::string listen = "127.0.0.1:8000";
  std::string log_level = "info";
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

ExitCode Serve(Options& options) {
  Config& config = options.config;
  if (!ParseListen(options.listen, &config)) {
    return ComplainOfUsage("--listen wants HOST:PORT, got '" + options.listen + "'");
  }
  SetLogLevel(LevelNamed(options.log_level));
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
  std::fflush(stdout);
  int signal = 0;
  sigwait(&stop_signals, &signal);
  LogInfo("stopping");
  return kExitOk;
}

void AddSize(CLI::App& command, const std::string& name, uint64_t* bytes, const std::string& help) {
  command.add_option(name, *bytes, help)->transform(CLI::AsSizeValue(false))->capture_default_str();
}

void AddLimits(CLI::App& command, Config* config) {
  AddSize(command, "--memtable-budget", &config->memtable_budget_bytes,
          "memory for a Region's rows that are not flushed yet");
  command.add_option("--descriptors", config->descriptors, "file descriptors for tables' files")
      ->check(CLI::Range(size_t{64}, size_t{1} << 20))
      ->capture_default_str();
  command
      .add_option_function<int64_t>(
          "--idle-close",
          [config](int64_t seconds) { config->idle_close = std::chrono::seconds(seconds); },
          "close a table that nobody touched for so long, e.g. 600s or 10m")
      ->transform(
          CLI::AsNumberWithUnit(std::map<std::string, int64_t>{{"s", 1}, {"m", 60}, {"h", 3600}},
                                CLI::AsNumberWithUnit::CASE_INSENSITIVE, "TIME"))
      ->check(CLI::Range(int64_t{1}, int64_t{366} * 86400))
      ->default_str("10m");
  AddSize(command, "--log-window", &config->log_window_bytes,
          "log of a Region that a start after a crash may have to read");
  AddSize(command, "--log-max", &config->log_bytes_max,
          "log of a Region beyond which tables with point-in-time recovery take no writes; 0 = "
          "no bound");
  AddSize(command, "--disk-reserve", &config->disk_reserve_bytes,
          "free disk space below which no writes are taken; 0 = none");
}

}  // namespace

Subcommand AddServe(CLI::App& app) {
  CLI::App* command = app.add_subcommand("serve", "Run the server");
  const auto options = std::make_shared<Options>();  // shared: by the parser and by what runs
  Config& config = options->config;
  AddDataOption(*command, &config.data, "data directory; made if absent");
  AddAccountOption(*command, &config.account);
  command->add_option("--listen", options->listen, "HOST:PORT; port 0 takes any free one")
      ->envname("TIDEMARK_LISTEN")
      ->capture_default_str();
  command->add_option("--io-threads", config.io_threads, "I/O threads; 0 = one per core")
      ->capture_default_str();
  AddSize(*command, "--block-cache", &config.block_cache_bytes, "memory for cached table blocks");
  AddLimits(*command, &config);
  command->add_flag("--strict-iam", config.strict_iam,
                    "restores need permissions on backup and target by name, as in AWS");
  command->add_flag("--test-hooks", config.test_hooks,
                    "open POST /_test/reset (empties the caller's account)");
  command->add_flag("--test-clock", config.test_clock,
                    "open POST /_test/clock (moves the server's time)");
  command
      ->add_option_function<int64_t>(
          "--create-delay-ms",
          [&config](int64_t delay) { config.create_delay = std::chrono::milliseconds(delay); },
          "keep new tables CREATING for so long; with --test-hooks only")
      ->needs("--test-hooks")
      ->check(CLI::Range(int64_t{0}, int64_t{3600} * 1000))
      ->default_str("0");
  command->add_flag("--throttle", config.throttle,
                    "refuse requests beyond a table's provisioned or maximum throughput");
  command->add_option("--log-level", options->log_level, "debug, info, warn or error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str();
  return {command, [options] { return Serve(*options); }};
}

}  // namespace tidemark::server
