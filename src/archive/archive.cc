#include "archive/archive.h"

#include <time.h>

#include "archive/idle_priority.h"
#include "archive/run_writer.h"
#include "archive/sorter.h"
#include "base/files.h"
#include "base/log.h"

namespace tidemark::archive {
namespace {

constexpr std::chrono::seconds kLookInterval{1};
constexpr double kWorkSlice = 0.001;          // seconds
constexpr double kLongestRest = 0.05;         // seconds
constexpr uint32_t kFirstFrameOffset = 4096;  // behind a segment's header

double ThreadCpuSeconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// Bytes of log from `from` on.
uint64_t BytesFrom(const log::CommitLog& log, log::Position from) {
  uint64_t bytes = 0;
  for (const auto& segment : log.Segments()) {
    if (segment.segment > from.segment) bytes += segment.bytes;
    if (segment.segment == from.segment && segment.bytes > from.offset)
      bytes += segment.bytes - from.offset;
  }
  return bytes;
}

// Runs that a crash left without an entry in the list, and files begun.
Result<void> RemoveLeftovers(const std::string& directory, const RunList& list) {
  std::set<std::string> known;
  for (const RunInfo& run : list.runs) known.insert(RunPath(directory, run.id));
  TM_TRY(const auto names, ListDirectory(directory));
  for (const std::string& name : names) {
    const std::string path = directory + "/" + name;
    const bool begun = name.ends_with(".new");
    if (!begun && (!name.ends_with(kRunSuffix) || known.contains(path))) continue;
    LogInfo("removing {}, left by unfinished work", path);
    TM_TRYV(RemoveFile(path));
  }
  return {};
}

}  // namespace

Bytes HistoryKeyContext(TableId table) { return "history of table " + table.ToString(); }

Result<std::unique_ptr<Archive>> Archive::Open(ArchiveOptions options, log::CommitLog& log,
                                               crypto::DataKeyProvider& keys, Random& random) {
  TM_TRYV(MakeDirectories(options.directory));
  TM_TRY(auto list, LoadRunList(options.directory + "/LIST", keys));
  if (list.mark == log::Position{}) list.mark = log.begin();
  if (list.mark.log_id != log.log_id()) {
    return Fail(ErrorKind::kCorruption,
                "the archive {} is of commit log {}, but the log there is {}. Put the right log "
                "back; or move the archive away, which gives up the history before now",
                options.directory, list.mark.log_id, log.log_id());
  }
  // The mark may stand at the front of a segment that was begun, got no frame, and is gone.
  const log::Position end = log.end();
  if (list.mark.segment == end.segment + 1 && list.mark.offset <= kFirstFrameOffset)
    list.mark = end;
  if (list.mark > end) {
    return Fail(
        ErrorKind::kCorruption,
        "the archive {} holds the commit log up to {}, but the log ends at {}: its newest "
        "part is missing. Put it back; or move the archive away, which gives up the history "
        "before now",
        options.directory, list.mark.ToString(), end.ToString());
  }
  TM_TRYV(RemoveLeftovers(options.directory, list));
  return std::unique_ptr<Archive>(
      new Archive(std::move(options), log, keys, random, std::move(list)));
}

Archive::Archive(ArchiveOptions options, log::CommitLog& log, crypto::DataKeyProvider& keys,
                 Random& random, RunList list)
    : options_(std::move(options)),
      log_(log),
      keys_(keys),
      random_(random),
      list_(std::move(list)) {
  PublishFloor();
  if (options_.by_itself) thread_ = std::thread([this] { Run(); });
}

Archive::~Archive() {
  {
    std::lock_guard lock(wake_mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Archive::Run() {
  RunWhenIdle();
  std::unique_lock lock(wake_mutex_);
  while (!wake_.wait_for(lock, kLookInterval, [&] { return stopping_.load(); })) {
    lock.unlock();
    rested_at_cpu_ = ThreadCpuSeconds();
    auto sorted = !UnitIsDue() ? Result<void>() : SortUnit([this] {
      Rest();
      return stopping_.load();
    });
    if (!sorted && sorted.error().kind != ErrorKind::kCancelled) {
      std::lock_guard state(mutex_);
      if (sorting_.stuck != sorted.error().message) {
        LogError("history is not sorted any further, the commit log keeps it: {}",
                 sorted.error().message);
      }
      sorting_.stuck = sorted.error().message;
    }
    lock.lock();
  }
}

void Archive::Rest() {
  const double worked = ThreadCpuSeconds() - rested_at_cpu_;
  if (worked < kWorkSlice || waiting_ > 0) return;
  const double units = static_cast<double>(DebtBytes()) / static_cast<double>(options_.unit_bytes);
  const double rest = worked * (units < 2 ? 8 : units < 4 ? 2 : 0);
  std::unique_lock lock(wake_mutex_);
  wake_.wait_for(lock, std::chrono::duration<double>(std::min(rest, kLongestRest)),
                 [&] { return stopping_ || waiting_ > 0; });
  rested_at_cpu_ = ThreadCpuSeconds();
}

Result<void> Archive::SortIfDue() {
  if (!UnitIsDue()) return {};
  return Drain();
}

bool Archive::UnitIsDue() {
  const log::Position from = mark();
  if (log_.end() <= from) return false;
  // Nothing to keep: the mark moves on at once, so that the log need not.
  if (options_.tables().empty()) return true;
  if (wanted_.exchange(false)) return true;
  if (DebtBytes() >= options_.unit_bytes) return true;
  if (!oldest_behind_ || *oldest_behind_ != from) {
    const auto readable = ReadableFrom(log_, from);
    if (!readable) return true;  // sorting will say what is wrong
    auto reader = log_.Read(*readable);
    if (!reader) return true;
    const auto frame = (*reader)->Next();
    if (!frame) return true;
    if (!*frame) return false;
    std::lock_guard lock(mutex_);
    oldest_behind_ = from;
    oldest_commit_ = (*frame)->header.first_commit;
  }
  return options_.now() - oldest_commit_ >= options_.unit_age;
}

Result<void> Archive::Drain() {
  {
    std::lock_guard lock(wake_mutex_);
    ++waiting_;
  }
  wake_.notify_all();
  auto sorted = SortUnit([this] { return stopping_.load(); });
  --waiting_;
  return sorted;
}

Result<void> Archive::SortUnit(const std::function<bool()>& cancelled) {
  std::lock_guard work(work_mutex_);
  const log::Position end = log_.end();
  const uint64_t bytes_before = DebtBytes();
  const double cpu_begun = ThreadCpuSeconds();
  while (mark() < end) TM_TRYV(SortBatch(end, cancelled));
  const uint64_t behind = BytesFrom(log_, end);
  std::lock_guard lock(mutex_);
  sorting_.stuck.clear();
  sorting_.sorted_log_bytes += bytes_before - std::min(bytes_before, behind);
  sorting_.sorting_cpu_seconds += ThreadCpuSeconds() - cpu_begun;
  return {};
}

Result<void> Archive::SortBatch(log::Position end, const std::function<bool()>& cancelled) {
  std::vector<HistoryTable> tables;
  log::Position from;
  {
    // From here on a table that is switched on begins its history behind `end`, or is in `tables`.
    std::lock_guard begin(begin_mutex_);
    tables = options_.tables();
    std::lock_guard lock(mutex_);
    from = list_.mark;
    sorting_to_ = end;
  }
  // Also when it fails: it begins again at the mark, and asks anew.
  const std::unique_ptr<Archive, void (*)(Archive*)> ended(this, [](Archive* archive) {
    std::lock_guard lock(archive->mutex_);
    archive->sorting_to_ = {};
  });
  if (tables.empty()) {
    if (end.segment == from.segment) {  // not worth a sync: a start would find it out again
      std::lock_guard store(store_mutex_);
      std::lock_guard lock(mutex_);
      list_.mark = end;
      PublishFloor();
      return {};
    }
    return EditList([&](RunList& list) { list.mark = end; });
  }
  std::map<TableId, crypto::Key256> history_keys;
  std::set<TableId> held;
  for (const HistoryTable& table : tables) {
    auto key = keys_.Unwrap(table.wrapped_key, HistoryKeyContext(table.id));
    if (!key && key.error().kind == ErrorKind::kKeyDisabled) {
      held.insert(table.id);
      continue;
    }
    // Its key is gone for good: nobody could read what would be kept.
    if (!key && key.error().kind == ErrorKind::kNotFound) continue;
    if (!key) {
      return Fail(WithContext(key.error(), "the history key of table {}", table.id.ToString()));
    }
    history_keys.emplace(table.id, *key);
  }
  TM_TRY(auto batch, ReadBatch(log_,
                               {.from = from,
                                .end = end,
                                .tables = history_keys,
                                .held = held,
                                .memory_bytes = options_.batch_memory_bytes},
                               cancelled));
  if (batch.mark == from && !batch.gap) {
    return Fail(ErrorKind::kKeyDisabled,
                "changes of a table whose KMS key is disabled come next; the log keeps them until "
                "the key is enabled, or the table deleted");
  }
  std::optional<WrittenRun> written;
  if (!batch.content.sections.empty()) {
    batch.content.id = RunId::Make(random_);
    TM_TRY(written, WriteRun(options_.directory, batch.content, history_keys, keys_, cancelled));
  }
  if (batch.gap) {
    LogError("history has a gap: [{}, {}): {}", batch.gap->from.ToString(),
             batch.gap->to.ToString(), batch.gap->why);
  }
  TM_TRYV(EditList([&](RunList& list) {
    list.mark = batch.mark;
    if (batch.gap) list.gaps.push_back(*batch.gap);
    if (!written) return;
    list.runs.push_back(written->info);
    for (const SectionEntry& section : written->directory) {
      TableSums& sums = list.tables[section.table];
      sums.raw_bytes += section.raw_bytes;
      sums.stored_bytes += section.bytes;
      if (section.versions) sums.last_commit = section.last_commit;
    }
  }));
  if (written) {
    std::lock_guard lock(mutex_);
    auto& ids = tables_of_[written->info.id];
    for (const SectionEntry& section : written->directory) ids.push_back(section.table);
  }
  return {};
}

Result<void> Archive::EditList(const std::function<void(RunList&)>& edit) {
  std::lock_guard store(store_mutex_);
  RunList list;
  {
    std::lock_guard lock(mutex_);
    list = list_;
  }
  edit(list);
  TM_TRYV(StoreRunList(ListPath(), list, keys_));
  std::lock_guard lock(mutex_);
  if (list.runs.size() != list_.runs.size()) ++generation_;
  list_ = std::move(list);
  PublishFloor();
  return {};
}

void Archive::PublishFloor() {
  log::Position floor = list_.mark;
  if (!holds_.empty()) floor = std::min(floor, *holds_.begin());
  floor_.store(uint64_t{floor.segment} << 32 | floor.offset);
}

log::Position Archive::Floor() const {
  const uint64_t floor = floor_.load();
  return {log_.log_id(), static_cast<uint32_t>(floor >> 32), static_cast<uint32_t>(floor)};
}

log::Position Archive::NextBegin() const {
  std::lock_guard lock(mutex_);
  return std::max(list_.mark, sorting_to_);
}

log::Position Archive::mark() const {
  std::lock_guard lock(mutex_);
  return list_.mark;
}

uint64_t Archive::DebtBytes() const { return BytesFrom(log_, mark()); }

ArchiveStats Archive::Stats() const {
  const uint64_t debt = DebtBytes();
  const Timestamp now = options_.now();
  std::lock_guard lock(mutex_);
  ArchiveStats stats = sorting_;
  stats.runs = list_.runs.size();
  for (const RunInfo& run : list_.runs) stats.run_bytes += run.bytes;
  stats.gaps = list_.gaps.size();
  stats.debt_bytes = debt;
  if (debt && oldest_behind_ == list_.mark)
    stats.debt_age = std::max(Micros{}, now - oldest_commit_);
  return stats;
}

}  // namespace tidemark::archive
