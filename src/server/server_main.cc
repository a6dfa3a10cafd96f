// The program `tidemark`.
#include <cstdio>

#include "api/action_table.h"
#include "server/commands/command.h"

namespace tidemark::server {
namespace {

int Main(int argc, char** argv) {
  CommandLine line(
      "Tidemark: a DynamoDB-compatible server with real backup and point-in-time recovery");
  const Command app = line.root();
  const Subcommand commands[] = {
      AddServe(app),
      AddInit(app),
      AddStatus(app),
      AddInspect(app),
      AddRepair(app),
      AddGet(app),
      AddItems(app),
      AddHistory(app),
      AddSettingsHistory(app),
      AddDiff(app),
      AddActivity(app),
      AddMoments(app),
      AddRestoreItems(app),
      AddRestores(app),
      AddRestore(app),
      AddRewind(app),
      AddDeletedTables(app),
      AddUndelete(app),
      AddBackup(app),
      AddCosts(app),
      AddEstimate(app),
      AddPrices(app),
      AddAdvise(app),
      AddRecover(app),
      AddAccount(app),
      AddAudit(app),
      {line.root().Add("actions", "Print which permission each operation needs, as JSON lines"),
       [] {
         std::fputs(api::ActionTable().c_str(), stdout);
         return kExitOk;
       }},
      {line.root().Add("version", "Print the version"),
       [] {
         std::printf("tidemark %s\n", TIDEMARK_VERSION);
         return kExitOk;
       }},
  };
  switch (line.Parse(argc, argv)) {
    case CommandLine::Parsed::kAnswered:
      return kExitOk;
    case CommandLine::Parsed::kWrong:
      return kExitUsage;
    case CommandLine::Parsed::kCommand:
      break;
  }
  for (const Subcommand& subcommand : commands) {
    if (subcommand.command.given()) return subcommand.run();
  }
  return kExitUsage;
}

}  // namespace
}  // namespace tidemark::server

int main(int argc, char** argv) { return tidemark::server::Main(argc, argv); }
