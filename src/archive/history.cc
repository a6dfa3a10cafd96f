#include "archive/history.h"

#include <algorithm>

#include "archive/run_reader.h"
#include "archive/run_writer.h"

namespace tidemark::archive {
namespace {

constexpr size_t kRunsPerGroup = 64;

}  // namespace

Result<TableHistory> TableHistory::Open(std::shared_ptr<const View> view, const HistoryTable& table,
                                        log::Position from, Timestamp until) {
  TM_TRY(const auto key, view->keys().Unwrap(table.wrapped_key, HistoryKeyContext(table.id)));
  TableHistory history(view, table.id, key);
  for (const RunInfo& run : view->runs()) {
    if (run.to > from && run.first_commit <= until) history.runs_.push_back(run);
  }
  return history;
}

size_t TableHistory::groups() const { return (runs_.size() + kRunsPerGroup - 1) / kRunsPerGroup; }

Result<std::shared_ptr<const Section>> TableHistory::OpenSection(const RunInfo& run) const {
  TM_TRY(auto opened, Run::Open(RunPath(view_->directory(), run.id), run, view_->keys()));
  return Section::Open(std::move(opened), table_, key_);
}

Result<std::unique_ptr<VersionStream>> TableHistory::Versions(size_t group, Bytes begin,
                                                              Bytes end) const {
  std::vector<std::unique_ptr<VersionStream>> streams;
  const size_t last = std::min(runs_.size(), (group + 1) * kRunsPerGroup);
  for (size_t i = group * kRunsPerGroup; i < last; ++i) {
    TM_TRY(const auto section, OpenSection(runs_[i]));
    if (section) streams.push_back(section->Scan(begin, end));
  }
  return MergeVersions(std::move(streams));
}

Result<std::optional<shard::Totals>> TableHistory::TotalsAt(Timestamp time) const {
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    if (run->first_commit > time) continue;
    TM_TRY(const auto section, OpenSection(*run));
    if (!section) continue;
    TM_TRY(const auto totals, section->TotalsAt(time));
    if (totals) return totals;
  }
  return std::nullopt;
}

Result<std::vector<SecondActivity>> TableHistory::Activity(Timestamp from, Timestamp until) const {
  const auto second_of = [](Timestamp time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  };
  std::vector<SecondActivity> activity;
  for (const RunInfo& run : runs_) {
    if (run.last_commit < from || run.first_commit > until) continue;
    TM_TRY(const auto section, OpenSection(run));
    if (!section) continue;
    for (const SecondActivity& entry : section->meta().seconds) {
      if (entry.second < second_of(from) || entry.second > second_of(until)) continue;
      if (!activity.empty() && activity.back().second == entry.second) {  // it spans two runs
        activity.back().puts += entry.puts;
        activity.back().deletes += entry.deletes;
      } else {
        activity.push_back(entry);
      }
    }
  }
  return activity;
}

}  // namespace tidemark::archive
