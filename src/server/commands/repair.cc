// `tidemark repair`: shows what is damaged in the commit logs and what giving it up would lose, and
// gives it up only when told to.
#include "log/local/repair.h"

#include <cstdio>
#include <memory>
#include <optional>

#include "log/inspect.h"
#include "server/commands/command.h"
#include "server/commands/offline_logs.h"
#include "server/commands/text.h"
#include "server/server.h"

namespace tidemark::server {
namespace {

struct RepairOptions {
  std::string data = Config{}.data;
  std::string region;
  bool accept_loss = false;
};

// A damaged range and the commits on both sides of it.
struct Loss {
  log::DamagedRange range;
  std::optional<Timestamp> before;  // last commit that can be read in front of it
  std::optional<Timestamp> after;   // first one behind it
};

Result<std::vector<Loss>> FindLosses(const OfflineLog& log, crypto::DataKeyProvider& keys) {
  std::vector<log::FrameReport> frames;
  const auto keep = [&](const log::FrameReport& frame) { frames.push_back(frame); };
  TM_TRY(auto report, log::InspectLog(log.directory, keys, keep));
  std::vector<Loss> losses;
  for (auto& range : report.damage) {
    if (range.accepted) continue;
    Loss loss{.range = std::move(range), .before = {}, .after = {}};
    for (const auto& frame : frames) {
      if (frame.position < loss.range.from) loss.before = frame.last_commit;
      if (frame.position >= loss.range.to && !loss.after) loss.after = frame.first_commit;
    }
    losses.push_back(std::move(loss));
  }
  return losses;
}

void ShowLoss(const std::string& region, const Loss& loss) {
  const auto side = [](const std::optional<Timestamp>& time, std::string_view none) {
    return time ? InstantText(*time) : std::string(none);
  };
  fmt::print("{}: {}\n", region, loss.range.what);
  fmt::print("  from segment {}, offset {} to segment {}, offset {}\n", loss.range.from.segment,
             loss.range.from.offset, loss.range.to.segment, loss.range.to.offset);
  fmt::print("  Giving it up loses, of all tables of {}:\n", region);
  fmt::print(
      "  - every change committed after {} and before {} that is not in its table's files "
      "yet;\n",
      side(loss.before, "the beginning"), side(loss.after, "the end of the log"));
  fmt::print(
      "  - restores to instants in between, and to later ones from an earlier image.\n"
      "  Tables whose files hold these changes already lose none of them.\n");
}

ExitCode Repair(const RepairOptions& options) {
  auto logs = OfflineLogs::Open(options.data, options.region);
  if (!logs) return Complain(logs.error());
  size_t found = 0, accepted = 0;
  for (const auto& log : (*logs)->all()) {
    const auto failed = [&](const Error& error) {
      return Complain(WithContext(error, "the commit log of {}", log.region));
    };
    auto losses = FindLosses(log, (*logs)->keys());
    if (!losses) return failed(losses.error());
    for (const auto& loss : *losses) ShowLoss(log.region, loss);
    found += losses->size();
    if (losses->empty() || !options.accept_loss) continue;
    auto done = log::AcceptDamage(log.directory, (*logs)->keys());
    if (!done) return failed(done.error());
    accepted += *done;
  }
  if (found == 0) {
    fmt::print("no damage: nothing to repair\n");
    return kExitOk;
  }
  if (options.accept_loss) {
    fmt::print(
        "{} damaged parts are given up. Start the server; put back a copy of the damaged "
        "files and it is read again\n",
        accepted);
    return kExitOk;
  }
  fmt::print(
      "Nothing was changed. If there is a copy of the damaged files, put it back. If there "
      "is none, give up what is listed above with: tidemark repair --data {}{} "
      "--accept-loss\n",
      options.data, options.region.empty() ? "" : " --region " + options.region);
  return kExitFailed;
}

}  // namespace

Subcommand AddRepair(Command app) {
  Command command = app.Add(
      "repair",
      "Show what is damaged in the commit logs, and give it up if told to; while no server runs");
  const auto options = std::make_shared<RepairOptions>();  // shared: by the parser and by what runs
  AddDataOption(command, &options->data, "data directory");
  command.Text("--region", &options->region, "only of this Region, or of _system");
  command.Flag("--accept-loss", &options->accept_loss,
               "give up the damaged parts; what they held is lost");
  return {command, [options] { return Repair(*options); }};
}

}  // namespace tidemark::server
