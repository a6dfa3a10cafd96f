// GetTableActivity and ListMoments: how much was done to a table, when, and by whom.
#include <algorithm>
#include <map>

#include "api/dynamodb/shapes_gen.h"
#include "api/past/handlers.h"
#include "archive/section_format.h"
#include "pitr/moments.h"
#include "pitr/past.h"

namespace tidemark::api::past {
namespace {

constexpr int64_t kBinsMax = 2000;
constexpr int64_t kBinsDefault = 240;  // at most
constexpr int64_t kMomentsDefault = 10;
// Widths that people like to read.
constexpr int64_t kWidths[] = {1,   2,   5,    10,   15,   30,    60,    120,   300,
                               600, 900, 1800, 3600, 7200, 21600, 43200, 86400, 604800};

int64_t SecondOf(Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

int64_t DefaultWidth(const Range& range) {
  const int64_t seconds = SecondOf(range.until) - SecondOf(range.from) + 1;
  for (const int64_t width : kWidths) {
    if (seconds <= width * kBinsDefault) return width;
  }
  return seconds / kBinsDefault + 1;
}

Result<std::string> Bins(pitr::Past& past, const catalog::TableRecord& table, const Range& range,
                         int64_t width) {
  TM_TRY(const auto between, past.Between(table, range.from, range.until));
  TM_TRY(const auto seconds, between.Activity());
  std::map<int64_t, archive::SecondActivity> bins;
  archive::SecondActivity all;
  const auto add = [](const archive::SecondActivity& entry, archive::SecondActivity* to) {
    to->puts += entry.puts;
    to->overwrites += entry.overwrites;
    to->deletes += entry.deletes;
  };
  for (const auto& entry : seconds) {
    add(entry, &bins[entry.second / width * width]);
    add(entry, &all);
  }
  std::string answer;
  codec::JsonWriter w(&answer);
  const auto counts = [&](const archive::SecondActivity& entry) {
    w.Field("Puts", static_cast<int64_t>(entry.puts));
    w.Field("Overwrites", static_cast<int64_t>(entry.overwrites));
    w.Field("Deletes", static_cast<int64_t>(entry.deletes));
  };
  w.BeginObject();
  WriteRange(between.from(), between.until(), &w);
  w.Field("BinSeconds", width);
  counts(all);
  w.Key("Bins").BeginArray();
  for (const auto& [second, entry] : bins) {
    w.BeginObject();
    WriteInstant("Begin", FromMicros(second * 1'000'000), &w);
    counts(entry);
    w.EndObject();
  }
  w.EndArray().EndObject();
  return answer;
}

Result<std::string> Moments(pitr::Past& past, const catalog::TableRecord& table, const Range& range,
                            size_t limit) {
  TM_TRY(const auto between, past.Between(table, range.from, range.until));
  TM_TRY(const auto bursts, between.Bursts());
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject();
  WriteRange(between.from(), between.until(), &w);
  w.Key("Moments").BeginArray();
  for (const auto& moment : pitr::FindMoments(bursts, between.from(), between.until(), limit)) {
    w.BeginObject();
    w.Field("Kind", moment.kind == archive::Burst::Kind::kDelete ? "DELETE" : "OVERWRITE");
    w.Field("Count", static_cast<int64_t>(moment.count));
    WriteOrigin(moment.access_key, {}, &w);
    WriteInstant("First", moment.first, &w);
    WriteInstant("Last", moment.last, &w);
    WriteInstant("JustBefore", std::max(between.from(), moment.first - Micros(1)), &w);
    w.EndObject();
  }
  w.EndArray().EndObject();
  return answer;
}

}  // namespace

Task<std::string> GetTableActivity(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseGetTableActivity(body));
  TM_CO_TRY(const auto table, FindTable(services, caller, *input.table_name));
  TM_CO_TRY(const auto range, ReadRange(services, *table, input.from, input.until));
  const int64_t width = input.bin_seconds.value_or(DefaultWidth(range));
  if ((SecondOf(range.until) - SecondOf(range.from)) / width >= kBinsMax) {
    co_return Fail(ErrorKind::kValidation, "BinSeconds {} makes more than {} bins of the range",
                   width, kBinsMax);
  }
  auto work = [&] { return Bins(services.past, *table, range, width); };
  co_return co_await runtime::Blocking(services.pool, std::move(work));
}

Task<std::string> ListMoments(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseListMoments(body));
  TM_CO_TRY(const auto table, FindTable(services, caller, *input.table_name));
  TM_CO_TRY(const auto range, ReadRange(services, *table, input.from, input.until));
  const auto limit = static_cast<size_t>(input.limit.value_or(kMomentsDefault));
  auto work = [&] { return Moments(services.past, *table, range, limit); };
  co_return co_await runtime::Blocking(services.pool, std::move(work));
}

}  // namespace tidemark::api::past
