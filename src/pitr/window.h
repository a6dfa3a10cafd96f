// Point-in-time recovery of a table: switching it on and off, its window, its images, and what of
// the log and its archive they need.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <utility>
#include <vector>

#include "archive/archive.h"
#include "base/clock.h"
#include "base/random.h"
#include "catalog/catalog.h"
#include "crypto/data_key.h"
#include "engine/table_store.h"

namespace tidemark::pitr {

// Instants a table can be restored to: every commit in [earliest, latest].
struct Window {
  Timestamp earliest;
  Timestamp latest;
};

// Earliest = max(when last enabled, end of the last gap, now - period); latest = the shard's newest
// instant. `whole_since`: of the first image behind all gaps; nullopt: there is none yet, and the
// window is empty but for now. Pure.
Window ComputeWindow(const catalog::PitrSettings& settings, std::optional<Timestamp> whole_since,
                     Timestamp now);

// Sizes other than those of production, for tests.
struct RecoveryOptions {
  uint64_t unit_bytes = 256ull << 20;  // of log, sorted at a time (archive::ArchiveOptions)
  Micros unit_age = std::chrono::hours(1);
  size_t batch_memory_bytes = 64ull << 20;
  bool sort_by_itself = true;
  uint64_t image_bytes_min = 64ull << 20;          // of changes before another image is worth it
  Micros image_age_min = std::chrono::minutes(2);  // nor sooner than that
};

// Of one Region, for operators.
struct RecoveryStats {
  archive::ArchiveStats archive;
  size_t images = 0;
  uint64_t image_bytes = 0;   // of their files, most of them shared with tables
  uint64_t pinned_bytes = 0;  // of files that only images have, when last looked at
};

class Recovery {
 public:
  Recovery(catalog::Catalog& catalog, catalog::Shards& shards, engine::Engine& engine,
           crypto::DataKeyProvider& keys, Random& random, RecoveryOptions options = {});
  ~Recovery();

  // Ends all sorting; before the shards go. Nothing else may be called then, but Floor.
  void Stop();

  // UpdateContinuousBackups. Blocking. Enabling pins an image at once: the table is restorable from
  // that very commit on. Enabling again changes the period only. Disabling drops the history; its
  // key is forgotten when this returns. `period_days`: 1..35, nullopt keeps (or 35).
  // Errors: kTableNotFound, kContinuousBackupsUnavailable (table not ACTIVE).
  Result<catalog::TablePtr> Update(const AccountId& account, const Region& region,
                                   std::string_view table, bool enabled,
                                   std::optional<int> period_days,
                                   const shard::Origin& origin = {});

  // The same of a table that a restore is about to show.
  Result<void> EnableRestored(const catalog::TableRecord& table, int period_days);

  // Null while off.
  std::optional<Window> WindowOf(const catalog::TableRecord& table) const;
  // Of a table that was deleted: what its window was then, to the instant of its backup. Null: its
  // history is not kept, or has a gap up to its end.
  std::optional<Window> WindowOf(const catalog::BackupRecord& deleted) const;

  // The image to restore `table` from as of `time`, and the instant meant: an SDK that can say
  // whole seconds only may name one up to a second before Earliest and means Earliest.
  // Errors: kPitrUnavailable, kInvalidRestoreTime.
  struct Source {
    catalog::ImagePtr image;
    Timestamp time;
  };
  Result<Source> FindSource(const catalog::TableRecord& table, Timestamp time) const;
  Result<Source> FindSource(const catalog::BackupRecord& deleted, Timestamp time) const;

  // The table with its settings after the last commit at or before `time`. Blocking. Errors: those
  // of FindSource.
  Result<catalog::TablePtr> TableAt(const catalog::TableRecord& table, Timestamp time) const;

  // Takes new images where much has changed and drops images and runs that have left every window.
  // Blocking; run it now and then.
  void Maintain();

  // Oldest log position that history and unfinished backups of `region` need; the shard's history
  // floor. Quick.
  std::optional<log::Position> Floor(const Region& region) const;

