#include "server/commands/command.h"

#include <cstdio>

namespace tidemark::server {

ExitCode Complain(const Error& error) {
  std::fprintf(stderr, "tidemark: %s\n", error.message.c_str());
  return kExitFailed;
}

ExitCode ComplainOfUsage(std::string_view text) {
  std::fprintf(stderr, "tidemark: %.*s\n", static_cast<int>(text.size()), text.data());
  return kExitUsage;
}

void AddDataOption(Command command, std::string* data, const char* help) {
  command.Text("--data", data, help)
      .Environment("TIDEMARK_DATA")
      .Check("DIR", [](const std::string& text) -> std::string {
        return text.empty() ? "the name of a directory is wanted, not nothing" : "";
      });
}

void AddAccountOption(Command command, AccountId* account) {
  command.Text("--account", &account->value, "account of the root credentials (12 digits)")
      .Environment("TIDEMARK_ACCOUNT")
      .Check("DIGITS", [](const std::string& text) -> std::string {
        const bool ok =
            text.size() == 12 && text.find_first_not_of("0123456789") == std::string::npos;
        return ok ? "" : "an account id is 12 digits";
      });
}

}  // namespace tidemark::server
