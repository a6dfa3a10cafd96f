// Recovery's upkeep and its archives; switching and windows are in window.cc.
#include <algorithm>

#include "base/files.h"
#include "base/log.h"
#include "pitr/image_policy.h"
#include "pitr/images.h"
#include "pitr/replay.h"
#include "pitr/window.h"

namespace tidemark::pitr {
namespace {

// While a table's files lack something from before a gap, an image of it is of no use; how long to
// wait for a flush before another is tried.
constexpr auto kUnusableImageAge = std::chrono::minutes(1);

// How far the newest commit time in the log may be behind the clock, while nothing is written.
constexpr auto kTimesLag = std::chrono::hours(1);

bool IsBehindButUnusable(const catalog::ImageRecord& image, const std::vector<archive::Gap>& gaps) {
  return !gaps.empty() && gaps.back().to <= image.position && !IsUsable(image, gaps);
}

}  // namespace

Recovery::Recovery(catalog::Catalog& catalog, catalog::Shards& shards, engine::Engine& engine,
                   crypto::DataKeyProvider& keys, Random& random, RecoveryOptions options)
    : catalog_(catalog),
      shards_(shards),
      engine_(engine),
      keys_(keys),
      random_(random),
      options_(options) {}

Recovery::~Recovery() { Stop(); }

void Recovery::Stop() {
  std::map<Region, std::unique_ptr<archive::Archive>> archives;
  std::lock_guard opening(opening_);
  {
    std::unique_lock lock(archives_mutex_);
    archives.swap(archives_);
    stopped_ = true;
  }
}

archive::Archive* Recovery::OpenArchive(const Region& region) const {
  std::shared_lock lock(archives_mutex_);
  const auto at = archives_.find(region);
  return at == archives_.end() ? nullptr : at->second.get();
}

Result<archive::Archive*> Recovery::ArchiveOf(const Region& region) {
  if (auto* open = OpenArchive(region)) return open;
  std::lock_guard opening(opening_);
  if (auto* open = OpenArchive(region)) return open;
  shard::Shard* shard = shards_.Find(region);
  if (!shard) return Fail(ErrorKind::kInternal, "Region {} has no shard", region.value);
  archive::ArchiveOptions options;
  options.directory = ParentDirectory(shard->ImagesDirectory()) + "/archive";
  options.unit_bytes = options_.unit_bytes;
  options.unit_age = options_.unit_age;
  options.batch_memory_bytes = options_.batch_memory_bytes;
  options.by_itself = options_.sort_by_itself;
  options.now = [shard] { return shard->Now(); };
  options.tables = [this, region] { return HistoryTables(region); };
  auto archive = archive::Archive::Open(std::move(options), shard->log(), keys_, random_);
  std::unique_lock lock(archives_mutex_);
  if (!archive) {
    auto& told = unopened_[region];
    if (told != archive.error().message) {
      told = archive.error().message;
      LogError("point-in-time recovery in Region {} cannot be used, its commit log is kept: {}",
               region.value, told);
    }
    return Fail(archive.error());
  }
  if (stopped_) return Fail(ErrorKind::kCancelled, "the server is stopping");
  unopened_.erase(region);
  return (archives_[region] = std::move(*archive)).get();
}

std::vector<archive::HistoryTable> Recovery::HistoryTables(const Region& region) const {
  std::vector<archive::HistoryTable> tables;
  const auto all = catalog_.AllTables();
  for (const auto& table : all) {
    if (table->region == region && table->pitr.enabled)
      tables.push_back({table->id, table->pitr.history_key});
  }
  const auto add = [&](TableId id, const Bytes& key) {
    if (std::ranges::find(tables, id, &archive::HistoryTable::id) == tables.end())
      tables.push_back({id, key});
  };
  {
    std::lock_guard lock(doubtful_mutex_);
    for (const auto& [id, switched_on] : doubtful_) {
      if (switched_on.first == region) add(id, switched_on.second);
    }
  }
  // After the tables: a backup is made before its table goes.
  for (const auto& backup : catalog_.AllBackups()) {
    if (backup->keeps_history() && backup->source.region == region)
      add(backup->source.id, backup->source.pitr.history_key);
  }
  // A restore under way reads on, though its source is switched off or gone meanwhile.
  for (const auto& table : all) {
    const auto& restore = table->restore;
    if (restore && restore->in_progress && restore->point_in_time &&
        restore->source_region == region)
      add(restore->source_table, restore->history_key);
  }
  return tables;
}

std::vector<archive::Gap> Recovery::GapsOf(const Region& region) const {
  std::vector<archive::Gap> gaps;
  log::Position mark;
  if (const auto* archive = OpenArchive(region)) {
    gaps = archive->Gaps();
    mark = archive->mark();
  }
  shard::Shard* shard = shards_.Find(region);
  if (!shard) return gaps;
  for (const auto& range : shard->log().Damage()) {  // what sorting has not yet come upon
    if (range.to > mark) gaps.push_back({range.from, range.to, range.what});
  }
  return gaps;
}

Result<catalog::ImagePtr> Recovery::TakeImage(const catalog::TableRecord& table,
                                              archive::Archive& archive, log::Position history_from,
                                              std::string_view reason) {
  shard::Shard* shard = shards_.Find(table.region);
  if (!shard) return Fail(ErrorKind::kInternal, "Region {} has no shard", table.region.value);
  TM_TRYV(catalog_.Writable());
  const auto hold = shard->HoldLog();
  const archive::TableSums sums = archive.SumsOf(table.id);
  TM_TRY(auto image, PinImage(*shard, table.id, ImageId::Make(random_),
                              fmt::format(R"({{"act":"image","reason":"{}"}})", reason)));
  image.needs_log = image.replay_from < history_from;
  image.raw_before = sums.raw_bytes;
  image.stored_before = sums.stored_bytes;
  auto stored = std::make_shared<const catalog::ImageRecord>(image);
  if (auto put = catalog_.PutImage(std::move(image)); !put) {
    RemoveUnrecorded(ImagePath(*shard, *stored), put.error());
    return Fail(put.error());
  }
  // If the whole account was erased meanwhile, Maintain drops it.
  return stored;
}

// Writes what the image's files lack as its run, so that it needs nothing before its own position.
Result<void> Recovery::CompleteImage(const catalog::ImageRecord& image) {
  shard::Shard* shard = shards_.Find(image.region);
  if (!shard) return {};
  TM_TRYV(Replay(shard->log(), {image.table, image.replay_from, image.as_of}, SIZE_MAX,
                 [&](std::span<const RowSource> parts) {
                   return engine_.WriteRun(ImagePath(*shard, image), parts.front());
                 }));
  catalog::ImageRecord complete = image;
  complete.replay_from = image.position;
  complete.needs_log = false;
  return catalog_.PutImage(std::move(complete));
}

bool Recovery::NeedsImage(const catalog::TableRecord& table,
                          const archive::Archive& archive) const {
  shard::Shard* shard = shards_.Find(table.region);
  const auto images = catalog_.Images(table.id);
  if (!shard) return false;
  if (images.empty()) return true;
  const catalog::ImageRecord& newest = *images.back();
  if (!IsUsable(newest, GapsOf(table.region)))
    return shard->Now() - newest.as_of >= kUnusableImageAge;
  const archive::TableSums sums = archive.SumsOf(table.id);
  Freshness state;
  state.changed_bytes = sums.raw_bytes - std::min(sums.raw_bytes, newest.raw_before);
  state.changed = sums.last_commit > newest.as_of;
  if (!state.changed) {  // not sorted yet, or not at all
    const auto open = shard->Find(table.id);
    const auto totals = open ? open->TotalsIfKnown() : std::nullopt;
    state.changed = totals && *totals != newest.totals;
  }
  state.table_bytes = newest.totals.bytes;
  state.age = shard->Now() - newest.as_of;
  return IsImageDue(state, options_.image_bytes_min, options_.image_age_min);
}

void Recovery::EndDoubt() {
  const auto any = [this] {
    std::lock_guard lock(doubtful_mutex_);
    return !doubtful_.empty();
  };
  if (!any() || !catalog_.Settle()) return;
  std::lock_guard lock(doubtful_mutex_);
  doubtful_.clear();
}

void Recovery::Maintain() {
  std::lock_guard lock(mutex_);
  for (shard::Shard* shard : shards_.All()) (void)ArchiveOf(Region(shard->name()));
  TendTimes();
  EndDoubt();
  for (const auto& table : catalog_.AllTables()) {
    if (!table->pitr.enabled || table->status != catalog::TableStatus::kActive) continue;
    if (!catalog::CheckAccessible(*table)) continue;
    if (auto* archive = OpenArchive(table->region)) MaintainTable(*table, *archive);
  }
  std::set<TableId> deleted;
  for (const auto& backup : catalog_.AllBackups()) {
    if (!backup->keeps_history()) continue;
    deleted.insert(backup->source.id);
    if (auto* archive = OpenArchive(backup->source.region))
      MaintainImages(backup->source.id, backup->source.name, *archive);
  }
  std::erase_if(thinned_, [&](const auto& seen) { return !catalog_.FindTable(seen.first); });
  const auto told = std::exchange(incomplete_told_, {});
  for (const auto& image : catalog_.AllImages()) {
    if (told.contains(image->id)) incomplete_told_.insert(image->id);
    // What was kept for a restore that was running when history was forgotten, or for a backup.
    const auto table = catalog_.FindTable(image->table);
    if ((!table || !table->pitr.enabled) && !deleted.contains(image->table)) Forget(image->table);
  }
  for (shard::Shard* shard : shards_.All()) {
    const Region region(shard->name());
    if (auto* archive = OpenArchive(region)) DropRuns(region, *archive);
  }
  TendSettings();
}

void Recovery::TendTimes() {
  std::set<Region> with_history;
  for (const auto& table : catalog_.AllTables()) {
    if (table->pitr.enabled) with_history.insert(table->region);
  }
  for (const Region& region : with_history) {
    shard::Shard* shard = shards_.Find(region);
    if (!shard || shard->Now() - shard->log().last_commit() < kTimesLag) continue;
    // One that is refused, by a full disk or a failed log, keeps history longer and harms nothing.
    (void)shard->LogControl(TableId{}, R"({"act":"mark the time"})");
  }
}

// They stay as long as the table's window, also behind its end while its automatic backup is there.
void Recovery::TendSettings() {
  std::map<TableId, std::optional<Timestamp>> from;  // of tables without a window: that of backups
  for (const TableId id : catalog_.TablesWithSettings()) {
    const auto table = catalog_.FindTable(id);
    const auto window = table ? LastingWindow(*table) : std::nullopt;
    if (window) {
      ForgetSettings(id, window->earliest);
    } else if (!table || !table->pitr.enabled) {
      from[id] = std::nullopt;
    }
  }
  if (from.empty()) return;
  // After the tables: a backup is made before its table goes.
  for (const auto& backup : catalog_.AllBackups()) {
    const auto at = from.find(backup->source.id);
    if (backup->type != catalog::BackupType::kSystem || at == from.end()) continue;
    at->second = backup->created - std::chrono::hours(24) * backup->source.pitr.period_days;
  }
  for (const auto& [id, before] : from) ForgetSettings(id, before);
}

void Recovery::ForgetSettings(TableId id, std::optional<Timestamp> before) {
  if (auto dropped = catalog_.ForgetSettings(id, before); !dropped)
    LogWarn("former settings of table {} remain: {}", id.ToString(), dropped.error().message);
}

void Recovery::MaintainTable(const catalog::TableRecord& table, archive::Archive& archive) {
  if (NeedsImage(table, archive)) {
    const auto images = catalog_.Images(table.id);
    auto taken = TakeImage(table, archive, table.pitr.history_from, "shorten restores");
    if (!taken) LogWarn("no new image of table {}: {}", table.name, taken.error().message);
    // Behind a gap and yet of no use: replaced rather than kept.
    if (taken && !images.empty() && IsBehindButUnusable(*images.back(), GapsOf(table.region)))
      Drop(*images.back());
  }
  MaintainImages(table.id, table.name, archive);
  const auto window = LastingWindow(table);
  if (!window) return;
  for (const auto& image : Superfluous(catalog_.Images(table.id), window->earliest)) {
    if (!catalog_.IsBeingRestored(image->directory)) Drop(*image);
  }
  ThinImages(table, archive);
}

// Each comes to need nothing of the log, and what history lies before it is noted.
void Recovery::MaintainImages(TableId table, std::string_view name, archive::Archive& archive) {
  for (const auto& image : catalog_.Images(table)) {
    if (image->needs_log && !catalog_.IsBeingRestored(image->directory)) {
      auto completed = CompleteImage(*image);
      if (!completed && incomplete_told_.insert(image->id).second) {
        LogWarn("image {} of table {} still needs the log from {} on: {}", image->id.ToString(),
                name, image->replay_from.ToString(), completed.error().message);
      }
    } else if (!image->settled && archive.mark() >= image->position) {
      catalog::ImageRecord settled = *image;
      const archive::TableSums sums = archive.SumsOf(table);
      settled.settled = true;
      settled.raw_before = sums.raw_bytes;
      settled.stored_before = sums.stored_bytes;
      if (auto put = catalog_.PutImage(std::move(settled)); !put)
        LogWarn("image {}: {}", image->id.ToString(), put.error().message);
    }
  }
}

void Recovery::ThinImages(const catalog::TableRecord& table, const archive::Archive& archive) {
  const auto images = catalog_.Images(table.id);
  const std::pair<uint64_t, size_t> looked{archive.generation(), images.size()};
  const auto [seen, is_new] = thinned_.try_emplace(table.id, looked);
  if (!is_new && seen->second == looked) return;
  seen->second = looked;
  const shard::Shard* shard = shards_.Find(table.region);
  if (!shard) return;
  std::vector<ImageCost> costs;
  uint64_t before = 0;
  for (const auto& image : images) {
    ImageCost& cost = costs.emplace_back();
    cost.alone_bytes = AloneBytes(ImagePath(*shard, *image));
    cost.run_bytes = image->stored_before - std::min(image->stored_before, before);
    cost.may_go = image->settled && !catalog_.IsBeingRestored(image->directory);
    before = image->stored_before;
    std::unique_lock lock(archives_mutex_);
    alone_[image->id] = cost.alone_bytes;
  }
  const uint64_t sorted = archive.SumsOf(table.id).stored_bytes;
  const uint64_t run_bytes =
      images.empty() ? 0 : sorted - std::min(sorted, images.front()->stored_before);
  for (const size_t number : Thin(costs, run_bytes)) {
    LogInfo("dropping image {} of table {}: it alone pins {} bytes and saves a restore {}",
            images[number]->id.ToString(), table.name, costs[number].alone_bytes,
            costs[number].run_bytes);
    Drop(*images[number]);
  }
}

// An image that exists needs all history of its table since.
void Recovery::DropRuns(const Region& region, archive::Archive& archive) {
  std::map<TableId, log::Position> needs;
  for (const auto& image : catalog_.AllImages()) {
    if (image->region != region) continue;
    const auto [at, is_new] = needs.try_emplace(image->table, image->replay_from);
    if (!is_new) at->second = std::min(at->second, image->replay_from);
  }
  if (dropped_at_[region] == archive.generation() && needs_[region] == needs) return;
  auto dropped = archive.DropRuns(needs);
  if (!dropped) {
    LogWarn("no runs are dropped in Region {}: {}", region.value, dropped.error().message);
    return;
  }
  dropped_at_[region] = archive.generation();
  needs_[region] = std::move(needs);
}

void Recovery::Forget(TableId table) {
  if (std::ranges::any_of(catalog_.AllBackups(), [&](const auto& backup) {
        return backup->keeps_history() && backup->source.id == table;
      }))
    return;
  for (const auto& image : catalog_.Images(table)) {
    if (!catalog_.IsBeingRestored(image->directory)) Drop(*image);
  }
}

void Recovery::Drop(const catalog::ImageRecord& image) {
  if (auto erased = catalog_.EraseImage(image.table, image.id); !erased) {
    LogWarn("image {} is not dropped: {}", image.id.ToString(), erased.error().message);
    return;
  }
  {
    std::unique_lock lock(archives_mutex_);
    alone_.erase(image.id);
  }
  if (shard::Shard* shard = shards_.Find(image.region)) RemoveImageFiles(ImagePath(*shard, image));
}

std::optional<log::Position> Recovery::Floor(const Region& region) const {
  const auto* archive = OpenArchive(region);
  // Not known yet, or never: everything is kept.
  log::Position floor = archive ? archive->Floor() : log::Position{};
  const auto need = [&](const catalog::ImageRecord& image) {
    if (image.region == region) floor = std::min(floor, image.replay_from);
  };
  for (const auto& image : catalog_.AllImages()) {
    if (image->needs_log) need(*image);
  }
  for (const auto& backup : catalog_.AllBackups()) {
    if (backup->status == catalog::BackupStatus::kCreating) need(backup->image);
  }
  return floor;
}

std::vector<std::pair<Region, RecoveryStats>> Recovery::Stats() const {
  std::map<Region, RecoveryStats> stats;
  std::shared_lock lock(archives_mutex_);
  for (const auto& [region, archive] : archives_) stats[region].archive = archive->Stats();
  for (const auto& image : catalog_.AllImages()) {
    RecoveryStats& of = stats[image->region];
    ++of.images;
    of.image_bytes += image->file_bytes;
    const auto alone = alone_.find(image->id);
    if (alone != alone_.end()) of.pinned_bytes += alone->second;
  }
  for (const auto& [region, why] : unopened_) stats[region].archive.stuck = why;
  return {stats.begin(), stats.end()};
}

}  // namespace tidemark::pitr
