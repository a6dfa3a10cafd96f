// The program `tidemark`.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>

#include "base/log.h"
#include "server/server.h"

namespace tidemark::server {
namespace {

int Complain(const Error& error) {
  std::fprintf(stderr, "tidemark: %s\n", error.message.c_str());
  return 1;
}

void ShowNewCredentials(const DataDirectory& data) {
  const auto& made = data.opened().new_credentials;
  if (!made) return;
  std::printf(
      "Root credentials of account %s, shown this once (the secret is stored sealed):\n"
      "  AWS_ACCESS_KEY_ID=%s\n"
      "  AWS_SECRET_ACCESS_KEY=%s\n",
      made->account.value.c_str(), made->access_key.value.c_str(), made->secret.c_str());
}

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

int Init(const Config& config) {
  auto given = CredentialsFromEnvironment(config.account);
  if (!given) return Complain(given.error());
  auto data =
      DataDirectory::Open(config.data, config.account, std::move(*given), TheSystemRandom());
  if (!data) return Complain(data.error());
  std::printf("%s %s\n", config.data.c_str(),
              data->opened().made ? "is ready" : "was ready already");
  ShowNewCredentials(*data);
  return 0;
}

int Serve(const Config& config) {
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
  return 0;
}

int Main(int argc, char** argv) {
  CLI::App app{
      "Tidemark: a DynamoDB-compatible server with real backup and point-in-time recovery"};
  app.require_subcommand(1);
  Config config;
  std::string listen = "127.0.0.1:8000";
  std::string log_level = "info";

  const auto add_data = [&](CLI::App* command) {
    command->add_option("--data", config.data, "data directory; made if absent")
        ->envname("TIDEMARK_DATA")
        ->capture_default_str();
    command
        ->add_option("--account", config.account.value,
                     "account of the root credentials (12 digits)")
        ->envname("TIDEMARK_ACCOUNT")
        ->check(CLI::Validator(
            [](const std::string& text) {
              const bool ok =
                  text.size() == 12 && text.find_first_not_of("0123456789") == std::string::npos;
              return ok ? std::string() : "an account id is 12 digits";
            },
            "DIGITS"))
        ->capture_default_str();
  };

  CLI::App* serve = app.add_subcommand("serve", "Run the server");
  add_data(serve);
  serve->add_option("--listen", listen, "HOST:PORT; port 0 takes any free one")
      ->envname("TIDEMARK_LISTEN")
      ->capture_default_str();
  serve->add_option("--io-threads", config.io_threads, "I/O threads; 0 = one per core")
      ->capture_default_str();
  serve->add_option("--block-cache", config.block_cache_bytes, "memory for cached table blocks")
      ->transform(CLI::AsSizeValue(false))
      ->capture_default_str();
  serve->add_flag("--test-hooks", config.test_hooks,
                  "open POST /_test/reset (empties the caller's account)");
  serve->add_flag("--test-clock", config.test_clock,
                  "open POST /_test/clock (moves the server's time)");
  serve->add_option("--log-level", log_level, "debug, info, warn or error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str();

  CLI::App* init =
      app.add_subcommand("init", "Make a data directory and its root credentials, and stop");
  add_data(init);

  CLI::App* version = app.add_subcommand("version", "Print the version");

  CLI11_PARSE(app, argc, argv);
  SetLogLevel(log_level == "debug"  ? LogLevel::kDebug
              : log_level == "info" ? LogLevel::kInfo
              : log_level == "warn" ? LogLevel::kWarn
                                    : LogLevel::kError);
  if (*version) {
    std::printf("tidemark %s\n", TIDEMARK_VERSION);
    return 0;
  }
  if (*init) return Init(config);
  if (!ParseListen(listen, &config)) {
    std::fprintf(stderr, "tidemark: --listen wants HOST:PORT, got '%s'\n", listen.c_str());
    return 1;
  }
  return Serve(config);
}

}  // namespace
}  // namespace tidemark::server

int main(int argc, char** argv) { return tidemark::server::Main(argc, argv); }
