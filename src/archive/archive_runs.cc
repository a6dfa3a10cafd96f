// The archive's runs: who reads them and which may go. Sorting is in archive.cc.
#include <algorithm>

#include "archive/archive.h"
#include "archive/run_reader.h"
#include "archive/run_writer.h"
#include "base/files.h"
#include "base/log.h"

namespace tidemark::archive {

View::~View() { archive_.Release(*this); }

std::shared_ptr<const View> Archive::Look(std::optional<log::Position> hold_from) {
  std::shared_ptr<View> view(new View(*this, keys_));
  std::lock_guard lock(mutex_);
  view->directory_ = options_.directory;
  view->runs_ = list_.runs;
  view->mark_ = list_.mark;
  view->hold_ = hold_from ? std::min(*hold_from, list_.mark) : list_.mark;
  holds_.insert(view->hold_);
  for (const RunInfo& run : view->runs_) ++viewed_[run.id];
  PublishFloor();
  return view;
}

void Archive::Release(const View& view) {
  std::lock_guard lock(mutex_);
  holds_.erase(holds_.find(view.hold_));
  for (const RunInfo& run : view.runs_) {
    const auto at = viewed_.find(run.id);
    if (--at->second == 0) viewed_.erase(at);
  }
  PublishFloor();
}

const std::vector<TableId>* Archive::TablesOf(const RunInfo& run) {
  {
    std::lock_guard lock(mutex_);
    const auto at = tables_of_.find(run.id);
    if (at != tables_of_.end()) return &at->second;
  }
  const auto opened = archive::Run::Open(RunPath(options_.directory, run.id), run, keys_);
  if (!opened) {
    LogWarn("{}", opened.error().message);
    return nullptr;
  }
  std::vector<TableId> ids;
  for (const SectionEntry& section : (*opened)->directory()) ids.push_back(section.table);
  std::lock_guard lock(mutex_);
  return &(tables_of_[run.id] = std::move(ids));
}

Result<void> Archive::DropRuns(const std::map<TableId, log::Position>& needs) {
  std::optional<log::Position> oldest_need;
  for (const auto& [table, need] : needs) {
    if (!oldest_need || need < *oldest_need) oldest_need = need;
  }
  const auto is_needed = [&](const RunInfo& run) {
    if (!oldest_need || run.to <= *oldest_need) return false;
    const auto* tables = TablesOf(run);
    if (!tables) return true;  // unreadable: kept until its time is over for all
    return std::any_of(tables->begin(), tables->end(), [&](TableId table) {
      const auto need = needs.find(table);
      return need != needs.end() && run.to > need->second;
    });
  };
  std::set<RunId> dropped;
  std::vector<RunInfo> runs;
  {
    std::lock_guard lock(mutex_);
    runs = list_.runs;
    std::erase_if(runs, [&](const RunInfo& run) { return viewed_.contains(run.id); });
  }
  for (const RunInfo& run : runs) {
    if (!is_needed(run)) dropped.insert(run.id);
  }
  bool has_old_gaps = false;
  const auto is_old = [&](const Gap& gap) { return !oldest_need || gap.to <= *oldest_need; };
  for (const Gap& gap : Gaps()) has_old_gaps = has_old_gaps || is_old(gap);
  if (dropped.empty() && !has_old_gaps) return {};
  TM_TRYV(EditList([&](RunList& list) {
    std::erase_if(list.runs, [&](const RunInfo& run) { return dropped.contains(run.id); });
    std::erase_if(list.gaps, is_old);
    std::erase_if(list.tables, [&](const auto& entry) { return !needs.contains(entry.first); });
  }));
  for (const RunId& id : dropped) {
    const std::string path = RunPath(options_.directory, id);
    if (auto removed = RemoveFile(path); !removed)
      LogWarn("{} stays until the next start: {}", path, removed.error().message);
    std::lock_guard lock(mutex_);
    tables_of_.erase(id);
  }
  return {};
}

TableSums Archive::SumsOf(TableId table) const {
  std::lock_guard lock(mutex_);
  const auto at = list_.tables.find(table);
  return at == list_.tables.end() ? TableSums{} : at->second;
}

std::vector<Gap> Archive::Gaps() const {
  std::lock_guard lock(mutex_);
  return list_.gaps;
}

}  // namespace tidemark::archive
