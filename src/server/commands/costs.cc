// `tidemark costs`, `tidemark estimate`: what backup and recovery cost, and what they would.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "codec/instant.h"
#include "server/commands/human_time.h"
#include "server/commands/past_commands.h"
#include "server/commands/text.h"

namespace tidemark::server {
namespace {

constexpr const char* kDimensions[] = {"Account", "Region", "Table", "Resource",
                                       "Kind",    "Month",  "Day",   "Tag"};
constexpr std::string_view kTagPrefix = "tag:";

struct CostsOptions {
  PastOptions past;  // client and range
  std::string by = "table,kind";
  bool csv = false, all_accounts = false;
};

struct EstimateOptions {
  ClientOptions client;
  std::string table;
  int64_t every_days = 0, keep_days = 0, cold_after_days = 0;  // 0: not given
};

std::string UpperCase(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return upper;
}

std::vector<std::string> DimensionsIn(const std::string& by) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin < by.size();) {
    const size_t end = std::min(by.find(',', begin), by.size());
    parts.push_back(by.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::string DimensionsFault(const std::string& by) {
  int tags = 0;
  std::set<std::string> seen;
  for (const std::string& part : DimensionsIn(by)) {
    const bool tag = part.starts_with(kTagPrefix) && part.size() > kTagPrefix.size();
    if (tag && ++tags > 1) return "only one tag can be asked for at a time";
    const bool known = std::ranges::any_of(kDimensions, [&](std::string_view name) {
      return name != "Tag" && UpperCase(name) == UpperCase(part);
    });
    if (!tag && !known) {
      return "'" + part +
             "' is nothing to group by: write account, region, table, resource, kind, month, day "
             "or tag:KEY, or several with commas between";
    }
    if (!seen.insert(UpperCase(part)).second)
      return "'" + part + "' is there twice: name each thing to group by once";
  }
  return "";
}

// "table,tag:team" -> "GroupBy":["TABLE","TAG"],"TagKey":"team".
void WriteDimensions(const std::string& by, codec::JsonWriter* w) {
  std::string tag;
  w->Key("GroupBy").BeginArray();
  for (const std::string& part : DimensionsIn(by)) {
    const bool is_tag = part.starts_with(kTagPrefix);
    if (is_tag) tag = part.substr(kTagPrefix.size());
    w->String(is_tag ? "TAG" : UpperCase(part));
  }
  w->EndArray();
  if (!tag.empty()) w->Field("TagKey", tag);
}

// A field of CSV: quoted where it must be.
std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? "\"\"" : std::string(1, c));
  return quoted + "\"";
}

std::string BytesColumn(codec::JsonValue group, std::string_view member) {
  return JsonOf(group, member).empty() ? "-"
                                       : BytesText(static_cast<double>(NumberOf(group, member)));
}

// What a group is of: its members that are dimensions, in order, each behind two spaces.
std::string KeyOfGroup(codec::JsonValue group) {
  std::string key;
  for (const char* name : kDimensions) {
    if (!JsonOf(group, name).empty()) key += "  " + TextOf(group, name);
  }
  return key;
}

void ShowCsv(codec::JsonArray groups) {
  bool first = true;
  for (const auto group : groups) {
    std::string head, line;
    for (const char* name : kDimensions) {
      if (JsonOf(group, name).empty()) continue;
      head += std::string(name) + ",";
      line += CsvField(TextOf(group, name)) + ",";
    }
    if (first) fmt::print("{}Cost,GigabyteMonths,OnceBytes,LogicalBytes,PhysicalBytes\n", head);
    first = false;
    fmt::print("{}{},{},{},{},{}\n", line, TextOf(group, "Cost"), TextOf(group, "GigabyteMonths"),
               NumberOf(group, "OnceBytes"), JsonOf(group, "LogicalBytes"),
               JsonOf(group, "PhysicalBytes"));
  }
}

// The month that the end of a range lies in, which is not in it: "2026-10".
std::string LastMonth(codec::JsonValue answer) {
  const auto until = codec::ParseInstant(TextOf(answer, "Until"));
  return until ? codec::FormatInstant(*until - Micros(1)).substr(0, 7) : "";
}

// What the month comes to. Of a range that was asked for it is another sum than its own.
void ShowForecast(const CostsOptions& options, codec::JsonValue answer) {
  const std::string forecast = TextOf(answer, "Forecast");
  if (options.past.from.empty() && options.past.until.empty()) {
    fmt::print("{:>16} at the month's end, if nothing changes\n", forecast);
  } else {
    fmt::print("{:>16} for all of {}, if what is there {} stays\n", forecast, LastMonth(answer),
               options.past.until.empty() ? "now" : "at the end of this");
  }
}

void ShowCosts(const CostsOptions& options, codec::JsonValue answer, codec::JsonArray groups) {
  fmt::print("{} to {}, US dollars, prices of {}\n", Readable(TextOf(answer, "From")),
             Readable(TextOf(answer, "Until")), TextOf(answer, "PriceListDate"));
  fmt::print("{:>16} {:>14} {:>10} {:>10} {:>10}\n", "cost", "GB-months", "restored", "logical",
             "on disk");
  for (const auto group : groups) {
    fmt::print("{:>16} {:>14} {:>10} {:>10} {:>10}{}\n", TextOf(group, "Cost"),
               TextOf(group, "GigabyteMonths"), BytesColumn(group, "OnceBytes"),
               BytesColumn(group, "LogicalBytes"), BytesColumn(group, "PhysicalBytes"),
               KeyOfGroup(group));
  }
  codec::JsonValue total;
  if (answer["Total"].get(total) != simdjson::SUCCESS) return;
  fmt::print("{:>16} {:>14} {:>10} {:>10} {:>10}  all\n", TextOf(total, "Cost"),
             TextOf(total, "GigabyteMonths"), BytesColumn(total, "OnceBytes"),
             BytesColumn(total, "LogicalBytes"), "");
  ShowForecast(options, answer);
}

Result<void> Costs(ApiClient& client, const CostsOptions& options) {
  std::string body;
  codec::JsonWriter w(&body);
  w.BeginObject();
  TM_TRYV(WriteTypedRange(options.past, &w));
  if (!options.by.empty()) WriteDimensions(options.by, &w);
  w.EndObject();
  const char* const operation = options.all_accounts ? "GetServerCosts" : "GetCosts";
  TM_TRY(const auto answer, client.Call(std::string(kTidemark) + operation, std::move(body)));
  codec::JsonArray groups;
  if (answer["Groups"].get(groups) != simdjson::SUCCESS)
    return Fail(ErrorKind::kIo, "the server's answer has no Groups");
  if (options.past.client.json()) {
    fmt::print("{}\n", std::string(simdjson::minify(answer)));
  } else if (options.csv) {
    ShowCsv(groups);
  } else {
    ShowCosts(options, answer, groups);
  }
  return {};
}

std::string Part(codec::JsonValue answer, std::string_view object, std::string_view member) {
  codec::JsonValue part;
  return answer[object].get(part) == simdjson::SUCCESS ? TextOf(part, member) : "";
}

void ShowPlan(codec::JsonValue plan) {
  const int64_t every = NumberOf(plan, "EveryDays"), keep = NumberOf(plan, "KeepDays");
  fmt::print("a backup every {} days, kept for {}: {} warm, {} cold\n", every, keep,
             NumberOf(plan, "WarmBackups"), NumberOf(plan, "ColdBackups"));
  fmt::print("  {:>16} a month; cold storage saves {}\n", TextOf(plan, "CostPerMonth"),
             TextOf(plan, "SavedByColdStorage"));
}

void ShowEstimate(codec::JsonValue answer) {
  fmt::print("{}: {}, US dollars, prices of {}\n", TextOf(answer, "TableName"),
             BytesText(static_cast<double>(NumberOf(answer, "SizeBytes"))),
             TextOf(answer, "PriceListDate"));
  fmt::print("  {:>16} a month for a backup\n", Part(answer, "Backup", "CostPerMonth"));
  fmt::print("  {:>16} a month for point-in-time recovery\n",
             Part(answer, "PointInTimeRecovery", "CostPerMonth"));
  fmt::print("  {:>16} for a restore; into another Region {}\n", Part(answer, "Restore", "Cost"),
             Part(answer, "Restore", "CostIntoOtherRegion"));
  codec::JsonValue plan;
  if (answer["Plan"].get(plan) == simdjson::SUCCESS) ShowPlan(plan);
  fmt::print("this month\n  {:>16} so far\n", Part(answer, "Month", "CostSoFar"));
  fmt::print("  {:>16} at its end, if nothing changes\n", Part(answer, "Month", "Forecast"));
  fmt::print("  {:>16} at its end, without point-in-time recovery from now on\n",
             Part(answer, "Month", "ForecastWithoutPointInTimeRecovery"));
}

Result<void> Estimate(ApiClient& client, const EstimateOptions& options) {
  std::string body;
  codec::JsonWriter w(&body);
  w.BeginObject().Field("TableName", options.table);
  if (options.every_days > 0) w.Field("EveryDays", options.every_days);
  if (options.keep_days > 0) w.Field("KeepDays", options.keep_days);
  if (options.cold_after_days > 0) w.Field("ColdAfterDays", options.cold_after_days);
  w.EndObject();
  TM_TRY(const auto answer, client.Call(std::string(kTidemark) + "EstimateCost", std::move(body)));
  if (options.client.json()) {
    fmt::print("{}\n", std::string(simdjson::minify(answer)));
  } else {
    ShowEstimate(answer);
  }
  return {};
}

}  // namespace

