// Reading the past without restoring: a table as it was after the last commit at or before an
// instant, and everything that was done to it since.
//
//   as of T = newest image <= T, linked to be read
//             + of each row the newest version <= T from the runs since
//             + the same from the log behind them (LogTail)
//
// What is opened for one request is kept for the next: image readers, sections of runs, and per
// table a tail of the log. All are bounded, and dropped when nobody asks for some time or the
// table's history is forgotten.
//
// Threads: any, and all calls may block on the disk: from the pool.
#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "archive/history.h"
#include "archive/section_cache.h"
#include "engine/table_store.h"
#include "pitr/log_tail.h"
#include "pitr/open_images.h"
#include "pitr/window.h"

namespace tidemark::pitr {

// Sizes other than those of production, for tests.
struct PastOptions {
  size_t sections_bytes_max = 64 << 20;
  // Of one table's tail: from there on its log is sorted soon; beyond it, at once.
  size_t tail_bytes_soft = 32 << 20;
  size_t tail_bytes_max = 128 << 20;
  size_t tails_bytes_max = 256 << 20;  // of all tables; least recently used ones go
  size_t images_max = 64;              // kept open
  std::chrono::seconds tail_idle = std::chrono::minutes(1);
  std::chrono::seconds image_idle = std::chrono::minutes(10);
};

// For operators: of this moment.
struct PastStats {
  size_t images = 0;
  size_t tails = 0;
  uint64_t tail_bytes = 0;
  uint64_t section_bytes = 0;
};

// One table's versions since an image, up to an instant. Holds runs and log readable: not to be
// kept. One thread.
class TablePast {
 public:
  const catalog::ImageRecord& image() const { return *image_; }
  Timestamp from() const { return from_; }
  Timestamp until() const { return until_; }

  // The newest version <= until since the image; nullopt: what the image has is the newest.
  Result<std::optional<archive::KeptVersion>> NewestOf(const Bytes& key) const;
  // Of rows with versions since the image, the newest <= until. Must not outlive this.
  Result<std::unique_ptr<archive::VersionStream>> Newest(
      const archive::TableHistory::Rows& rows) const;
  // All versions of a row <= until, newest first; some may be older than `from`.
  std::unique_ptr<archive::VersionStream> VersionsOf(const Bytes& key) const;

  // Changes of items in [from, until].
  Result<std::vector<archive::SecondActivity>> Activity() const;
  Result<std::vector<archive::TableHistory::BurstBy>> Bursts() const;

 private:
  friend class Past;
  TablePast() = default;

  catalog::ImagePtr image_;
  Timestamp from_{}, until_{};
  std::optional<archive::TableHistory> history_;  // none: all of it is in the tail
  std::shared_ptr<const archive::View> view_;     // what the tail stands on
  std::shared_ptr<const LogTail> tail_;
};

class Past {
 public:
  Past(catalog::Catalog& catalog, catalog::Shards& shards, engine::Engine& engine,
       Recovery& recovery, Random& random, PastOptions options = {});

  // The table's rows after the last commit at or before `time`, of all its indexes.
  // Errors: kPitrUnavailable, kInvalidRestoreTime, kKeyDisabled, kCorruption, kUnavailable.
  Result<std::shared_ptr<const engine::RowReader>> At(const catalog::TableRecord& table,
                                                      Timestamp time);
  // What was done to it in [from, until]; `until` in the future means now. Errors: the same.
  Result<TablePast> Between(const catalog::TableRecord& table, Timestamp from, Timestamp until);

  // Drops what is idle, and what belongs to histories that are forgotten. Now and then.
  void Tend();
  PastStats Stats() const;

 private:
  using Steady = std::chrono::steady_clock;
  // A table's log behind the archive's mark, and the archive at that mark.
  struct Timeline {
    Bytes history_key;  // whose history it is
    std::shared_ptr<const archive::View> view;
    std::shared_ptr<LogTail> tail;
    // Set: the tail begins here, before the mark, and makes up for runs.
    std::optional<log::Position> log_from;
    Steady::time_point used;
  };

  Result<Timeline> TimelineOf(const catalog::TableRecord& table,
                              const catalog::ImageRecord* image = nullptr);
  void ForgetTable(TableId table);     // under mutex_
  void KeepWithinBounds(TableId but);  // under mutex_

  catalog::Catalog& catalog_;
  catalog::Shards& shards_;
  Recovery& recovery_;
  const PastOptions options_;
  archive::SectionCache sections_;
  OpenImages images_;

  mutable std::mutex mutex_;  // what follows
  std::map<TableId, Timeline> timelines_;
};

}  // namespace tidemark::pitr
