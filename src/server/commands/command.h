// The subcommands of the program `tidemark`, one file each.
#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "base/error.h"
#include "base/ids.h"
#include "server/data_directory.h"

namespace tidemark::server {

// The program's exit status, whatever the subcommand.
enum ExitCode : int {
  kExitOk = 0,
  kExitFailed = 1,  // it was understood and could not be done; why is on standard error
  kExitUsage = 2,   // wrong options or arguments
};

// Runs a subcommand whose options were parsed into what this refers to.
using Run = std::function<ExitCode()>;

// Each adds its subcommand and options to `app`; what it gives runs it.
struct Subcommand {
  CLI::App* app = nullptr;
  Run run;
};
Subcommand AddServe(CLI::App& app);
Subcommand AddInit(CLI::App& app);
Subcommand AddStatus(CLI::App& app);
Subcommand AddInspect(CLI::App& app);
Subcommand AddRepair(CLI::App& app);
Subcommand AddGet(CLI::App& app);
Subcommand AddHistory(CLI::App& app);
Subcommand AddDiff(CLI::App& app);
Subcommand AddActivity(CLI::App& app);
Subcommand AddMoments(CLI::App& app);

// Both print "tidemark: TEXT" on standard error.
ExitCode Complain(const Error& error);            // kExitFailed
ExitCode ComplainOfUsage(std::string_view text);  // kExitUsage

// Options that several subcommands have.
void AddDataOption(CLI::App& command, std::string* data, const std::string& help);
void AddAccountOption(CLI::App& command, AccountId* account);

// Prints root credentials that were made just now, if any were.
void ShowNewCredentials(const DataDirectory& data);

}  // namespace tidemark::server
