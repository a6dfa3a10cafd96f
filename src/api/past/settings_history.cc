// GetSettingsHistory: what was changed of a table's settings, newest first, and by whom.
#include <algorithm>
#include <vector>

#include "api/dynamodb/shapes_gen.h"
#include "api/past/handlers.h"
#include "api/past/settings_view.h"
#include "codec/instant.h"

namespace tidemark::api::past {
namespace {

constexpr int64_t kSettingsChangesDefault = 100;
constexpr size_t kSettingsPageBytesMax = 1 << 20;

struct SettingsRequest {
  catalog::TablePtr table;
  Range range;
  size_t limit = 0;
};

void WriteSetting(const std::string& name, const std::string* old_value,
                  const std::string* new_value, codec::JsonWriter* w) {
  w->BeginObject().Field("Name", name);
  if (old_value) w->Key("OldValue").Raw(*old_value);
  if (new_value) w->Key("NewValue").Raw(*new_value);
  w->EndObject();
}

// What is in one and not, or otherwise, in the other, by name.
void WriteSettings(const SettingsView& before, const SettingsView& after, codec::JsonWriter* w) {
  w->Key("Settings").BeginArray();
  auto old_at = before.begin();
  auto new_at = after.begin();
  while (old_at != before.end() || new_at != after.end()) {
    if (new_at == after.end() || (old_at != before.end() && old_at->first < new_at->first)) {
      WriteSetting(old_at->first, &old_at->second, nullptr, w);
      ++old_at;
    } else if (old_at == before.end() || new_at->first < old_at->first) {
      WriteSetting(new_at->first, nullptr, &new_at->second, w);
      ++new_at;
    } else {
      if (old_at->second != new_at->second)
        WriteSetting(old_at->first, &old_at->second, &new_at->second, w);
      ++old_at;
      ++new_at;
    }
  }
  w->EndArray();
}

// What held when the range begins.
void WriteSettingsBefore(Timestamp from, const SettingsView& settings, codec::JsonWriter* w) {
  w->Key("Before").BeginObject();
  WriteInstant("Instant", from, w);
  w->Key("Settings").BeginObject();
  for (const auto& [name, value] : settings) w->Key(name).Raw(value);
  w->EndObject().EndObject();
}

Result<std::string> AnswerSettings(const Services& services, const SettingsRequest& request) {
  // Checks the range, and waits for what is under way in it.
  TM_TRY(const auto source, services.recovery.FindSource(*request.table, request.range.from));
  const Timestamp from = source.time;
  const auto window = services.recovery.WindowOf(*request.table);
  const Timestamp until =
      std::max(from, std::min(request.range.until, window ? window->latest : from));
  TM_TRYV(services.recovery.TableAt(*request.table, until));
  TM_TRY(const auto records, services.catalog.Settings(request.table->id, from, until));
  if (records.empty()) return Fail(ErrorKind::kResourceNotFound, "Requested resource not found");
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject();
  WriteRange(from, until, &w);
  w.Key("Changes").BeginArray();
  size_t at = records.size() - 1;
  SettingsView after = ViewOf(records[at].table);
  size_t given = 0;
  for (; at > 0 && given < request.limit && answer.size() < kSettingsPageBytesMax; --at, ++given) {
    SettingsView before = ViewOf(records[at - 1].table);
    w.BeginObject();
    WriteInstant("CommitTime", records[at].time, &w);
    WriteOrigin(records[at].origin.access_key, records[at].origin.request_id, &w);
    WriteSettings(before, after, &w);
    w.EndObject();
    after = std::move(before);
  }
  w.EndArray();
  if (at > 0) {
    w.Field("NextToken", codec::FormatInstant(records[at + 1].time));
  } else {
    WriteSettingsBefore(from, after, &w);
  }
  w.EndObject();
  return answer;
}

}  // namespace

Task<std::string> GetSettingsHistory(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseGetSettingsHistory(body));
  SettingsRequest request;
  TM_CO_TRY(request.table, FindTable(services, caller, *input.table_name));
  TM_CO_TRY(request.range, ReadRange(services, *request.table, input.from, input.until));
  if (input.next_token) {  // the commit time of the last change given
    TM_CO_TRY(const auto last, codec::ParseInstant(*input.next_token));
    request.range.until = std::max(request.range.from, last - Micros(1));
  }
  request.limit = static_cast<size_t>(input.limit.value_or(kSettingsChangesDefault));
  auto work = [&] { return AnswerSettings(services, request); };
  co_return co_await runtime::Blocking(services.pool, std::move(work));
}

}  // namespace tidemark::api::past
