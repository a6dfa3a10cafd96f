// What is told of one call. A plain value.
#pragma once
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "codec/json_reader.h"
#include "codec/json_writer.h"

namespace tidemark::audit {

struct Event {
  Timestamp time{};
  AccountId account;      // of who asked, or whose log it is in
  std::string principal;  // ARN; empty: nobody was recognised
  std::string access_key;
  std::string service;    // "dynamodb", "iam", "sts", "kms"
  std::string operation;  // "CreateTable"
  std::string region;
  std::string resource;  // what the request names first, as it names it; may be empty
  std::string source;    // address
  std::string agent;
  std::string request_id;
  int status = 0;     // of HTTP
  std::string error;  // the error's name; empty: it was done
  // Of the backup `resource` that was used, if it is another's, who is told as well. Not written.
  AccountId owner;
};

// The members of an event, without the braces around them.
void WriteEvent(const Event& event, codec::JsonWriter* w);
// kCorruption: a member is missing.
Result<Event> ReadEvent(codec::JsonValue line);

}  // namespace tidemark::audit
