// What a restore does after its answer.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <span>
#include <thread>

#include "archive/archive.h"
#include "archive/idle_priority.h"
#include "base/log.h"
#include "base/told_paths.h"
#include "item/row_key.h"
#include "pitr/images.h"
#include "pitr/replay.h"
#include "pitr/row_sums.h"
#include "restore/indexes.h"
#include "restore/restore.h"
#include "restore/verify.h"
#include "runtime/side_by_side.h"

namespace tidemark::restore {
namespace {

constexpr std::chrono::milliseconds kVerifyRestMax{20};
constexpr size_t kPortionBytes = 128 << 20;  // of rows sorted in memory before they are ingested

// Those whose rows the image and history have; the others are made of the items.
std::vector<uint16_t> CompleteIndexes(const catalog::TableRecord& target) {
  std::vector<uint16_t> numbers;
  for (const auto& index : target.indexes) {
    if (!index.definition.building) numbers.push_back(index.definition.number);
  }
  return numbers;
}

// So that each core has a part of the rows to lay. Each part is a file at least, and of those there
// may not be many (engine::TableStore::IngestParts).
std::vector<Bytes> Cuts(std::vector<uint16_t> indexes) {
  constexpr size_t kPartsMax = 4;
  indexes.push_back(item::kPrimaryIndex);
  std::ranges::sort(indexes);
  const size_t cores = std::min(runtime::PartsOfWork(), kPartsMax);
  const auto parts = static_cast<uint32_t>((cores + indexes.size() - 1) / indexes.size());
  std::vector<Bytes> cuts;
  for (const uint16_t index : indexes) {
    for (uint32_t part = index == item::kPrimaryIndex ? 1 : 0; part < parts; ++part)
      cuts.push_back(item::SegmentRange(index, part, parts).begin);
  }
  return cuts;
}

uint64_t RowsIn(const shard::Totals& totals) {
  uint64_t rows = totals.items;
  for (const auto& index : totals.indexes) rows += index.items;
  return rows;
}

Result<pitr::RowSums> SumUp(const engine::TableStore& store, uint16_t index,
                            const pitr::RowsSoFar& so_far) {
  std::mutex mutex;
  pitr::RowSums sums;
  const size_t parts = runtime::PartsOfWork();
  TM_TRYV(runtime::SideBySide(parts, [&](size_t part) -> Result<void> {
    item::KeyRange range =
        item::SegmentRange(index, static_cast<uint32_t>(part), static_cast<uint32_t>(parts));
    TM_TRY(const auto rows, store.Scan({.begin = std::move(range.begin),
                                        .end = std::move(range.end),
                                        .fill_cache = false}));
    pitr::RowSums mine;
    TM_TRYV(pitr::AddRows(*rows, so_far, &mine));
    const std::lock_guard lock(mutex);
    sums.Add(mine);
    return {};
  }));
  return sums;
}

}  // namespace

// One place among the jobs for all of them, so that none begins when there is none: the first of
// them to run makes room for the others, or does them itself.
Result<void> Restores::Queue(const std::vector<TableId>& targets) {
  {
    const std::lock_guard lock(mutex_);
    for (const TableId target : targets) {
      const auto progress = running_[target] = std::make_shared<Progress>();
      if (stopping_) progress->Interrupt();
    }
  }
  const auto job = [this, targets] {
    std::vector<TableId> mine{targets.front()};
    for (const TableId target : std::span(targets).subspan(1)) {
      if (!jobs_.Submit([this, target] { RunQueued(target); })) mine.push_back(target);
    }
    for (const TableId target : mine) RunQueued(target);
  };
  if (jobs_.Submit(job)) return {};
  const std::lock_guard lock(mutex_);
  for (const TableId target : targets) running_.erase(target);
  return Fail(ErrorKind::kLimitExceeded,
              "Too many restores are waiting; try again when some have ended");
}

void Restores::RunQueued(TableId target) {
  std::shared_ptr<Progress> progress;
  {
    const std::lock_guard lock(mutex_);
    progress = running_[target];
  }
  Run(target, *progress);
  const std::lock_guard lock(mutex_);
  running_.erase(target);
}

Result<void> Restores::Resume() {
  for (const auto& table : catalog_.AllTables()) {
    if (table->status != catalog::TableStatus::kCreating || !table->restore) continue;
    LogInfo("taking up the restore of table {}", table->name);
    if (!reports_.Find(table->id)) TM_TRYV(Report(*table, {}));  // the crash came before it
    TM_TRYV(Queue({table->id}));
  }
  // What ended without a word.
  for (const auto& report : reports_.Unfinished()) {
    const auto table = catalog_.FindTable(report->id);
    if (table && table->status == catalog::TableStatus::kCreating) continue;
    TM_TRYV(reports_.Edit(report->id, [&](RestoreReport& record) {
      record.status = table                                         ? RestoreStatus::kCompleted
                      : record.status == RestoreStatus::kCancelling ? RestoreStatus::kCancelled
                                                                    : RestoreStatus::kFailed;
      if (record.status == RestoreStatus::kFailed) record.failure = "The server stopped meanwhile";
      record.ended = record.created;
    }));
  }
  // Behind that: among them are tables whose restores completed without a word.
  for (const TableId id : reports_.Unverified()) {
    if (!verifying_.Submit([this, id] { VerifyLater(id); })) break;
  }
  return {};
}

void Restores::Stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  for (const auto& [target, progress] : running_) progress->Interrupt();
}

