#include "pitr/past.h"

#include <algorithm>

#include "base/files.h"
#include "base/log.h"
#include "pitr/images.h"
#include "pitr/past_rows.h"

namespace tidemark::pitr {
namespace {

// Of an image that is dropped, or a tail that is sorted, between two steps.
constexpr int kAttempts = 4;

}  // namespace

Past::Past(catalog::Catalog& catalog, catalog::Shards& shards, engine::Engine& engine,
           Recovery& recovery, Random& random, PastOptions options)
    : catalog_(catalog),
      shards_(shards),
      engine_(engine),
      recovery_(recovery),
      random_(random),
      options_(options),
      sections_(options.sections_bytes_max) {}

Result<std::string> Past::ViewsDirectory(const Region& region) {
  const shard::Shard* shard = shards_.Find(region);
  if (!shard) return Fail(ErrorKind::kInternal, "Region {} has no shard", region.value);
  const std::string directory = ParentDirectory(shard->ImagesDirectory()) + "/views";
  if (!cleaned_.contains(region)) {
    TM_TRYV(RemoveTree(directory));
    TM_TRYV(MakeDirectories(directory));
    cleaned_.insert(region);
  }
  return directory;
}

Result<std::shared_ptr<const engine::RowReader>> Past::ReaderOf(const catalog::ImageRecord& image) {
  const auto find = [&]() -> std::shared_ptr<const engine::RowReader> {
    std::lock_guard lock(mutex_);
    const auto at = images_.find(image.id);
    if (at == images_.end()) return nullptr;
    at->second.used = Steady::now();
    return at->second.reader;
  };
  if (auto open = find()) return open;
  std::lock_guard opening(opening_);
  if (auto open = find()) return open;
  shard::Shard* shard = shards_.Find(image.region);
  if (!shard) return Fail(ErrorKind::kInternal, "Region {} has no shard", image.region.value);
  TM_TRY(const std::string views, ViewsDirectory(image.region));
  TM_TRY(auto reader,
         engine_.OpenImage(ImagePath(*shard, image),
                           views + "/" + ImageId::Make(random_).ToString(), image.table));
  std::shared_ptr<const engine::RowReader> shared = std::move(reader);
  std::vector<OpenImage> closed;  // outside the lock
  std::lock_guard lock(mutex_);
  while (!images_.empty() && images_.size() >= options_.images_max) {
    const auto oldest = std::min_element(
        images_.begin(), images_.end(),
        [](const auto& a, const auto& b) { return a.second.used < b.second.used; });
    closed.push_back(std::move(oldest->second));
    images_.erase(oldest);
  }
  images_[image.id] = {image.table, shared, Steady::now()};
  return shared;
}

// The timeline to read `image` with; without one, that of runs.
Result<Past::Timeline> Past::TimelineOf(const catalog::TableRecord& table,
                                        const catalog::ImageRecord* image) {
  TM_TRY(archive::Archive * archive, recovery_.ArchiveOf(table.region));
  shard::Shard* shard = shards_.Find(table.region);
  const auto fits = [&](const Timeline& timeline) {
    if (timeline.history_key != table.pitr.history_key) return false;
    if (!image) return true;
    return timeline.log_from ? *timeline.log_from <= image->replay_from : !image->needs_log;
  };
  std::lock_guard lock(mutex_);
  const auto at = timelines_.find(table.id);
  const bool usable = at != timelines_.end() && fits(at->second);
  if (usable && at->second.view->mark() == archive->mark()) {
    at->second.used = Steady::now();
    return at->second;
  }
  Timeline made{.history_key = table.pitr.history_key};
  if (image && image->needs_log) made.log_from = image->replay_from;
  made.view = archive->Look(made.log_from);
  made.used = Steady::now();
  const log::Position from = made.log_from.value_or(made.view->mark());
  const auto& runs = made.view->runs();
  const Timestamp before = made.log_from || runs.empty() ? Timestamp{} : runs.back().last_commit;
  // What was read already, and is not in runs now, need not be read again.
  if (usable && (!at->second.log_from || *at->second.log_from <= from)) {
    made.tail = at->second.tail->From(from, before);
  } else {
    made.tail = std::make_shared<LogTail>(shard->log(), table.id, from, before);
  }
  timelines_[table.id] = made;
  return made;
}

Result<TablePast> Past::Between(const catalog::TableRecord& table, Timestamp from,
                                Timestamp until) {
  shard::Shard* shard = shards_.Find(table.region);
  for (int attempt = 1;; ++attempt) {
    // Before the image is chosen: so no run since it can have been dropped.
    TM_TRY(Timeline timeline, TimelineOf(table));
    TM_TRY(const auto source, recovery_.FindSource(table, from));
    TablePast past;
    past.image_ = source.image;
    past.from_ = source.time;
    past.until_ = std::max(source.time, std::min(until, shard->Now()));
    TM_TRY(timeline, TimelineOf(table, source.image.get()));
    shard->Settle(past.until_);
    const auto read = timeline.tail->ReadTo(past.until_, options_.tail_bytes_max);
    if (!read) {
      const bool gone = read.error().kind == ErrorKind::kNotFound;
      const bool large = read.error().kind == ErrorKind::kLimitExceeded;
      {
        std::lock_guard lock(mutex_);
        timelines_.erase(table.id);
      }
      if (attempt == kAttempts || !(gone || large)) return Fail(read.error());
      TM_TRY(archive::Archive * archive, recovery_.ArchiveOf(table.region));
      if (large) TM_TRYV(archive->Drain());
      continue;
    }
    {
      std::lock_guard lock(mutex_);
      KeepWithinBounds(table.id);
    }
    if (timeline.tail->memory_bytes() > options_.tail_bytes_soft) {
      TM_TRY(archive::Archive * archive, recovery_.ArchiveOf(table.region));
      archive->SortSoon();
    }
    if (!timeline.log_from) {
      TM_TRY(past.history_,
             archive::TableHistory::Open(timeline.view, {table.id, table.pitr.history_key},
                                         source.image->replay_from, past.until_, &sections_));
    }
    past.view_ = std::move(timeline.view);
    past.tail_ = std::move(timeline.tail);
    return past;
  }
}

Result<std::shared_ptr<const engine::RowReader>> Past::At(const catalog::TableRecord& table,
                                                          Timestamp time) {
  for (int attempt = 1;; ++attempt) {
    TM_TRY(auto past, Between(table, time, time));
    auto image = ReaderOf(past.image());
    if (image) return std::make_shared<const PastRows>(std::move(*image), std::move(past));
    // Dropped since it was found: there is a newer one that serves.
    if (attempt == kAttempts || image.error().kind != ErrorKind::kNotFound)
      return Fail(image.error());
  }
}

void Past::KeepWithinBounds(TableId but) {
  size_t bytes = 0;
  for (const auto& [table, timeline] : timelines_) bytes += timeline.tail->memory_bytes();
  while (bytes > options_.tails_bytes_max) {
    auto oldest = timelines_.end();
    for (auto at = timelines_.begin(); at != timelines_.end(); ++at) {
      if (at->first != but && (oldest == timelines_.end() || at->second.used < oldest->second.used))
        oldest = at;
    }
    if (oldest == timelines_.end()) return;
    bytes -= oldest->second.tail->memory_bytes();
    timelines_.erase(oldest);
  }
}

void Past::ForgetTable(TableId table) {
  timelines_.erase(table);
  sections_.Forget(table);
}

void Past::Tend() {
  std::vector<OpenImage> closed;  // outside the lock
  std::lock_guard lock(mutex_);
  const auto now = Steady::now();
  const auto key_of = [&](TableId id) {
    const auto table = catalog_.FindTable(id);
    return table && table->pitr.enabled ? table->pitr.history_key : Bytes();
  };
  std::vector<TableId> forgotten;
  for (const auto& [table, timeline] : timelines_) {
    if (key_of(table) != timeline.history_key) forgotten.push_back(table);
  }
  for (auto at = images_.begin(); at != images_.end();) {
    const bool is_forgotten = key_of(at->second.table).empty();
    if (is_forgotten) forgotten.push_back(at->second.table);
    if (is_forgotten || now - at->second.used > options_.image_idle) {
      closed.push_back(std::move(at->second));
      at = images_.erase(at);
    } else {
      ++at;
    }
  }
  for (const TableId& table : forgotten) ForgetTable(table);
  std::erase_if(timelines_,
                [&](const auto& entry) { return now - entry.second.used > options_.tail_idle; });
}

PastStats Past::Stats() const {
  PastStats stats;
  std::lock_guard lock(mutex_);
  stats.images = images_.size();
  stats.tails = timelines_.size();
  for (const auto& [table, timeline] : timelines_)
    stats.tail_bytes += timeline.tail->memory_bytes();
  stats.section_bytes = sections_.memory_bytes();
  return stats;
}

}  // namespace tidemark::pitr
