#include "audit/event.h"

namespace tidemark::audit {
namespace {

struct Member {
  std::string_view name;
  std::string Event::*value;
};
constexpr Member kMembers[] = {{"principal", &Event::principal}, {"key", &Event::access_key},
                               {"service", &Event::service},     {"operation", &Event::operation},
                               {"region", &Event::region},       {"resource", &Event::resource},
                               {"source", &Event::source},       {"agent", &Event::agent},
                               {"request", &Event::request_id},  {"error", &Event::error}};

}  // namespace

void WriteEvent(const Event& event, codec::JsonWriter* w) {
  w->Field("time", ToMicros(event.time)).Field("account", event.account.value);
  for (const Member& member : kMembers) w->Field(member.name, event.*member.value);
  w->Field("status", static_cast<int64_t>(event.status));
}

Result<Event> ReadEvent(codec::JsonValue line) {
  Event event;
  int64_t time = 0;
  int64_t status = 0;
  std::string_view account;
  bool whole = line["time"].get(time) == simdjson::SUCCESS &&
               line["status"].get(status) == simdjson::SUCCESS &&
               line["account"].get(account) == simdjson::SUCCESS;
  for (const Member& member : kMembers) {
    std::string_view text;
    whole = whole && line[member.name].get(text) == simdjson::SUCCESS;
    event.*member.value = text;
  }
  if (!whole) return Fail(ErrorKind::kCorruption, "a line of the audit log is not whole");
  event.time = FromMicros(time);
  event.account = AccountId(std::string(account));
  event.status = static_cast<int>(status);
  return event;
}

}  // namespace tidemark::audit
