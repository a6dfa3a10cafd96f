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

class TableHistory {
 public:
  // What of `table` lies in the log from `from` on (and some before, as far as a run reaches back),
  // with commit times at or before `until`. Errors: kCorruption, kKeyDisabled (the history key).
  static Result<TableHistory> Open(std::shared_ptr<const View> view, const HistoryTable& table,
                                   log::Position from, Timestamp until);

  // Runs are opened in groups, in log order, so that neither memory nor descriptors grow with their
  // number: some 130 KiB and one descriptor for each run of the group.
  size_t groups() const;
  // Of rows with keys in [begin, end), end empty: all. By (key, time descending); versions later
  // than `until` may be among them.
  Result<std::unique_ptr<VersionStream>> Versions(size_t group, Bytes begin = {},
                                                  Bytes end = {}) const;

  // The table's totals after its last change at or before `time`; nullopt: no such change in runs.
  Result<std::optional<shard::Totals>> TotalsAt(Timestamp time) const;

  // Puts and deletes per second of commit time, seconds of [from, until] with activity only.
  Result<std::vector<SecondActivity>> Activity(Timestamp from, Timestamp until) const;

  size_t runs() const { return runs_.size(); }
  log::Position mark() const { return view_->mark(); }

 private:
  TableHistory(std::shared_ptr<const View> view, TableId table, const crypto::Key256& key)
      : view_(std::move(view)), table_(table), key_(key) {}
  Result<std::shared_ptr<const Section>> OpenSection(const RunInfo& run) const;

  std::shared_ptr<const View> view_;
  TableId table_;
  crypto::Key256 key_;
  std::vector<RunInfo> runs_;  // in log order; some may hold nothing of the table
};

}  // namespace tidemark::archive
