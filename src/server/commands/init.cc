#include <cstdio>
#include <memory>

#include "server/commands/command.h"
#include "server/server.h"

namespace tidemark::server {
namespace {

struct InitOptions {
  std::string data = Config{}.data;
  AccountId account = Config{}.account;
};

ExitCode Init(const InitOptions& options) {
  auto given = CredentialsFromEnvironment(options.account);
  if (!given) return Complain(given.error());
  auto data =
      DataDirectory::Open(options.data, options.account, std::move(*given), TheSystemRandom());
  if (!data) return Complain(data.error());
  std::printf("%s %s\n", options.data.c_str(),
              data->opened().made ? "is ready" : "was ready already");
  ShowNewCredentials(*data);
  return kExitOk;
}

}  // namespace

void ShowNewCredentials(const DataDirectory& data, std::FILE* to) {
  const auto& made = data.opened().new_credentials;
  if (!made) return;
  std::fprintf(to,
               "Root credentials of account %s, shown this once (the secret is stored sealed):\n"
               "  AWS_ACCESS_KEY_ID=%s\n"
               "  AWS_SECRET_ACCESS_KEY=%s\n",
               made->account.value.c_str(), made->access_key.value.c_str(), made->secret.c_str());
}

Subcommand AddInit(Command app) {
  Command command = app.Add("init", "Make a data directory and its root credentials, and stop");
  const auto options = std::make_shared<InitOptions>();  // shared: by the parser and by what runs
  AddDataOption(command, &options->data, "data directory; made if absent");
  AddAccountOption(command, &options->account);
  return {command, [options] { return Init(*options); }};
}

}  // namespace tidemark::server