  // Drops the history of a table that was switched off or is gone, but for images that a restore
  // still reads. Nothing while a backup keeps it (catalog::BackupRecord::keeps_history). Blocking.
  void Forget(TableId table);

  // While the lock is kept, recovery is not switched on or off and no image is taken.
  std::unique_lock<std::mutex> HoldImages() { return std::unique_lock(mutex_); }

  // A Region's archive, opened at its first use. Errors: kCorruption: see archive::Archive::Open;
  // the Region's log is kept then.
  Result<archive::Archive*> ArchiveOf(const Region& region);

  std::vector<std::pair<Region, RecoveryStats>> Stats() const;

 private:
  Result<catalog::TablePtr> Enable(const catalog::TableRecord& table,
                                   std::optional<int> period_days, const shard::Origin& origin);
  // Everything that goes by age goes by the newest commit time that is in the log: no window
  // begins before it again, whatever the clock does over a restart. At most an hour behind Now().
  void TendTimes();
  void EndDoubt();
  void TendSettings();
  void ForgetSettings(TableId id, std::optional<Timestamp> before);
  // `history_from`: of the table's settings.
  Result<catalog::ImagePtr> TakeImage(const catalog::TableRecord& table, archive::Archive& archive,
                                      log::Position history_from, std::string_view reason);
  Result<void> CompleteImage(const catalog::ImageRecord& image);
  bool NeedsImage(const catalog::TableRecord& table, const archive::Archive& archive) const;
  void MaintainTable(const catalog::TableRecord& table, archive::Archive& archive);
  void MaintainImages(TableId table, std::string_view name, archive::Archive& archive);
  void ThinImages(const catalog::TableRecord& table, const archive::Archive& archive);
  void DropRuns(const Region& region, archive::Archive& archive);
  void Drop(const catalog::ImageRecord& image);
  archive::Archive* OpenArchive(const Region& region) const;  // null: not open
  // Whose changes the Region's archive keeps.
  std::vector<archive::HistoryTable> HistoryTables(const Region& region) const;
  std::vector<archive::Gap> GapsOf(const Region& region) const;
  // Those in its history: what came later harms nothing.
  std::vector<archive::Gap> GapsOf(const catalog::BackupRecord& deleted) const;
  Result<Source> FindImage(const catalog::TableRecord& table, const std::optional<Window>& window,
                           const std::vector<archive::Gap>& gaps, Timestamp time) const;
  std::optional<Window> WindowAt(const catalog::TableRecord& table, Timestamp now) const;
  // What is older than its beginning may go for good.
  std::optional<Window> LastingWindow(const catalog::TableRecord& table) const;

  catalog::Catalog& catalog_;
  catalog::Shards& shards_;
  engine::Engine& engine_;
  crypto::DataKeyProvider& keys_;
  Random& random_;
  const RecoveryOptions options_;

  std::mutex mutex_;  // one change of history at a time
  // Under mutex_: what was last looked at, so that nothing is looked at again in vain.
  std::map<TableId, std::pair<uint64_t, size_t>> thinned_;  // archive's generation, images
  std::map<Region, std::map<TableId, log::Position>> needs_;
  std::map<Region, uint64_t> dropped_at_;  // archive's generation
  std::set<ImageId> incomplete_told_;

  // Switched on by changes that failed and may be there after the next start: their history must
  // not have a hole then.
  mutable std::mutex doubtful_mutex_;                     // behind mutex_
  std::map<TableId, std::pair<Region, Bytes>> doubtful_;  // with the newest key, wrapped

  std::mutex opening_;
  mutable std::shared_mutex archives_mutex_;
  std::map<Region, std::unique_ptr<archive::Archive>> archives_;
  std::map<Region, std::string> unopened_;  // why
  std::map<ImageId, uint64_t> alone_;       // under archives_mutex_; AloneBytes
  bool stopped_ = false;                    // under archives_mutex_
};

}  // namespace tidemark::pitr
