#include "catalog/settings_history.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

namespace tidemark::catalog {
namespace {

// settings/<table id>/<microseconds, 20 digits>
std::string SettingsPath(TableId id, Timestamp time) {
  return fmt::format("{}{}/{:020}", SettingsHistory::kPath, id.ToString(), ToMicros(time));
}

// The first of `times` that still counts when settings before `before` do not: the newest at or
// before it.
size_t FirstKept(const std::vector<Timestamp>& times, std::optional<Timestamp> before) {
  if (!before) return times.size();
  const auto later = std::ranges::upper_bound(times, *before);
  return later == times.begin() ? 0 : static_cast<size_t>(later - times.begin()) - 1;
}

}  // namespace

Result<void> SettingsHistory::Load(std::string_view path) {
  const std::string_view rest = path.substr(kPath.size());
  const size_t slash = rest.find('/');
  const auto id = TableId::Parse(rest.substr(0, slash));
  int64_t micros = 0;
  const std::string_view digits = slash == rest.npos ? "" : rest.substr(slash + 1);
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), micros);
  if (!id || digits.empty() || read.ptr != digits.data() + digits.size())
    return Fail(ErrorKind::kCorruption, "a row of settings has the path {}", path);
  Note(*id, FromMicros(micros));
  return {};
}

SettingsHistory::Turn SettingsHistory::Take(TableId id) {
  std::shared_ptr<std::mutex> mutex;
  {
    std::lock_guard lock(turns_mutex_);
    mutex = turns_[id].lock();
    if (!mutex) {
      std::erase_if(turns_, [](const auto& turn) { return turn.second.expired(); });
      turns_[id] = mutex = std::make_shared<std::mutex>();
    }
  }
  return Turn(std::move(mutex));
}

RowEdit SettingsHistory::RowOf(const SettingsRecord& record) {
  return {SettingsPath(record.table.id, record.time), EncodeSettingsRecord(record)};
}

std::vector<RowEdit> SettingsHistory::Erasures(TableId id, std::optional<Timestamp> before) const {
  std::vector<RowEdit> edits;
  const auto times = TimesOf(id);
  for (size_t i = 0; i < FirstKept(times, before); ++i)
    edits.push_back({SettingsPath(id, times[i]), std::nullopt});
  return edits;
}

void SettingsHistory::Note(TableId id, Timestamp time) {
  std::unique_lock lock(mutex_);
  auto& times = times_[id];
  const auto at = std::ranges::lower_bound(times, time);
  if (at == times.end() || *at != time) times.insert(at, time);
}

void SettingsHistory::Forget(TableId id, std::optional<Timestamp> before) {
  std::unique_lock lock(mutex_);
  const auto at = times_.find(id);
  if (at == times_.end()) return;
  auto& times = at->second;
  times.erase(times.begin(), times.begin() + static_cast<ptrdiff_t>(FirstKept(times, before)));
  if (times.empty()) times_.erase(at);
}

bool SettingsHistory::Knows(TableId id) const {
  std::shared_lock lock(mutex_);
  return times_.contains(id);
}

bool SettingsHistory::ChangedSince(TableId id, Timestamp time) const {
  std::shared_lock lock(mutex_);
  const auto at = times_.find(id);
  return at != times_.end() && at->second.back() > time;
}

std::vector<TableId> SettingsHistory::Tables() const {
  std::shared_lock lock(mutex_);
  std::vector<TableId> tables;
  for (const auto& [id, times] : times_) tables.push_back(id);
  return tables;
}

std::vector<Timestamp> SettingsHistory::TimesOf(TableId id) const {
  std::shared_lock lock(mutex_);
  const auto at = times_.find(id);
  return at == times_.end() ? std::vector<Timestamp>() : at->second;
}

Result<std::vector<SettingsRecord>> SettingsHistory::Read(TableId id, Timestamp from,
                                                          Timestamp until) const {
  std::vector<SettingsRecord> records;
  const auto times = TimesOf(id);
  for (size_t i = FirstKept(times, from); i < times.size(); ++i) {
    if (times[i] > until && !records.empty()) break;
    TM_TRY(const auto row, rows_.Get(SettingsPath(id, times[i])));
    if (!row) continue;  // it has left the window since
    TM_TRY(records.emplace_back(), DecodeSettingsRecord(*row));
  }
  return records;
}

}  // namespace tidemark::catalog
