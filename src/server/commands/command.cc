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

void AddDataOption(CLI::App& command, std::string* data, const std::string& help) {
  command.add_option("--data", *data, help)
      ->envname("TIDEMARK_DATA")
      ->check(CLI::Validator(
          [](const std::string& text) {
            return text.empty() ? std::string("the name of a directory is wanted, not nothing")
                                : std::string();
          },
          "DIR"))
      ->capture_default_str();
}

void AddAccountOption(CLI::App& command, AccountId* account) {
  command.add_option("--account", account->value, "account of the root credentials (12 digits)")
      ->envname("TIDEMARK_ACCOUNT")
      ->check(CLI::Validator(
          [](const std::string& text) {
            const bool ok =
                text.size() == 12 && text.find_first_not_of("0123456789") == std::string::npos;
            return ok ? std::string() : "an account id is 12 digits";
          },
          "DIGITS"))
      ->capture_default_str();
}

}  // namespace tidemark::server
