#include "pitr/window.h"

#include "base/log.h"
#include "pitr/images.h"

namespace tidemark::pitr {
namespace {

// A new image is due when a restore would have to read this much log, or after a day: an image also
// lets the log behind it go once it has left the window.
constexpr uint64_t kLogBytesPerImage = 256 << 20;
constexpr auto kImageAge = std::chrono::hours(24);

}  // namespace

Window ComputeWindow(const catalog::PitrSettings& settings, Timestamp now) {
  const Timestamp oldest = now - std::chrono::hours(24) * settings.period_days;
  return {std::max(settings.enabled_at, oldest), std::max(settings.enabled_at, now)};
}

std::optional<Window> Recovery::WindowOf(const catalog::TableRecord& table) const {
  shard::Shard* shard = shards_.Find(table.region);
  if (!table.pitr.enabled || !shard) return std::nullopt;
  return ComputeWindow(table.pitr, shard->Now());
}

Result<catalog::TablePtr> Recovery::Update(const AccountId& account, const Region& region,
                                           std::string_view name, bool enabled,
                                           std::optional<int> period_days) {
  std::lock_guard lock(mutex_);
  const auto table = catalog_.FindTable(account, region, name);
  if (!table || table->status == catalog::TableStatus::kDeleting) {
    return Fail(ErrorKind::kTableNotFound, "Table not found: {}", name);
  }
  if (table->status != catalog::TableStatus::kActive) {
    return Fail(ErrorKind::kContinuousBackupsUnavailable,
                "Backups are being enabled for the table: {}. Please retry later", name);
  }
  if (!enabled) {
    TM_TRY(auto edited,
           catalog_.EditTable(table->id, [](catalog::TableRecord& record) -> Result<void> {
             record.pitr = {};
             return {};
           }));
    Forget(table->id);
    return edited;
  }
  std::optional<Timestamp> since;
  if (!table->pitr.enabled) {
    TM_TRY(const auto image, TakeImage(*table, "enable point-in-time recovery"));
    since = image->as_of;
  }
  return catalog_.EditTable(table->id, [&](catalog::TableRecord& record) -> Result<void> {
    record.pitr.enabled = true;
    if (period_days) record.pitr.period_days = *period_days;
    if (since) record.pitr.enabled_at = *since;
    return {};
  });
}

Result<Recovery::Source> Recovery::FindSource(const catalog::TableRecord& table,
                                              Timestamp time) const {
  const auto window = WindowOf(table);
  if (!window) {
    return Fail(ErrorKind::kPitrUnavailable, "Point in time recovery is not enabled for table '{}'",
                table.name);
  }
  if (time < std::chrono::floor<std::chrono::seconds>(window->earliest) || time > window->latest) {
    return Fail(ErrorKind::kInvalidRestoreTime,
                "The restore time must be between EarliestRestorableDateTime {:.6f} and "
                "LatestRestorableDateTime {:.6f}; got {:.6f}",
                ToEpochSeconds(window->earliest), ToEpochSeconds(window->latest),
                ToEpochSeconds(time));
  }
  time = std::max(time, window->earliest);
  catalog::ImagePtr newest;
  for (const auto& image : catalog_.Images(table.id)) {
    if (image->as_of <= time) newest = image;
  }
  if (!newest) {
    return Fail(ErrorKind::kInternal, "table {} has no image at or before {}", table.id.ToString(),
                ToMicros(time));
  }
  return Source{newest, time};
}

Result<catalog::ImagePtr> Recovery::TakeImage(const catalog::TableRecord& table,
                                              std::string_view reason) {
  shard::Shard* shard = shards_.Find(table.region);
  if (!shard) return Fail(ErrorKind::kInternal, "Region {} has no shard", table.region.value);
  const auto hold = shard->HoldLog();
  TM_TRY(auto image, PinImage(*shard, table.id, ImageId::Make(random_),
                              fmt::format(R"({{"act":"image","reason":"{}"}})", reason)));
  auto stored = std::make_shared<const catalog::ImageRecord>(image);
  TM_TRYV(catalog_.PutImage(std::move(image)));
  return stored;
}

bool Recovery::NeedsImage(const catalog::TableRecord& table) const {
  shard::Shard* shard = shards_.Find(table.region);
  const auto images = catalog_.Images(table.id);
  if (!shard || images.empty()) return false;
  const catalog::ImageRecord& newest = *images.back();
  if (shard->Now() - newest.as_of >= kImageAge) return true;
  uint64_t log_bytes = 0;
  for (const auto& segment : shard->log().Segments()) {
    if (segment.segment > newest.position.segment) log_bytes += segment.bytes;
  }
  return log_bytes >= kLogBytesPerImage;
}

void Recovery::Maintain() {
  std::lock_guard lock(mutex_);
  for (const auto& table : catalog_.AllTables()) {
    if (!table->pitr.enabled || table->status != catalog::TableStatus::kActive) continue;
    if (NeedsImage(*table)) {
      auto taken = TakeImage(*table, "shorten restores");
      if (!taken) LogWarn("no new image of table {}: {}", table->name, taken.error().message);
    }
    const auto window = WindowOf(*table);
    if (!window) continue;
    for (const auto& image : Superfluous(catalog_.Images(table->id), window->earliest)) {
      if (!catalog_.IsBeingRestored(image->directory)) Drop(*image);
    }
  }
  // What was kept for a restore that was running when history was forgotten.
  for (const auto& image : catalog_.AllImages()) {
    const auto table = catalog_.FindTable(image->table);
    if (!table || !table->pitr.enabled) Forget(image->table);
  }
}

void Recovery::Forget(TableId table) {
  for (const auto& image : catalog_.Images(table)) {
    if (!catalog_.IsBeingRestored(image->directory)) Drop(*image);
  }
}

void Recovery::Drop(const catalog::ImageRecord& image) {
  if (auto erased = catalog_.EraseImage(image.table, image.id); !erased) {
    LogWarn("image {} is not dropped: {}", image.id.ToString(), erased.error().message);
    return;
  }
  if (shard::Shard* shard = shards_.Find(image.region)) RemoveImageFiles(ImagePath(*shard, image));
}

std::optional<log::Position> Recovery::Floor(const Region& region) const {
  std::optional<log::Position> floor;
  const auto need = [&](const catalog::ImageRecord& image) {
    if (image.region == region && (!floor || image.replay_from < *floor)) floor = image.replay_from;
  };
  for (const auto& image : catalog_.AllImages()) need(*image);
  for (const auto& backup : catalog_.AllBackups()) {
    if (backup->status == catalog::BackupStatus::kCreating) need(backup->image);
  }
  return floor;
}

}  // namespace tidemark::pitr
