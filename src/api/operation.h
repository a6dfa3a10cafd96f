// One operation of the API, as the dispatcher sees it.
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "codec/json_reader.h"
#include "runtime/task.h"
#include "table/requests.h"

namespace tidemark::api {

struct Operation {
  std::string_view name;    // "PutItem"; static, and of one operation only
  std::string_view prefix;  // of its target: "DynamoDB_20120810."; static
  // The body of the answer. The JSON document lives until the first suspension only: the next
  // request on this I/O thread overwrites it. So operations parse it into a shape first of all.
  std::function<Task<std::string>(table::Caller caller, codec::JsonValue body)> run;
  bool of_region = false;     // about what the Region of the request has
  bool reads_past = false;    // takes Caller::as_of and from_backup
  bool reads_backup = false;  // the one in its BackupArn, if there is one
  bool restores = false;      // takes Caller::restore_settings
};

}  // namespace tidemark::api