std::shared_ptr<const Progress> Restores::ProgressOf(TableId target) const {
  const std::lock_guard lock(mutex_);
  const auto at = running_.find(target);
  return at == running_.end() ? nullptr : at->second;
}

Result<RestoreReportPtr> Restores::Cancel(const AccountId& account, const Region& region,
                                          std::string_view target) {
  const auto report = reports_.Newest(account, region, target);
  if (!report || report->is_over()) {
    return Fail(ErrorKind::kResourceNotFound, "No restore into a table {} is under way", target);
  }
  std::shared_ptr<Progress> progress;
  {
    const std::lock_guard lock(mutex_);
    const auto at = running_.find(report->id);
    if (at != running_.end()) progress = at->second;
  }
  // The job learns of it first: what is told to be cancelled must not have ended meanwhile.
  if (!progress || !progress->Cancel()) {
    return Fail(ErrorKind::kTableInUse,
                "The restore into table {} is ending and cannot be cancelled any more; delete the "
                "table once it is ACTIVE",
                target);
  }
  TM_TRYV(reports_.Edit(report->id, [](RestoreReport& record) {
    if (!record.is_over()) record.status = RestoreStatus::kCancelling;
  }));
  return reports_.Find(report->id);
}

void Restores::Run(TableId id, Progress& progress) {
  const auto target = catalog_.FindTable(id);
  if (!target || target->status != catalog::TableStatus::kCreating) return;
  if (progress.interrupted()) return;
  const auto report = reports_.Find(id);
  Result<void> done;
  if (report && report->status != RestoreStatus::kRunning) {
    done = Fail(ErrorKind::kCancelled, "cancelled");
  } else {
    done = Execute(*target, progress);
  }
  if (done) done = Equip(id);
  if (done) done = progress.End();
  if (done) {
    done = Finish(*target);
    if (done) return;
    if (catalog::MayBeStored(done.error())) {
      LogError("table {} is restored, but not shown before the next start: {}", target->name,
               done.error().message);
      return;
    }
  }
  if (progress.interrupted()) {
    LogInfo("the restore of table {} goes on after the next start", target->name);
    return;
  }
  const bool cancelled = done.error().kind == ErrorKind::kCancelled;
  const shard::Shard* shard = shards_.Find(target->region);
  // Before the table goes, so that nobody finds neither it nor the reason.
  const auto told = reports_.Edit(id, [&](RestoreReport& record) {
    if (record.is_over()) return;  // a crash came behind this
    record.status = cancelled ? RestoreStatus::kCancelled : RestoreStatus::kFailed;
    if (!cancelled) record.failure = WithoutDirectories(done.error().message);
    record.ended = shard ? shard->Now() : record.created;
  });
  if (!told) LogWarn("the report of a restore is not written: {}", told.error().message);
  if (cancelled) {
    LogInfo("the restore of table {} was cancelled, the table is removed", target->name);
  } else {
    LogError("the restore of table {} failed, the table is removed: {}", target->name,
             done.error().message);
  }
  Remove(*target);
}

