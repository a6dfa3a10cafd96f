// What is on record of the restores of tables: those that run, and how the others ended. A table
// that could not be restored is gone; why is told here.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "catalog/system_rows.h"

namespace tidemark::restore {

enum class RestoreStatus { kRunning, kCancelling, kCompleted, kFailed, kCancelled };
std::string_view ToString(RestoreStatus status);  // "RUNNING", ...

// Whether all of a restored table has been read and compared.
enum class Verification { kNone, kPending, kPassed, kFailed };
std::string_view ToString(Verification verification);  // "NONE", "RUNNING", ...

// A value.
struct RestoreReport {
  TableId id;  // of the new table, and of the restore
  AccountId account;
  Region region;
  std::string table_name;
  std::string source_table_arn, source_backup_arn;  // the latter empty: from history
  Timestamp restore_time{};                         // the instant that the new table is of
  std::string access_key;                           // of who asked
  Timestamp created{}, ended{};                     // ended zero: not yet
  RestoreStatus status = RestoreStatus::kRunning;
  std::string failure;            // why it FAILED
  uint64_t items = 0, bytes = 0;  // of the table that COMPLETED
  uint64_t changes = 0;           // of history that were laid over an image
  bool from_cold = false;         // the backup is in cold storage
  bool verifies_first = false;    // before the table is shown, as asked for
  Verification verification = Verification::kNone;
  std::string difference;  // why it failed
  std::string group;       // that it was asked for together with others; empty: alone
  bool operator==(const RestoreReport&) const = default;

  bool is_over() const {
    return status != RestoreStatus::kRunning && status != RestoreStatus::kCancelling;
  }
};
using RestoreReportPtr = std::shared_ptr<const RestoreReport>;

std::string EncodeRestoreReport(const RestoreReport& report);
Result<RestoreReport> DecodeRestoreReport(std::string_view json);

// Behind which one a list goes on, which may be gone.
struct RestorePlace {
  Timestamp created;
  TableId id;
  auto operator<=>(const RestorePlace&) const = default;
};

struct RestoreQuery {
  std::string table_name;  // empty: of all names
  std::string group;       // empty: of all
  size_t limit = 100;
  std::optional<RestorePlace> after;
};

// Rows of the shard `_system`, all held in memory as well. Thread-safe; writes are durable when
// they return, and block.
class RestoreReports {
 public:
  static Result<std::unique_ptr<RestoreReports>> Open(shard::Shard& system,
                                                      asio::io_context& context);

  Result<void> Settle() { return rows_.Settle(); }  // as catalog::SystemRows::Settle

  RestoreReportPtr Find(TableId id) const;  // null: none, as of the following
  RestoreReportPtr Newest(const AccountId& account, const Region& region,
                          std::string_view table_name) const;
  // Newest first. Asked with one more than wanted, it tells whether there are more.
  std::vector<RestoreReportPtr> List(const AccountId& account, const Region& region,
                                     const RestoreQuery& query) const;
  std::vector<RestoreReportPtr> Unfinished() const;
  std::vector<RestoreReportPtr> Completed() const;
  std::vector<TableId> Unverified() const;  // COMPLETED, to be verified yet

  // A new one; drops old ones that are over, of the same account and Region.
  Result<void> Put(RestoreReport report);
  // Nothing, if there is none.
  Result<void> Edit(TableId id, const std::function<void(RestoreReport&)>& edit);
  Result<void> Erase(const std::vector<TableId>& ids);
  void Forget(const AccountId& account);  // all of it

 private:
  explicit RestoreReports(catalog::SystemRows rows) : rows_(std::move(rows)) {}
  std::vector<RestoreReportPtr> All() const;

  catalog::SystemRows rows_;
  std::mutex writing_;  // one edit at a time
  mutable std::mutex mutex_;
  std::map<TableId, RestoreReportPtr> reports_;
};

}  // namespace tidemark::restore
