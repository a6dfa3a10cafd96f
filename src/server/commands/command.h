// The subcommands of the program `tidemark`, one file each.
#pragma once
#include <cstdio>
#include <functional>
#include <string>

#include "base/error.h"
#include "base/ids.h"
#include "server/backup_store.h"
#include "server/commands/command_line.h"
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
  Command command;
  Run run;
};
Subcommand AddServe(Command app);
Subcommand AddInit(Command app);
Subcommand AddStatus(Command app);
Subcommand AddInspect(Command app);
Subcommand AddRepair(Command app);
Subcommand AddGet(Command app);
Subcommand AddItems(Command app);
Subcommand AddHistory(Command app);
Subcommand AddSettingsHistory(Command app);
Subcommand AddDiff(Command app);
Subcommand AddActivity(Command app);
Subcommand AddMoments(Command app);
Subcommand AddRestoreItems(Command app);
Subcommand AddRestores(Command app);
Subcommand AddRestore(Command app);
Subcommand AddRewind(Command app);
Subcommand AddDeletedTables(Command app);
Subcommand AddUndelete(Command app);
Subcommand AddBackup(Command app);
Subcommand AddCosts(Command app);
Subcommand AddEstimate(Command app);
Subcommand AddPrices(Command app);
Subcommand AddAdvise(Command app);
Subcommand AddRecover(Command app);
Subcommand AddAccount(Command app);
Subcommand AddAudit(Command app);

// Both print "tidemark: TEXT" on standard error.
ExitCode Complain(const Error& error);            // kExitFailed
ExitCode ComplainOfUsage(std::string_view text);  // kExitUsage

// Options that several subcommands have.
void AddDataOption(Command command, std::string* data, const char* help);
void AddAccountOption(Command command, AccountId* account);
void AddStoreOptions(Command command, BackupStoreConfig* config);  // all but the place

// Prints root credentials that were made just now, if any were.
void ShowNewCredentials(const DataDirectory& data, std::FILE* to = stdout);

}  // namespace tidemark::server
