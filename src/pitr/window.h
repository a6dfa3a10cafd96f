// Point-in-time recovery of a table: switching it on and off, its window, its images.
#pragma once
#include <mutex>
#include <optional>

#include "base/clock.h"
#include "base/random.h"
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
  Recovery(catalog::Catalog& catalog, catalog::Shards& shards, Random& random)
      : catalog_(catalog), shards_(shards), random_(random) {}

  // UpdateContinuousBackups. Blocking. Enabling pins an image at once: the table is restorable from
  // that very commit on. Enabling again changes the period only. Disabling drops the history.
  // `period_days`: 1..35, nullopt keeps (or 35). Errors: kTableNotFound,
  // kContinuousBackupsUnavailable (table not ACTIVE).
  Result<catalog::TablePtr> Update(const AccountId& account, const Region& region,
                                   std::string_view table, bool enabled,
                                   std::optional<int> period_days);

  // Null while off.
  std::optional<Window> WindowOf(const catalog::TableRecord& table) const;

  // The image to restore `table` from as of `time`, and the instant meant: an SDK that can say
  // whole seconds only may name one up to a second before Earliest and means Earliest.
  // Errors: kPitrUnavailable, kInvalidRestoreTime.
  struct Source {
    catalog::ImagePtr image;
    Timestamp time;
  };
  Result<Source> FindSource(const catalog::TableRecord& table, Timestamp time) const;

  // Takes new images where much has changed and drops what has left every window. Blocking; run it
  // now and then.
  void Maintain();

  // Oldest log position that images and unfinished backups of `region` need; the shard's history
  // floor.
  std::optional<log::Position> Floor(const Region& region) const;

  // Drops the history of a table that was switched off or is gone, but for images that a restore
  // still reads.
  // Blocking.
  void Forget(TableId table);

 private:
  Result<catalog::ImagePtr> TakeImage(const catalog::TableRecord& table, std::string_view reason);
  bool NeedsImage(const catalog::TableRecord& table) const;
  void Drop(const catalog::ImageRecord& image);

  catalog::Catalog& catalog_;
  catalog::Shards& shards_;
  Random& random_;
  std::mutex mutex_;  // one change of history at a time
};

}  // namespace tidemark::pitr
