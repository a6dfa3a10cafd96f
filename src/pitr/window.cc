#include "pitr/window.h"

#include "codec/instant.h"
#include "pitr/image_policy.h"
#include "pitr/images.h"

namespace tidemark::pitr {
namespace {

// Of settings that are changed while recovery is switched on.
constexpr int kSwitchAttempts = 5;

Unexpected NotActive(std::string_view name) {
  return Fail(ErrorKind::kContinuousBackupsUnavailable,
              "Backups are being enabled for the table: {}. Please retry later", name);
}

}  // namespace

Window ComputeWindow(const catalog::PitrSettings& settings, std::optional<Timestamp> whole_since,
                     Timestamp now) {
  const Timestamp latest = std::max(settings.enabled_at, now);
  const Timestamp oldest = now - std::chrono::hours(24) * settings.period_days;
  return {std::max({settings.enabled_at, oldest, whole_since.value_or(latest)}), latest};
}

std::optional<Window> Recovery::WindowOf(const catalog::TableRecord& table) const {
  const shard::Shard* shard = shards_.Find(table.region);
  return shard ? WindowAt(table, shard->Now()) : std::nullopt;
}

std::optional<Window> Recovery::LastingWindow(const catalog::TableRecord& table) const {
  shard::Shard* shard = shards_.Find(table.region);
  return shard ? WindowAt(table, shard->log().last_commit()) : std::nullopt;
}

std::optional<Window> Recovery::WindowAt(const catalog::TableRecord& table, Timestamp now) const {
  if (!table.pitr.enabled) return std::nullopt;
  const auto gaps = GapsOf(table.region);
  // Without gaps it is not needed to look: nothing came before the enabling image.
  const auto whole_since =
      gaps.empty() ? table.pitr.enabled_at : WholeSince(catalog_.Images(table.id), gaps);
  return ComputeWindow(table.pitr, whole_since, now);
}

Result<catalog::TablePtr> Recovery::Update(const AccountId& account, const Region& region,
                                           std::string_view name, bool enabled,
                                           std::optional<int> period_days,
                                           const shard::Origin& origin) {
  std::lock_guard lock(mutex_);
  for (int attempt = 1;; ++attempt) {
    const auto table = catalog_.FindTable(account, region, name);
    if (!table || table->status == catalog::TableStatus::kDeleting) {
      return Fail(ErrorKind::kTableNotFound, "Table not found: {}", name);
    }
    if (table->status != catalog::TableStatus::kActive) return NotActive(name);
    if (enabled) {
      TM_TRYV(catalog::CheckAccessible(*table));
      auto switched = Enable(*table, period_days, origin);
      const bool changed = !switched && switched.error().kind == ErrorKind::kBusy;
      if (changed && attempt < kSwitchAttempts) continue;
      return changed ? NotActive(name) : std::move(switched);
    }
    TM_TRY(auto edited, catalog_.EditTable(
                            table->id,
                            [](catalog::TableRecord& record) -> Result<void> {
                              record.pitr = {};
                              return {};
                            },
                            origin));
    Forget(table->id);
    return edited;
  }
}

// kBusy: the settings were changed meanwhile, and those at the image are not known.
Result<catalog::TablePtr> Recovery::Enable(const catalog::TableRecord& table,
                                           std::optional<int> period_days,
                                           const shard::Origin& origin) {
  const auto set_period = [&](catalog::TableRecord& record) {
    if (period_days) record.pitr.period_days = *period_days;
  };
  // Under the catalog's lock: a deletion may have begun meanwhile.
  const auto check_active = [&](const catalog::TableRecord& record) -> Result<void> {
    if (record.status != table.status) return NotActive(record.name);
    return {};
  };
  if (table.pitr.enabled) {
    return catalog_.EditTable(
        table.id,
        [&](catalog::TableRecord& record) -> Result<void> {
          TM_TRYV(check_active(record));
          set_period(record);
          return {};
        },
        origin);
  }
  TM_TRY(archive::Archive * archive, ArchiveOf(table.region));
  TM_TRY(const auto key, keys_.Generate(archive::HistoryKeyContext(table.id)));
  // Whatever begins to be sorted from here on knows of the table.
  const auto hold = archive->HoldSorting();
  const log::Position history_from = archive->NextBegin();
  TM_TRY(const auto image,
         TakeImage(table, *archive, history_from, "enable point-in-time recovery"));
  auto edited = catalog_.EditTable(
      table.id,
      [&](catalog::TableRecord& record) -> Result<void> {
        TM_TRYV(check_active(record));
        if (catalog::SettingsOf(record) != catalog::SettingsOf(table))
          return Fail(ErrorKind::kBusy, "settings were changed meanwhile");
        set_period(record);
        record.pitr.enabled = true;
        record.pitr.enabled_at = image->as_of;
        record.pitr.history_key = key.wrapped;
        record.pitr.history_from = history_from;
        return {};
      },
      origin);
  if (!edited && catalog::MayBeStored(edited.error())) {
    std::lock_guard lock(doubtful_mutex_);
    doubtful_.insert_or_assign(table.id, std::pair(table.region, key.wrapped));
  } else if (!edited) {
    Drop(*image);
  }
  if (!edited && edited.error().kind == ErrorKind::kResourceNotFound)
    return Fail(ErrorKind::kTableNotFound, "Table not found: {}", table.name);
  return edited;
}

std::vector<archive::Gap> Recovery::GapsOf(const catalog::BackupRecord& deleted) const {
  auto gaps = GapsOf(deleted.source.region);
  const log::Position end = deleted.image.position;
  std::erase_if(gaps, [&](const archive::Gap& gap) {
    return gap.from.log_id == end.log_id && gap.from >= end;
  });
  return gaps;
}

std::optional<Window> Recovery::WindowOf(const catalog::BackupRecord& deleted) const {
  const auto images = catalog_.Images(deleted.source.id);
  if (!deleted.keeps_history() || images.empty()) return std::nullopt;
  const auto gaps = GapsOf(deleted);
  const auto whole_since = gaps.empty() ? deleted.source.pitr.enabled_at : WholeSince(images, gaps);
  if (!whole_since || *whole_since > deleted.created) return std::nullopt;
  return ComputeWindow(deleted.source.pitr, whole_since, deleted.created);
}

Result<void> Recovery::EnableRestored(const catalog::TableRecord& table, int period_days) {
  std::lock_guard lock(mutex_);
  TM_TRYV(Enable(table, period_days, {}));
  return {};
}

Result<catalog::TablePtr> Recovery::TableAt(const catalog::TableRecord& table,
                                            Timestamp time) const {
  TM_TRY(const Source source, FindSource(table, time));
  if (shard::Shard* shard = shards_.Find(table.region)) shard->Settle(source.time);
  return catalog_.TableAt(table.id, source.time);
}

Result<Recovery::Source> Recovery::FindSource(const catalog::TableRecord& table,
                                              Timestamp time) const {
  return FindImage(table, WindowOf(table), GapsOf(table.region), time);
}

Result<Recovery::Source> Recovery::FindSource(const catalog::BackupRecord& deleted,
                                              Timestamp time) const {
  return FindImage(deleted.source, WindowOf(deleted), GapsOf(deleted), time);
}

Result<Recovery::Source> Recovery::FindImage(const catalog::TableRecord& table,
                                             const std::optional<Window>& window,
                                             const std::vector<archive::Gap>& gaps,
                                             Timestamp time) const {
  if (!window) {
    return Fail(ErrorKind::kPitrUnavailable, "Point in time recovery is not enabled for table '{}'",
                table.name);
  }
  if (time < std::chrono::floor<std::chrono::seconds>(window->earliest) || time > window->latest) {
    return Fail(ErrorKind::kInvalidRestoreTime,
                "The restore time must be between EarliestRestorableDateTime {} and "
                "LatestRestorableDateTime {}; got {}",
                codec::FormatInstant(window->earliest), codec::FormatInstant(window->latest),
                codec::FormatInstant(time));
  }
  time = std::max(time, window->earliest);
  catalog::ImagePtr newest;
  for (const auto& image : catalog_.Images(table.id)) {
    if (image->as_of <= time && IsUsable(*image, gaps)) newest = image;
  }
  if (!newest && !gaps.empty()) {
    return Fail(ErrorKind::kPitrUnavailable,
                "The history of table '{}' has a gap, and nothing is restorable before the next "
                "image is taken; try again in some seconds",
                table.name);
  }
  if (!newest) {
    return Fail(ErrorKind::kInternal, "table {} has no image at or before {}", table.id.ToString(),
                codec::FormatInstant(time));
  }
  return Source{newest, time};
}

}  // namespace tidemark::pitr
