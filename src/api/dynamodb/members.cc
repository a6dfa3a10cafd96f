#include "api/dynamodb/members.h"

namespace tidemark::api::dynamodb {

namespace {

// A value that is null, for what is not there.
codec::JsonValue Null() {
  thread_local codec::JsonParser parser;
  thread_local const codec::JsonValue null = *parser.Parse("null");
  return null;
}

}  // namespace

codec::JsonValue Member(codec::JsonValue json, std::string_view name) {
  codec::JsonValue found = Null();
  codec::JsonObject members;
  if (json.get(members) != simdjson::SUCCESS) return found;
  for (auto [key, value] : members) {
    if (key == name && !value.is_null()) found = value;
  }
  return found;
}

std::string_view TextMember(codec::JsonValue json, std::string_view name) {
  std::string_view text;
  return Member(json, name).get(text) == simdjson::SUCCESS ? text : std::string_view();
}

}  // namespace tidemark::api::dynamodb
