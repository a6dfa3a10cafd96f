#include "archive/history.h"

#include <algorithm>

#include "archive/run_reader.h"
#include "archive/run_writer.h"
#include "archive/section_cache.h"

namespace tidemark::archive {
namespace {

constexpr size_t kRunsPerGroup = 64;

}  // namespace

Result<TableHistory> TableHistory::Open(std::shared_ptr<const View> view, const HistoryTable& table,
                                        log::Position from, Timestamp until, SectionCache* cache) {
  TM_TRY(const auto key, view->keys().Unwrap(table.wrapped_key, HistoryKeyContext(table.id)));
  TableHistory history(view, table.id, key, cache);
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

Result<TableHistory::Group> TableHistory::OpenGroup(size_t number) const {
  Group group;
  const size_t last = std::min(runs_.size(), (number + 1) * kRunsPerGroup);
  for (size_t i = number * kRunsPerGroup; i < last; ++i) {
    TM_TRY(auto section, OpenSection(runs_[i]));
    if (section) group.sections_.push_back(std::move(section));
  }
  return group;
}

std::unique_ptr<VersionStream> TableHistory::Group::Versions(const Bytes& begin,
                                                             const Bytes& end) const {
  std::vector<std::unique_ptr<VersionStream>> streams;
  for (const auto& section : sections_) streams.push_back(section->Scan(begin, end));
  return MergeVersions(std::move(streams));
}

Result<std::shared_ptr<const Section>> TableHistory::RowsOf(const RunInfo& run) const {
  return cache_ ? cache_->Get(*view_, run, table_, key_) : OpenSection(run);
}

Result<std::optional<KeptVersion>> TableHistory::NewestOf(BytesView key, Timestamp until) const {
  // Later runs have later versions.
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    if (run->first_commit > until) continue;
    TM_TRY(const auto section, RowsOf(*run));
    auto versions = section ? section->ScanRow(key) : nullptr;
    if (!versions) continue;
    NewestVersions newest(std::move(versions), until);
    TM_TRY(const RowVersion* version, newest.Next());
    if (version) return KeptVersion(*version);
  }
  return std::nullopt;
}

Result<std::unique_ptr<VersionStream>> TableHistory::Newest(const Rows& rows,
                                                            Timestamp until) const {
  std::vector<std::unique_ptr<VersionStream>> streams;
  for (const RunInfo& run : runs_) {
    if (run.first_commit > until || run.last_commit <= rows.after) continue;
    TM_TRY(const auto section, RowsOf(run));
    if (section && section->MayHold(rows.begin, rows.end))
      streams.push_back(section->Scan(rows.begin, rows.end, rows.reverse));
  }
  return std::make_unique<NewestVersions>(MergeVersions(std::move(streams), rows.reverse), until);
}

// Versions of one row from the newest run to the oldest.
class TableHistory::RowStream : public VersionStream {
 public:
  RowStream(TableHistory history, Bytes key) : history_(std::move(history)), key_(std::move(key)) {}

  Result<const RowVersion*> Next() override {
    while (true) {
      if (versions_) {
        TM_TRY(const RowVersion* version, versions_->Next());
        if (version) return version;
        versions_.reset();
      }
      if (history_.runs_.empty()) return nullptr;
      const RunInfo run = history_.runs_.back();
      history_.runs_.pop_back();
      TM_TRY(const auto section, history_.RowsOf(run));
      if (section) versions_ = section->ScanRow(key_);
    }
  }

 private:
  TableHistory history_;
  const Bytes key_;
  std::unique_ptr<VersionStream> versions_;
};

std::unique_ptr<VersionStream> TableHistory::VersionsOf(Bytes key) const {
  return std::make_unique<RowStream>(*this, std::move(key));
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
        activity.back().overwrites += entry.overwrites;
        activity.back().deletes += entry.deletes;
      } else {
        activity.push_back(entry);
      }
    }
  }
  return activity;
}

Result<std::vector<TableHistory::BurstBy>> TableHistory::Bursts(Timestamp from,
                                                                Timestamp until) const {
  std::vector<BurstBy> bursts;
  for (const RunInfo& run : runs_) {
    if (run.last_commit < from || run.first_commit > until) continue;
    TM_TRY(const auto section, OpenSection(run));
    if (!section) continue;
    const SectionMeta& meta = section->meta();
    for (const Burst& burst : meta.bursts) {
      if (burst.last >= from && burst.first <= until)
        bursts.push_back({meta.access_keys[burst.access_key], burst});
    }
  }
  return bursts;
}

}  // namespace tidemark::archive