Result<void> Restores::Finish(const catalog::TableRecord& target) {
  const auto active =
      catalog_.EditTable(target.id, [](catalog::TableRecord& record) -> Result<void> {
        record.status = catalog::TableStatus::kActive;
        record.restore->in_progress = false;
        for (auto& index : record.indexes) index.definition.building = false;
        record.restore->history_key.clear();
        record.restore->recovery_days = 0;
        return {};
      });
  TM_TRYV(active);
  LogInfo("table {} is restored", target.name);
  const shard::Shard* shard = shards_.Find(target.region);
  const auto told = reports_.Edit(target.id, [&](RestoreReport& record) {
    record.status = RestoreStatus::kCompleted;
    record.ended = shard ? shard->Now() : record.created;
  });
  if (!told) LogWarn("the report of a restore is not written: {}", told.error().message);
  const auto report = reports_.Find(target.id);
  if (report && report->verification == Verification::kPending) {
    (void)verifying_.Submit([this, id = target.id] { VerifyLater(id); });  // else at the next start
  }
  return {};
}

void Restores::Remove(const catalog::TableRecord& target) {
  if (shard::Shard* shard = shards_.Find(target.region)) {
    (void)shard->DiscardStore(target.id);
    if (shard->Find(target.id)) {  // it was adopted
      (void)shard->DropTable(target.id, R"({"act":"drop"})");
    }
  }
  (void)catalog_.EraseTable(target.id);
}

// What of its settings needs the table there: each is done once, whatever crash comes between.
Result<void> Restores::Equip(TableId id) {
  auto table = catalog_.FindTable(id);
  if (table && table->stream && table->stream->label.empty()) {
    TM_TRY(const auto stream, streams_.Begin(*table));
    TM_TRY(table, catalog_.EditTable(id, [&](catalog::TableRecord& record) -> Result<void> {
      record.stream = stream;
      return {};
    }));
  }
  if (!table || table->restore->recovery_days == 0 || table->pitr.enabled) return {};
  return recovery_.EnableRestored(*table, table->restore->recovery_days);
}

Result<catalog::ImageRecord> Restores::FindImage(const catalog::RestoreSummary& restore) const {
  if (restore.point_in_time) {
    for (const auto& image : catalog_.Images(restore.source_table)) {
      if (image->directory == restore.image_directory) return *image;
    }
  } else if (const auto backup = catalog_.FindBackup(restore.source_backup_arn)) {
    return backup->image;
  }
  return Fail(ErrorKind::kNotFound, "image {} is gone", restore.image_directory);
}

// Begins the progress, since it is the first that is done.
Result<void> Restores::BringFiles(const catalog::TableRecord& target, Progress& progress) const {
  const bool builds = std::ranges::any_of(
      target.indexes, [](const auto& index) { return index.definition.building; });
  const int others = 1 + (builds ? 1 : 0);
  const auto backup = target.restore->point_in_time
                          ? nullptr
                          : catalog_.FindBackup(target.restore->source_backup_arn);
  const bool in_store = backup && backup->in_store_only;
  const bool cold = backup && backup->image.is_cold();
  progress.Start(others + (in_store || target.restore->point_in_time ? 1 : 0) + (cold ? 1 : 0));
  if (!in_store) return {};
  progress.fetched = true;
  TM_TRYV(progress.Begin(Phase::kFetchingFiles));
  if (bring_image_) return bring_image_(*backup);
  return Fail(ErrorKind::kNotFound, "backup {} lies in the backup store, and there is none",
              backup->Arn());
}

