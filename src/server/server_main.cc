// The program `tidemark`.
#include <cstdio>

#include "server/commands/command.h"

namespace tidemark::server {
namespace {

int Main(int argc, char** argv) {
  CLI::App app{
      "Tidemark: a DynamoDB-compatible server with real backup and point-in-time recovery"};
  app.require_subcommand(1);
  const Subcommand commands[] = {
      AddServe(app),
      AddInit(app),
      AddStatus(app),
      AddInspect(app),
      AddRepair(app),
      AddGet(app),
      AddHistory(app),
      AddDiff(app),
      AddActivity(app),
      AddMoments(app),
      {app.add_subcommand("version", "Print the version"),
       [] {
         std::printf("tidemark %s\n", TIDEMARK_VERSION);
         return kExitOk;
       }},
  };
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Also how --help ends. The library's own numbers for what was wrong are nobody's business.
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  for (const Subcommand& command : commands) {
    if (*command.app) return command.run();
  }
  return kExitUsage;
}

}  // namespace
}  // namespace tidemark::server

int main(int argc, char** argv) { return tidemark::server::Main(argc, argv); }
