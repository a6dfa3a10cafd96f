// Point-in-time recovery of a table: switching it on and off, its window, its images.
#pragma once
#include <optional>

#include "base/clock.h"
#include "catalog/catalog.h"

namespace tidemark::pitr {

// Instants a table can be restored to: every commit in [earliest, latest].
struct Window {
  Timestamp earliest;
  Timestamp latest;
};

// Earliest = max(when last enabled, now - period); latest = the shard's newest instant. Pure.
Window ComputeWindow(const catalog::PitrSettings& settings, Timestamp now);

class Recovery {
 public:
  Recovery(catalog::Catalog& catalog, catalog::Shards& shards) : catalog_(catalog), shards_(shards) {}

  // UpdateContinuousBackups. Blocking. Enabling pins an image at once: the table is restorable from that very
  // commit on. Enabling again changes the period only. Disabling drops the history. `period_days`: 1..35,
  // nullopt keeps (or 35). Errors: kTableNotFound, kContinuousBackupsUnavailable (table not ACTIVE).
  Result<catalog::TablePtr> Update(const AccountId& account, const Region& region, std::string_view table,
                                   bool enabled, std::optional<int> period_days);

  // Null while off.
  std::optional<Window> WindowOf(const catalog::TableRecord& table) const;

  // Takes new images where much has changed and drops what has left every window. Blocking; run it now and then.
  void Maintain();

  // Oldest log position that images and unfinished backups of `region` need; the shard's history floor.
  std::optional<log::Position> Floor(const Region& region) const;

  // Drops all history of a table that is being deleted. Blocking.
  Result<void> Forget(TableId table);

 private:
  Result<void> TakeImage(const catalog::TableRecord& table, catalog::ImageRecord* image);

  catalog::Catalog& catalog_;
  catalog::Shards& shards_;
};

}  // namespace tidemark::pitr