Result<void> Restores::Execute(const catalog::TableRecord& target, Progress& progress) {
  const catalog::RestoreSummary& restore = *target.restore;
  TM_TRY(shard::Shard * shard, shards_.Ensure(target.region));
  if (shard->Find(target.id)) return {};  // a crash came after the last step
  TM_TRYV(BringFiles(target, progress));
  shard::Shard* source = shards_.Find(restore.source_region);
  if (!source) return Fail(ErrorKind::kNotFound, "Region {} is gone", restore.source_region.value);

  // Until the view holds what the image needs of the log.
  auto hold = source->HoldLog();
  TM_TRY(const auto image, FindImage(restore));
  std::shared_ptr<const archive::View> view;
  if (restore.point_in_time) {
    TM_TRY(archive::Archive * archive, recovery_.ArchiveOf(restore.source_region));
    view = archive->Look(image.needs_log ? std::optional(image.replay_from) : std::nullopt);
  }
  hold.reset();

  const std::string path = pitr::ImagePath(*source, image);
  TM_TRY(auto store,
         image.is_cold()
             ? Retrieve(target, *shard, path, RowsIn(image.totals), progress)
             : shard->CloneStore(target.id, path, restore.point_in_time ? nullptr : &image.totals));
  shard::Totals totals = image.totals;
  // Of a backup's files, all that is to be said of them unread.
  std::optional<pitr::RowSums> sums(std::in_place, totals);
  if (restore.point_in_time) {
    TM_TRYV(progress.Begin(Phase::kReadingHistory));
    pitr::HistorySource history{
        source->log(), view, {restore.source_table, restore.history_key}, image.needs_log};
    if (image.replay_from < image.position) TM_TRYV(MakeWhole(history, image, *store, progress));
    history.from_log = false;
    Overlay overlay(*store, CompleteIndexes(target), totals);
    const pitr::Slice slice{restore.source_table, image.position, restore.restore_time,
                            Cuts(CompleteIndexes(target))};
    const auto lay = [&](std::span<const pitr::RowSource> parts) { return overlay.Lay(parts); };
    const auto advance = [&](double part) { return progress.Advance(part); };
    TM_TRY(const auto replayed, pitr::ReadHistory(history, slice, kPortionBytes, lay, advance));
    if (replayed.totals) totals = *replayed.totals;
    progress.changes = replayed.changes;
    sums = overlay.sums() ? std::optional(*overlay.sums()) : std::nullopt;
  }
  const auto report = reports_.Find(target.id);
  if (progress.fetched || image.is_cold() || (report && report->verifies_first)) sums.reset();
  TM_TRYV(Complete(target, *store, sums, progress, &totals));
  TM_TRYV(shard->Adopt(target.id, std::move(store), totals, R"({"act":"restore"})"));
  LogInfo("the rows of table {} are there: {}", target.name, progress.TimesTaken());
  return {};
}

// Lays what the image's files lack of it: the store's rows add up to what the image does then.
Result<void> Restores::MakeWhole(const pitr::HistorySource& history,
                                 const catalog::ImageRecord& image, engine::TableStore& store,
                                 Progress& progress) const {
  const pitr::Slice slice{image.table, image.replay_from, image.as_of};
  const auto lay = [&](std::span<const pitr::RowSource> parts) { return store.IngestParts(parts); };
  const auto advance = [&](double) { return progress.Advance(0); };
  TM_TRYV(pitr::ReadHistory(history, slice, kPortionBytes, lay, advance));
  return {};
}

Result<std::unique_ptr<engine::TableStore>> Restores::Retrieve(const catalog::TableRecord& target,
                                                               shard::Shard& shard,
                                                               const std::string& image,
                                                               uint64_t rows, Progress& progress) {
  TM_TRYV(progress.Begin(Phase::kRetrieving));
  TM_TRYV(reports_.Edit(target.id, [](RestoreReport& record) { record.from_cold = true; }));
  return shard.RetrieveStore(target.id, image, [&](uint64_t read) {
    return progress.Advance(static_cast<double>(read) / static_cast<double>(rows));
  });
}

