// One table's history in a view of the archive: row versions, totals and activity from its runs.
// What lies in the log behind the view's mark comes on top (pitr reads it).
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "archive/archive.h"
#include "archive/section_format.h"
#include "archive/versions.h"

namespace tidemark::archive {

class Section;
class SectionCache;

class TableHistory {
 public:
  // What of `table` lies in the log from `from` on (and some before, as far as a run reaches back),
  // with commit times at or before `until`. `cache`: where sections are kept; null: nowhere. It
  // must outlive this. Errors: kCorruption, kKeyDisabled (the history key).
  static Result<TableHistory> Open(std::shared_ptr<const View> view, const HistoryTable& table,
                                   log::Position from, Timestamp until,
                                   SectionCache* cache = nullptr);

  // Runs are opened in groups, in log order, so that neither memory nor descriptors grow with their
  // number: some 130 KiB and one descriptor for each run of the group.
  size_t groups() const;
  class Group {
   public:
    // Of rows with keys in [begin, end), end empty: all. By (key, time descending); versions later
    // than `until` may be among them. Any thread.
    std::unique_ptr<VersionStream> Versions(const Bytes& begin = {}, const Bytes& end = {}) const;

   private:
    friend class TableHistory;
    std::vector<std::shared_ptr<const Section>> sections_;
  };
  Result<Group> OpenGroup(size_t group) const;

  // --- Single rows and ranges, from all runs at once: filters leave most of them out.

  // The row's newest version at or before `until`; nullopt: none.
  Result<std::optional<KeptVersion>> NewestOf(BytesView key, Timestamp until) const;
  // All versions of the row, newest first. Runs are opened as it comes to them.
  std::unique_ptr<VersionStream> VersionsOf(Bytes key) const;
  struct Rows {
    Bytes begin, end;  // of keys; end exclusive, empty: all
    bool reverse = false;
    Timestamp after{};  // versions up to then are not asked for, and may be left out
  };
  // Of each row the newest version at or before `until`, in order of keys.
  Result<std::unique_ptr<VersionStream>> Newest(const Rows& rows, Timestamp until) const;

  // The table's totals after its last change at or before `time`; nullopt: no such change in runs.
  Result<std::optional<shard::Totals>> TotalsAt(Timestamp time) const;

  // Per second of commit time, seconds of [from, until] with activity only.
  Result<std::vector<SecondActivity>> Activity(Timestamp from, Timestamp until) const;
  // What was taken away, by access key, in minutes that touch [from, until].
  struct BurstBy {
    Bytes access_key;
    Burst burst;
  };
  Result<std::vector<BurstBy>> Bursts(Timestamp from, Timestamp until) const;

 private:
  TableHistory(std::shared_ptr<const View> view, TableId table, const crypto::Key256& key,
               SectionCache* cache)
      : view_(std::move(view)), table_(table), key_(key), cache_(cache) {}
  class RowStream;
  Result<std::shared_ptr<const Section>> OpenSection(const RunInfo& run) const;
  // To read rows: kept ones are used.
  Result<std::shared_ptr<const Section>> RowsOf(const RunInfo& run) const;

  std::shared_ptr<const View> view_;
  TableId table_;
  crypto::Key256 key_;
  SectionCache* cache_;
  std::vector<RunInfo> runs_;  // in log order; some may hold nothing of the table
};

}  // namespace tidemark::archive
