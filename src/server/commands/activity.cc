// Subcommands activity and moments.
#include <algorithm>
#include <cstdio>
#include <memory>

#include "server/commands/past_commands.h"

namespace tidemark::server {
namespace {

struct ActivityOptions : PastOptions {
  int64_t bin_seconds = 0;  // 0: the server chooses
  int64_t limit = 10;
};

constexpr int64_t kBarWidth = 40;

void ShowBins(codec::JsonValue answer) {
  codec::JsonArray bins;
  if (answer["Bins"].get(bins) != simdjson::SUCCESS) return;
  int64_t most = 1;
  for (const auto bin : bins)
    most = std::max(most, NumberOf(bin, "Puts") + NumberOf(bin, "Deletes"));
  fmt::print("{:<19}  {:>9}  {:>10}  {:>9}\n", "begin (UTC)", "puts", "overwrites", "deletes");
  for (const auto bin : bins) {
    const int64_t puts = NumberOf(bin, "Puts"), deletes = NumberOf(bin, "Deletes");
    const auto bar = [&](int64_t count, char mark) {
      const int64_t width = (count * kBarWidth + most - 1) / most;
      return std::string(static_cast<size_t>(width), mark);
    };
    fmt::print("{:<19}  {:>9}  {:>10}  {:>9}  {}{}\n", Readable(TextOf(bin, "Begin")).substr(0, 19),
               puts, NumberOf(bin, "Overwrites"), deletes, bar(puts, '+'), bar(deletes, '-'));
  }
  fmt::print("from {} until {}, in steps of {} s: {} puts, {} of them overwrites, {} deletes\n",
             Readable(TextOf(answer, "From")), Readable(TextOf(answer, "Until")),
             NumberOf(answer, "BinSeconds"), NumberOf(answer, "Puts"),
             NumberOf(answer, "Overwrites"), NumberOf(answer, "Deletes"));
}

void ShowMoments(codec::JsonValue answer) {
  codec::JsonArray moments;
  if (answer["Moments"].get(moments) != simdjson::SUCCESS) return;
  if (moments.size() == 0) {
    fmt::print("nothing was deleted or overwritten since {}\n", Readable(TextOf(answer, "From")));
    return;
  }
  size_t key_width = std::string_view("access key").size();
  for (const auto moment : moments)
    key_width = std::max(key_width, TextOf(moment, "AccessKeyId").size());
  const auto line = [&](auto items, std::string_view what, std::string_view key,
                        std::string_view first, std::string_view last, std::string_view before) {
    fmt::print("{:>9}  {:<11}  {:<{}}  {:<26}  {:<26}  {}\n", items, what, key, key_width, first,
               last, before);
  };
  line("items", "what", "access key", "first (UTC)", "last", "just before it");
  for (const auto moment : moments) {
    line(NumberOf(moment, "Count"), TextOf(moment, "Kind") == "DELETE" ? "deleted" : "overwritten",
         TextOf(moment, "AccessKeyId"), Readable(TextOf(moment, "First")),
         Readable(TextOf(moment, "Last")), TextOf(moment, "JustBefore"));
  }
}

Result<void> Ask(ApiClient& client, const ActivityOptions& options, const std::string& operation,
                 const std::function<void(codec::JsonWriter*)>& fill,
                 const std::function<void(codec::JsonValue)>& show) {
  std::string body;
  codec::JsonWriter w(&body);
  w.BeginObject().Field("TableName", options.table);
  TM_TRYV(WriteTypedRange(options, &w));
  fill(&w);
  w.EndObject();
  TM_TRY(const auto answer, client.Call(kTidemark + operation, std::move(body)));
  if (options.client.json()) {
    fmt::print("{}\n", std::string(simdjson::minify(answer)));
  } else {
    show(answer);
  }
  return {};
}

}  // namespace

Subcommand AddActivity(Command app) {
  Command command = app.Add("activity", "Show how many items were put and deleted as time passed");
  const auto options =
      std::make_shared<ActivityOptions>();  // shared: by the parser and by what runs
  AddTable(command, options.get());
  AddRange(command, options.get());
  command.Number("--bin", &options->bin_seconds, "seconds of a line; 0: a fitting number")
      .Range(0, kShownMax);
  const auto fill = [options](codec::JsonWriter* w) {
    if (options->bin_seconds) w->Field("BinSeconds", options->bin_seconds);
  };
  return {command, [options, fill] {
            return WithClient(options->client, [&](ApiClient& client) {
              return Ask(client, *options, "GetTableActivity", fill, ShowBins);
            });
          }};
}

Subcommand AddMoments(Command app) {
  Command command = app.Add(
      "moments", "Name the moments at which most items were deleted or overwritten, and by whom");
  const auto options =
      std::make_shared<ActivityOptions>();  // shared: by the parser and by what runs
  AddTable(command, options.get());
  AddRange(command, options.get());
  command.Number("--limit", &options->limit, "moments shown, 1 to 100").Range(1, 100);
  const auto fill = [options](codec::JsonWriter* w) { w->Field("Limit", options->limit); };
  return {command, [options, fill] {
            return WithClient(options->client, [&](ApiClient& client) {
              return Ask(client, *options, "ListMoments", fill, ShowMoments);
            });
          }};
}

}  // namespace tidemark::server
