// `tidemark prices`: by which prices costs are told, and setting them.
#include <cstdio>
#include <memory>

#include "server/commands/past_commands.h"

namespace tidemark::server {
namespace {

struct PricesOptions {
  ClientOptions client;
  std::string kind, usd, region, from;  // empty: not given
};

const std::vector<std::string>& PricedKinds() {
  static const std::vector<std::string> kinds = {"PITR",
                                                 "ON_DEMAND",
                                                 "AWS_BACKUP_WARM",
                                                 "AWS_BACKUP_COLD",
                                                 "RESTORE",
                                                 "RESTORE_FROM_COLD",
                                                 "CROSS_REGION",
                                                 "EXPORT",
                                                 "EXPORT_INCREMENTAL",
                                                 "IMPORT"};
  return kinds;
}

// Each member of an object as "  NAME  VALUE".
void ShowMembers(codec::JsonValue value, std::string_view before) {
  codec::JsonObject members;
  if (value.get(members) != simdjson::SUCCESS) return;
  for (const auto member : members) {
    std::string_view text;
    if (member.value.get(text) == simdjson::SUCCESS)
      fmt::print("{}{:<20} {:>14}\n", before, member.key, text);
  }
}

void ShowPriceList(codec::JsonValue list) {
  fmt::print("from {} on\n", TextOf(list, "From"));
  codec::JsonValue usd;
  if (list["Usd"].get(usd) == simdjson::SUCCESS) ShowMembers(usd, "  ");
  codec::JsonObject regions;
  if (list["Regions"].get(regions) != simdjson::SUCCESS) return;
  for (const auto region : regions) {
    fmt::print("  in {}\n", region.key);
    ShowMembers(region.value, "    ");
  }
}

void ShowPrices(codec::JsonValue answer) {
  fmt::print("US dollars for a GB-month of what is kept, for a GB of what is done once\n");
  codec::JsonArray lists;
  if (answer["Lists"].get(lists) != simdjson::SUCCESS) return;
  for (const auto list : lists) ShowPriceList(list);
  if (TextOf(answer, "Source") == "FILE")
    fmt::print("of the server's own book (--price-book): edit that file to change them\n");
}

Result<void> CallPrices(ApiClient& client, const PricesOptions& options, const char* operation) {
  std::string body;
  codec::JsonWriter w(&body);
  w.BeginObject();
  const auto given = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) w.Field(name, value);
  };
  given("Kind", options.kind);
  given("Usd", options.usd);
  given("Region", options.region);
  given("From", options.from);
  w.EndObject();
  TM_TRY(const auto answer, client.Call(std::string(kTidemark) + operation, std::move(body)));
  if (options.client.json()) {
    fmt::print("{}\n", std::string(simdjson::minify(answer)));
  } else {
    ShowPrices(answer);
  }
  return {};
}

}  // namespace

Subcommand AddPrices(Command app) {
  Command command = app.Add("prices", "Show the prices that costs are told by, and set them");
  const auto options = std::make_shared<PricesOptions>();  // shared: by the parser and what runs
  std::vector<std::pair<Command, const char*>> acts;
  const auto add = [&](const char* name, const char* help, const char* operation) {
    Command sub = command.Add(name, help);
    AddClientOptions(sub, &options->client);
    acts.emplace_back(sub, operation);
    return sub;
  };
  add("show", "Print them, list by list", "GetPriceBook");
  Command set = add("set", "Set one from a day on; for the operator", "SetPrice");
  set.Text("KIND", &options->kind, "of what, as `show` names it").Required().OneOf(PricedKinds());
  set.Text("USD", &options->usd, "dollars, e.g. 0.25").Required();
  Command reset =
      add("reset", "Take the built-in ones again from a day on; for the operator", "ResetPrices");
  reset.Text("KIND", &options->kind, "of what; else all").OneOf(PricedKinds());
  for (Command sub : {set, reset}) {
    sub.Text("--price-region", &options->region, "only for this Region");
    sub.Text("--from", &options->from, "the day, e.g. 2026-12-01; else today");
  }
  return {command, [options, acts = std::move(acts)] {
            for (const auto& [sub, operation] : acts) {
              if (!sub.given()) continue;
              return WithClient(options->client, [&](ApiClient& client) {
                return CallPrices(client, *options, operation);
              });
            }
            return kExitUsage;
          }};
}

}  // namespace tidemark::server
