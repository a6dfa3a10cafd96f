// The composition root: everything a running server is made of, in the order in which it is opened;
// closed in the reverse.
#pragma once
#include <chrono>
#include <memory>
#include <string>

#include "base/result.h"
#include "peer/peers.h"
#include "server/backup_store.h"
#include "server/data_directory.h"
#include "server/site_recovery.h"

namespace tidemark::server {

struct Config {
  std::string data = "./tidemark-data";
  std::string host = "127.0.0.1";
  uint16_t port = 8000;  // 0: any free one
  AccountId account{"123456789012"};
  size_t io_threads = 0;  // 0: one per core
  uint64_t block_cache_bytes = 512ull << 20;
  size_t descriptors = 4096;  // that tables' files may use
  // Of each Region:
  uint64_t log_window_bytes = 256ull << 20;       // of log that a start may have to read
  uint64_t log_bytes_max = 32ull << 30;           // kept; 0: no bound
  uint64_t memtable_budget_bytes = 512ull << 20;  // of rows that are not flushed yet
  uint64_t disk_reserve_bytes = 1ull << 30;       // free space below which there are no writes
  std::chrono::seconds idle_close{600};           // a table untouched for so long is closed
  bool strict_iam = false;   // restores need permissions to the letter of the service's documents
  bool audit_items = false;  // uses of data go into the audit log too
  std::chrono::days audit_retention{90};  // of the audit log
  BackupStoreConfig backup_store;
  peer::PeersConfig peers;
  std::string notify_file, notify_webhook;  // where notifications go; empty: not there
  std::string report_directory;             // of AWS Backup's reports; empty: none are written
  std::string price_book;   // file that prices are read from; empty: those the program has
  bool listen = true;       // false: a program works on it, and nobody else
  std::string cors_origin;  // whose pages may read answers, "*": all; empty: none
  bool test_hooks = false;
  bool test_clock = false;
  std::chrono::milliseconds create_delay{0};  // that new tables stay CREATING, for tests of clients
  uint64_t collection_bytes_max = 10ull << 30;  // of an item collection; lower for tests of clients
  bool throttle = false;                        // enforce provisioned and maximum throughput
  std::chrono::milliseconds slow_request{0};    // that took so long are logged; 0: none are
};

class Server {
 public:
  // Opens the data directory, replays what a crash left, takes up unfinished work, listens.
  // Blocking.
  static Result<std::unique_ptr<Server>> Start(const Config& config);
  virtual ~Server() = default;  // graceful: requests under way finish, tables are flushed

  virtual uint16_t port() const = 0;
  virtual const DataDirectory& data() const = 0;
  // Of a server with a backup store: site_recovery.h.
  virtual Result<void> Recover(const backup::StoreContents& contents,
                               std::vector<TableRecovery>* plan,
                               const SiteRecovery::Tell& tell) = 0;
};

}  // namespace tidemark::server
