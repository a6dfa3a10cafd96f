// The commit logs of a data directory on which no server runs, for subcommands.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "kms/root_key_provider.h"
#include "server/data_directory.h"

namespace tidemark::server {

struct OfflineLog {
  std::string region;  // or "_system"
  std::string directory;
};

class OfflineLogs {
 public:
  // Locks the directory as a server would. `region`: only that one; empty: all, `_system` too.
  // Errors: those of DataDirectory::OpenExisting; kNotFound: nothing is stored in that Region.
  static Result<std::unique_ptr<OfflineLogs>> Open(const std::string& data,
                                                   const std::string& region);

  const std::vector<OfflineLog>& all() const { return all_; }
  crypto::DataKeyProvider& keys() { return keys_; }

 private:
  explicit OfflineLogs(DataDirectory data);

  const DataDirectory data_;  // holds the lock
  kms::RootKeyProvider keys_;
  std::vector<OfflineLog> all_;
};

}  // namespace tidemark::server