// What was laid into the store is checked, and its indexes are made whole.
Result<void> Restores::Complete(const catalog::TableRecord& target, engine::TableStore& store,
                                const std::optional<pitr::RowSums>& sums, Progress& progress,
                                shard::Totals* totals) {
  TM_TRYV(EraseOtherIndexes(target, store));
  const std::vector<uint16_t> complete = CompleteIndexes(target);
  TM_TRYV(progress.Begin(Phase::kChecking));
  // Files may hold rows that were written after what their note adds up to: then only reading
  // tells.
  const bool reads = !sums || !sums->Compare("", complete, *totals);
  if (reads) TM_TRYV(ReadAll(complete, store, *totals, progress));
  std::erase_if(totals->indexes, [&](const shard::IndexTotals& index) {
    return std::ranges::find(complete, index.index) == complete.end();
  });
  if (complete.size() < target.indexes.size()) {
    TM_TRYV(progress.Begin(Phase::kBuildingIndexes));
    TM_TRYV(BuildIndexes(target, kPortionBytes, store, progress, totals));
  }
  return reports_.Edit(target.id, [&](RestoreReport& record) {
    record.items = totals->items;
    record.bytes = totals->bytes;
    record.changes = progress.changes;
    record.verification = reads ? Verification::kPassed : Verification::kPending;
  });
}

Result<void> Restores::ReadAll(const std::vector<uint16_t>& indexes,
                               const engine::TableStore& store, const shard::Totals& totals,
                               Progress& progress) const {
  uint64_t all = totals.items;
  std::atomic<uint64_t> read = 0;
  for (const uint16_t index : indexes) all += totals.OfIndex(index).items;
  const auto so_far = [&](uint64_t rows) {
    return progress.Advance(static_cast<double>(read += rows) / static_cast<double>(all));
  };
  std::vector<uint16_t> numbers = indexes;
  numbers.push_back(item::kPrimaryIndex);
  for (const uint16_t number : numbers) {
    TM_TRY(const auto sums, SumUp(store, number, so_far));
    TM_TRYV(sums.CompareOne("the restored table", number, totals));
  }
  return {};
}

void Restores::VerifyLater(TableId id) {
  archive::RunWhenIdle();  // its thread is for this alone
  const auto table = stopping_ ? nullptr : catalog_.FindTable(id);
  if (stopping_) return;
  const auto done = table ? VerifyLive(*table) : Result<void>();
  if (!done && done.error().kind != ErrorKind::kCorruption) {  // what stops it may pass
    LogWarn("table {} is verified after the next start: {}", table->name, done.error().message);
    return;
  }
  if (!done) LogError("restored table {} is damaged: {}", table->name, done.error().message);
  const auto told = reports_.Edit(id, [&](RestoreReport& record) {
    record.verification = !table ? Verification::kNone
                          : done ? Verification::kPassed
                                 : Verification::kFailed;
    if (!done) record.difference = WithoutDirectories(done.error().message);
  });
  if (!told) LogWarn("the report of a restore is not written: {}", told.error().message);
}

Result<void> Restores::VerifyLive(const catalog::TableRecord& target) const {
  shard::Shard* shard = shards_.Find(target.region);
  if (!shard) return Fail(ErrorKind::kNotFound, "Region {} is gone", target.region.value);
  const auto rest = [this,
                     begin = std::chrono::steady_clock::now()](uint64_t) mutable -> Result<void> {
    if (stopping_) return Fail(ErrorKind::kCancelled, "the server is stopping");
    // Requests come first.
    std::this_thread::sleep_for(std::min<std::chrono::steady_clock::duration>(
        std::chrono::steady_clock::now() - begin, kVerifyRestMax));
    begin = std::chrono::steady_clock::now();
    return {};
  };
  for (const uint16_t number : pitr::CountedIndexes(target)) {
    TM_TRY(auto look, shard->Look(target.id, pitr::RowsOf(number), R"({"act":"verify"})"));
    pitr::RowSums sums;
    auto added = pitr::AddRows(*look.rows, rest, &sums);
    look.rows.reset();
    TM_TRYV(added);
    auto same = sums.CompareOne("table " + target.name, number, look.totals);
    if (same || number == item::kPrimaryIndex) {
      TM_TRYV(same);
      continue;
    }
    // An index that somebody removes meanwhile loses its rows before or after its totals.
    const auto now = catalog_.FindTable(target.id);
    const auto is_there = [&](const catalog::IndexRecord& index) {
      return index.definition.number == number && pitr::IsCounted(index);
    };
    if (now && std::ranges::any_of(now->indexes, is_there)) return same;
  }
  return {};
}

}  // namespace tidemark::restore
