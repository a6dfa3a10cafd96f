// The ledger: what is kept, and what was kept or done, as rows of a system table. Entries that go
// on are held in memory too; those that have ended are only added to, and read when somebody asks.
//
// Rows: open/<account>/<region>/<kind>/<id>     mark/<region>
//       ended/<account>/<microseconds of the end>/<region>/<kind>/<id>
// So putting the same fact twice is putting it once.
//
// Threads: any. What changes it blocks (it waits for the system shard), and is durable on return.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "catalog/system_rows.h"
#include "metering/entry.h"

namespace tidemark::metering {

class Ledger {
 public:
  // Makes the system table at the first start. kCorruption.
  static Result<std::unique_ptr<Ledger>> Open(shard::Shard& system, asio::io_context& context);

  Result<void> Settle() { return rows_.Settle(); }  // as catalog::SystemRows::Settle

  using OpenEntries = std::map<std::string, Entry, std::less<>>;  // by PathOf
  static std::string PathOf(const Entry& entry);
  OpenEntries open() const;

  // Up to when sizes of tables of a Region have been looked at; nothing: never.
  std::optional<Timestamp> MarkOf(const Region& region) const;

  // What one act changes: all of it or nothing.
  struct Changes {
    std::vector<Entry> open;    // begin, or replace what is open under their ids
    std::vector<Entry> ended;   // are added
    std::vector<Entry> closed;  // are added, and are open no more
    std::map<Region, Timestamp> marks;
  };
  // `act` sees what is open; acts run one at a time. It must not use the ledger.
  Result<void> Apply(const std::function<Changes(const OpenEntries& open)>& act);

  // Whether this entry, which has ended, is there.
  Result<bool> Has(const Entry& ended) const;
  // All entries of an account (nothing: of all) but those that ended before `from`, each once, as
  // of one moment. Blocking; reads from disk.
  Result<void> ForEach(const std::optional<AccountId>& account, Timestamp from,
                       const std::function<void(const Entry&)>& visit) const;
  // Everything of an account (test hook).
  Result<void> Forget(const AccountId& account);

 private:
  explicit Ledger(catalog::SystemRows rows) : rows_(std::move(rows)) {}
  Result<void> Load();

  const catalog::SystemRows rows_;
  std::mutex writing_;  // one act at a time, held over its sync
  mutable std::shared_mutex mutex_;
  OpenEntries open_;
  std::map<Region, Timestamp> marks_;
};

}  // namespace tidemark::metering
