// The meter: writes into the ledger what the catalog's records say. Backups count from their
// instant until they are erased, tables with recovery from its beginning to its end; what is done
// once, when it is done.
//
// The size of a table is that of the hour's begin (within seconds): an entry is cut there if the
// size is another. Hours that nobody saw begin have the size that was found afterwards, which is
// what the table had all the while if the server was down.
#pragma once
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "metering/ledger.h"

namespace tidemark::metering {

// By which a backup or a table with recovery is charged: items and local indexes.
uint64_t ChargedBytes(const shard::Totals& totals, const catalog::TableRecord& table);
Entry EntryOf(const catalog::BackupRecord& backup);
// Of a table with recovery. `bytes`: its size.
Entry EntryOf(const catalog::TableRecord& table, uint64_t bytes);

class Meter {
 public:
  // What the catalog does not know. Neither may use the meter or change the catalog.
  struct Others {
    // What was done once and is still on record, of any age.
    std::function<std::vector<Entry>()> done;
    // Since when a copy of a backup is kept; nothing: nobody knows. May be empty.
    std::function<std::optional<Timestamp>(const catalog::BackupRecord&)> copied;
  };

  // All must outlive it.
  Meter(const catalog::Catalog& catalog, const catalog::Shards& shards, Ledger& ledger,
        Others others);

  // Before there are requests: takes up what a crash cut off. Blocking, as what follows.
  Result<void> Start();
  // Brings the ledger up to date. Each call sees all records that there were before it.
  Result<void> Tick();
  // The same now and then; run it every second or so.
  void Maintain();

  // Before a backup is erased, resp. recovery of a table ends: what the catalog tells
  // (catalog::Endings). If that is cut off, Start takes the end back.
  Result<void> BackupEnds(const catalog::BackupRecord& backup);
  Result<void> RecoveryEnds(const catalog::TableRecord& table);

  Result<void> Forget(const AccountId& account);  // test hook

 private:
  Timestamp Now(const Region& region) const;
  // Whether what the entry is of is still kept, and costs.
  bool IsThere(const Entry& entry) const;
  Entry BeginOf(const catalog::BackupRecord& backup) const;
  // What it was until it was moved to cold storage.
  Entry BeforeCold(const catalog::BackupRecord& backup, const Ledger::OpenEntries& open) const;
  uint64_t SizeOf(const catalog::TableRecord& table) const;
  Result<void> End(Entry entry);
  Result<void> MoveEnded();
  Result<void> OpenNew();
  Result<void> Sample();
  Result<void> AddDone();

  const catalog::Catalog& catalog_;
  const catalog::Shards& shards_;
  Ledger& ledger_;
  const Others others_;
  std::mutex ticking_;           // one tick at a time
  std::set<std::string> added_;  // what was done once and is known to be in the ledger
  std::chrono::steady_clock::time_point ticked_{};
};

}  // namespace tidemark::metering
