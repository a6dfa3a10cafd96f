#include "pitr/past.h"

#include <algorithm>

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
      recovery_(recovery),
      options_(options),
      sections_(options.sections_bytes_max),
      images_(shards, engine, random, "views", options.images_max, options.image_idle) {}

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
    auto image = images_.Open(past.image(), past.image().table, /*of_backup=*/false);
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
  const auto now = Steady::now();
  const auto key_of = [&](TableId id) {
    const auto table = catalog_.FindTable(id);
    return table && table->pitr.enabled ? table->pitr.history_key : Bytes();
  };
  std::vector<TableId> forgotten;
  images_.Tend([&](const catalog::ImageRecord& image) {
    const bool is_forgotten = key_of(image.table).empty();
    if (is_forgotten) forgotten.push_back(image.table);
    return is_forgotten;
  });
  std::lock_guard lock(mutex_);
  for (const auto& [table, timeline] : timelines_) {
    if (key_of(table) != timeline.history_key) forgotten.push_back(table);
  }
  for (const TableId& table : forgotten) ForgetTable(table);
  std::erase_if(timelines_,
                [&](const auto& entry) { return now - entry.second.used > options_.tail_idle; });
}

PastStats Past::Stats() const {
  PastStats stats;
  stats.images = images_.count();
  std::lock_guard lock(mutex_);
  stats.tails = timelines_.size();
  for (const auto& [table, timeline] : timelines_)
    stats.tail_bytes += timeline.tail->memory_bytes();
  stats.section_bytes = sections_.memory_bytes();
  return stats;
}

}  // namespace tidemark::pitr