Subcommand AddCosts(Command app) {
  Command command = app.Add("costs", "Tell what backups, recovery and restores would cost at AWS");
  const auto options = std::make_shared<CostsOptions>();  // shared: by parser and runner
  AddClientOptions(command, &options->past.client);
  command.Text("--from", &options->past.from, "since when; else since the month began")
      .Check("INSTANT", InstantFault);
  command.Text("--until", &options->past.until, "until when; else until now")
      .Check("INSTANT", InstantFault);
  command
      .Text("--by", &options->by,
            "one line for each account, region, table, resource, kind, month, day or value of a "
            "tag (tag:KEY), or for each of several of them, e.g. table,kind")
      .Check("LIST", DimensionsFault);
  command.Flag("--csv", &options->csv, "print comma-separated values");
  command.Flag("--all-accounts", &options->all_accounts, "of all accounts; for the operator");
  return {command, [options] {
            return WithClient(options->past.client,
                              [&](ApiClient& client) { return Costs(client, *options); });
          }};
}

Subcommand AddEstimate(Command app) {
  Command command = app.Add("estimate", "Tell what backups of a table would cost");
  const auto options = std::make_shared<EstimateOptions>();  // shared: by parser and runner
  AddClientOptions(command, &options->client);
  command.Text("TABLE", &options->table, "the table's name").Required();
  command.Number("--keep-days", &options->keep_days, "for how long a plan would keep each backup")
      .Range(1, 36500);
  command.Number("--every-days", &options->every_days, "how often it would make one; else daily")
      .Range(1, 36500);
  command
      .Number("--cold-after-days", &options->cold_after_days,
              "after how long it would move them to cold storage; else never")
      .Range(1, 36500);
  return {command, [options] {
            return WithClient(options->client,
                              [&](ApiClient& client) { return Estimate(client, *options); });
          }};
}

}  // namespace tidemark::server
