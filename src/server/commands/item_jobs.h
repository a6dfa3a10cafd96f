// Jobs that bring back items, as subcommands run them: what would be done is shown first, then
// asked for.
#pragma once
#include <functional>
#include <string>

#include "server/commands/api_client.h"

namespace tidemark::server {

struct ItemJobRequest {
  ClientOptions client;
  std::string operation, table;
  // `until`: of the dry run that was shown; empty: none was.
  std::function<Result<std::string>(bool dry_run, const std::string& until)> body;
  bool dry_run = false;  // shows, and does nothing
  bool yes = false;      // does it without showing and asking
  int64_t limit = 20;    // of items named that were left alone; 0: all on record
};
// Until the job has ended. kValidation: it has failed, or nobody agreed.
Result<void> RunItemJob(ApiClient& client, const ItemJobRequest& request);

}  // namespace tidemark::server
