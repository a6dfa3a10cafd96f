#include "server/commands/offline_logs.h"

#include "base/files.h"

namespace tidemark::server {

OfflineLogs::OfflineLogs(DataDirectory data)
    : data_(std::move(data)), keys_(data_.root_key(), TheSystemRandom()) {}

Result<std::unique_ptr<OfflineLogs>> OfflineLogs::Open(const std::string& data,
                                                       const std::string& region) {
  TM_TRY(auto opened, DataDirectory::OpenExisting(data));
  const std::string shards = data + "/shards";
  TM_TRY(const auto names, ListDirectory(shards));
  std::unique_ptr<OfflineLogs> logs(new OfflineLogs(std::move(opened)));
  for (const std::string& name : names) {
    if (region.empty() || name == region)
      logs->all_.push_back({name, shards + "/" + name + "/log"});
  }
  if (logs->all_.empty() && !region.empty())
    return Fail(ErrorKind::kNotFound, "{} stores nothing of a Region {}", data, region);
  return logs;
}

}  // namespace tidemark::server
