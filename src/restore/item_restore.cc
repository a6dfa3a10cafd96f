#include "restore/item_restore.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "item/row_key.h"

namespace tidemark::restore {
namespace {

using catalog::Difference;
using catalog::ItemRestorePtr;
using catalog::ItemRestoreRecord;
using catalog::ItemRestoreStatus;
using table::PutBackOutcome;

constexpr std::chrono::seconds kItemRetryPause{1};
constexpr std::chrono::milliseconds kRestMax{100};
constexpr std::chrono::days kEndedKept{35};
// Of one page: rows before and after, and rows looked at.
constexpr size_t kRestorePageBytes = 4 << 20;
constexpr size_t kRestoreExaminedMax = 20'000;
constexpr size_t kWritesAtOnce = 16;

std::vector<item::KeyRange> RangesOf(const catalog::ItemSelection& selection) {
  std::vector<item::KeyRange> ranges;
  for (const Bytes& row : selection.rows) ranges.push_back({row, row + '\0'});
  if (!ranges.empty()) return ranges;
  if (selection.partition.empty()) return {item::SegmentRange(item::kPrimaryIndex, 0, 1)};
  return {{selection.partition, item::PrefixEnd(selection.partition)}};
}

Difference KindOf(const pitr::RowChange& change) {
  if (!change.before) return Difference::kAdded;
  return change.after ? Difference::kChanged : Difference::kRemoved;
}

bool IsRefusal(ErrorKind kind) {
  return kind == ErrorKind::kValidation || kind == ErrorKind::kItemCollectionTooLarge;
}

Result<void> CheckProtected(const catalog::TableRecord& table) {
  if (table.pitr.enabled) return {};
  return Fail(ErrorKind::kPitrUnavailable, "Point in time recovery is not enabled for table '{}'",
              table.name);
}

// Near the window's begin an instant may be taken for the begin, which moves.
Result<void> CheckReaches(Timestamp wanted, Timestamp taken) {
  if (taken == wanted) return {};
  return Fail(ErrorKind::kInvalidRestoreTime, "it begins {} us later by now",
              ToMicros(taken) - ToMicros(wanted));
}

ItemRestoreQuery::Place PlaceOf(const ItemRestoreRecord& record) {
  return {record.created, record.id};
}

}  // namespace

// What a page adds to the job's record.
struct ItemRestores::Tally {
  catalog::DifferenceCounts restored, not_selected;
  uint64_t already = 0, conflicts = 0, refused = 0;
  std::vector<catalog::ItemLeft> left;

  void AddTo(const ItemRestoreOptions& options, ItemRestoreRecord* record) {
    for (const auto kind : {Difference::kRemoved, Difference::kChanged, Difference::kAdded}) {
      record->restored.Of(kind) += restored.Of(kind);
      record->not_selected.Of(kind) += not_selected.Of(kind);
    }
    record->already += already;
    record->conflicts += conflicts;
    record->refused += refused;
    size_t bytes = 0;
    for (const auto& one : record->left) bytes += one.row.size() + one.refusal.size();
    for (auto& one : left) {
      bytes += one.row.size() + one.refusal.size();
      if (record->left.size() >= options.left_max || bytes > options.left_bytes_max) return;
      record->left.push_back(std::move(one));
    }
  }
};

// A row that is to be written.
struct ItemRestores::Due {
  Bytes row;
  Difference kind = Difference::kRemoved;
  table::PutBackPlan plan;
  table::CollectionGrowth growth;
  PutBackOutcome outcome = PutBackOutcome::kConflict;
};

int ProgressPercent(const ItemRestoreRecord& record) {
  if (record.status == ItemRestoreStatus::kCompleted) return 100;
  const auto& rows = record.selection.rows;
  if (!rows.empty()) {
    const auto done =
        std::ranges::count_if(rows, [&](const Bytes& row) { return row < record.next; });
    return static_cast<int>(100 * static_cast<size_t>(done) / rows.size());
  }
  if (!record.selection.partition.empty() || record.next.size() < 4) return 0;
  // Rows are in the order of a hash of their partition key, which spreads them evenly.
  const auto hash =
      static_cast<uint8_t>(record.next[2]) << 8 | static_cast<uint8_t>(record.next[3]);
  return item::IndexOf(record.next) == item::kPrimaryIndex ? hash * 100 / 0x10000 : 99;
}

ItemRestores::ItemRestores(catalog::Catalog& catalog, catalog::Shards& shards, pitr::Past& past,
                           pitr::BackupReads& backups, table::CollectionLimit& limit,
                           asio::io_context& context, Random& random, ItemRestoreOptions options)
    : catalog_(catalog),
      shards_(shards),
      past_(past),
      backups_(backups),
      limit_(limit),
      context_(context),
      random_(random),
      options_(options),
      thread_([this] { Run(); }) {}

void ItemRestores::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ItemRestores::Resume() {
  {
    std::lock_guard lock(mutex_);
    for (const auto& job : catalog_.AllItemRestores()) {
      if (job->status != ItemRestoreStatus::kRunning) continue;
      LogInfo("taking up the restore of items {} into table {}", job->id.ToString(),
              job->table_name);
      doubtful_[job->id] = options_.page_rows;
      queued_.push_back(job->id);
    }
  }
  wake_.notify_all();
}

void ItemRestores::Queue(ItemRestoreId id) {
  {
    std::lock_guard lock(mutex_);
    queued_.push_back(id);
  }
  wake_.notify_all();
}

bool ItemRestores::Rest(std::chrono::steady_clock::duration time) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, time, [&] { return stopping_; });
}

// --- What is asked

Result<ItemRestorePtr> ItemRestores::FindRepeated(const ItemRestoreRequest& request) const {
  if (request.token.empty()) return nullptr;
  for (const auto& job : catalog_.AllItemRestores()) {
    if (job->account != request.table->account || job->region != request.table->region ||
        job->token != request.token)
      continue;
    if (job->selection == request.selection) return job;
    return Fail(ErrorKind::kIdempotentMismatch,
                "ClientToken was sent before with another request, which began the job {}: send a "
                "new one",
                job->id.ToString());
  }
  return nullptr;
}

Result<void> ItemRestores::CheckRoom(const ItemRestoreRequest& request) const {
  const catalog::TableRecord& table = *request.table;
  size_t running = 0;
  for (const auto& job : catalog_.AllItemRestores()) {
    if (job->selection.table != table.id || job->status != ItemRestoreStatus::kRunning) continue;
    ++running;
    if (!request.selection.rewind || !job->selection.rewind) continue;
    return Fail(ErrorKind::kLimitExceeded,
                "Table {} is being rewound by the job {}; try again when it has ended", table.name,
                job->id.ToString());
  }
  if (running < options_.running_max) return {};
  return Fail(ErrorKind::kLimitExceeded,
              "{} restores of items into table {} are under way, which is the most at once; try "
              "again when one has ended (ListItemRestores tells)",
              running, table.name);
}

Result<void> ItemRestores::SetInstants(const catalog::TableRecord& table, Timestamp now,
                                       ItemRestoreRecord* job) const {
  const catalog::ItemSelection& selection = job->selection;
  const Timestamp until = selection.until.value_or(now);
  if (selection.backup_arn.empty()) {
    TM_TRY(const auto between, past_.Between(table, selection.from, until));
    job->from = between.from();
    job->until = between.until();
    return {};
  }
  TM_TRY(const auto backup, backups_.Find(table.account, table.region, selection.backup_arn));
  if (backup->source.keys != table.keys) {
    return Fail(ErrorKind::kValidation,
                "The backup {} is of a table with another primary key than that of table {}: "
                "restore it to a new table, and copy from there",
                selection.backup_arn, table.name);
  }
  const Timestamp last = std::min(until, now);
  TM_TRY(const auto between, past_.Between(table, last, last));
  job->from = backup->created;
  job->until = between.until();
  return {};
}

Result<ItemRestorePtr> ItemRestores::Start(ItemRestoreRequest request) {
  std::lock_guard starting(starting_);
  const catalog::TableRecord& table = *request.table;
  TM_TRY(auto repeated, FindRepeated(request));
  if (repeated) return repeated;
  TM_TRYV(CheckProtected(table));
  TM_TRYV(CheckRoom(request));
  const shard::Shard* shard = shards_.Find(table.region);
  if (!shard) return Fail(ErrorKind::kInternal, "Region {} has no shard", table.region.value);
  const Timestamp now = shard->Now();
  ItemRestoreRecord job;
  job.id = ItemRestoreId::Make(random_);
  job.account = table.account;
  job.region = table.region;
  job.table_name = table.name;
  job.keys = table.keys;
  job.access_key = std::move(request.access_key);
  job.token = std::move(request.token);
  job.selection = std::move(request.selection);
  job.created = now;
  TM_TRYV(SetInstants(table, now, &job));
  EraseOld(job.account, job.region, now);
  TM_TRYV(catalog_.PutItemRestore(job));
  Queue(job.id);
  return std::make_shared<const ItemRestoreRecord>(std::move(job));
}

void ItemRestores::EraseOld(const AccountId& account, const Region& region, Timestamp now) {
  std::vector<ItemRestorePtr> ended;
  for (const auto& job : catalog_.AllItemRestores()) {
    if (job->account == account && job->region == region &&
        job->status != ItemRestoreStatus::kRunning)
      ended.push_back(job);
  }
  std::ranges::sort(ended, std::ranges::greater(), [](const auto& job) { return PlaceOf(*job); });
  for (size_t i = 0; i < ended.size(); ++i) {
    if (i + 1 < options_.ended_max && now - ended[i]->ended <= kEndedKept) continue;
    const auto erased = catalog_.EraseItemRestore(ended[i]->id);
    if (!erased) LogWarn("an old restore of items stays on record: {}", erased.error().message);
  }
}

ItemRestorePage ItemRestores::List(const AccountId& account, const Region& region,
                                   const ItemRestoreQuery& query) const {
  ItemRestorePage page;
  for (const auto& job : catalog_.AllItemRestores()) {
    if (job->account != account || job->region != region) continue;
    if (!query.table_name.empty() && job->table_name != query.table_name) continue;
    if (query.after && PlaceOf(*job) >= *query.after) continue;
    page.restores.push_back(job);
  }
  std::ranges::sort(page.restores, std::ranges::greater(),
                    [](const auto& job) { return PlaceOf(*job); });
  page.more = page.restores.size() > query.limit;
  if (page.more) page.restores.resize(query.limit);
  return page;
}

// --- The jobs

void ItemRestores::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto due = [&] { return stopping_ || !queued_.empty(); };
    if (!failed_.empty() && !wake_.wait_for(lock, kItemRetryPause, due)) {
      for (const auto& [id, told] : failed_) queued_.push_back(id);
    }
    wake_.wait(lock, due);
    if (stopping_) return;
    const ItemRestoreId id = queued_.front();
    queued_.pop_front();
    lock.unlock();
    auto more = Step(id);
    lock.lock();
    if (more) {
      failed_.erase(id);
      if (*more) {
        queued_.push_back(id);
      } else {
        doubtful_.erase(id);
      }
    } else if (more.error().kind != ErrorKind::kCancelled) {
      auto& told = failed_[id];
      if (told != more.error().message)
        LogError("the restore of items {} is tried again: {}", id.ToString(), more.error().message);
      told = more.error().message;
    }
  }
}

Result<bool> ItemRestores::Step(ItemRestoreId id) {
  const auto job = catalog_.FindItemRestore(id);
  if (!job || job->status != ItemRestoreStatus::kRunning) return false;
  Tally tally;
  Page page;
  const auto work = [&]() -> Result<void> {
    const auto table = catalog_.FindTable(job->selection.table);
    if (!table) return Fail(ErrorKind::kResourceNotFound, "Requested resource not found");
    TM_TRY(page, ReadPage(*job, *table));
    return DoPage(*job, table, &page, &tally);
  };
  const size_t rows_doubtful = doubtful_[id];
  const auto done = work();
  std::string failure;
  if (!done) {
    failure = Hopeless(*job, done.error());
    doubtful_[id] = options_.page_rows;
    if (failure.empty()) return Fail(done.error());
  }
  const bool is_over = !done || page.end;
  // Until it is known to be recorded.
  doubtful_[id] = options_.page_rows;
  const shard::Shard* shard = shards_.Find(job->region);
  const auto recorded = catalog_.EditItemRestore(id, [&](ItemRestoreRecord& record) {
    tally.AddTo(options_, &record);
    if (done) record.next = page.next;
    record.failure = failure;
    if (!is_over) return;
    record.status = done ? ItemRestoreStatus::kCompleted : ItemRestoreStatus::kFailed;
    record.ended = shard ? shard->Now() : record.created;
  });
  if (!recorded && recorded.error().kind == ErrorKind::kNotFound) return false;
  TM_TRYV(recorded);
  doubtful_[id] = rows_doubtful - std::min(rows_doubtful, page.changes.size());
  if (is_over) {
    LogInfo("the restore of items {} into table {} has {}", id.ToString(), job->table_name,
            done ? "ended" : "failed: " + failure);
  }
  return !is_over;
}

std::string ItemRestores::Hopeless(const ItemRestoreRecord& job, const Error& error) const {
  const auto table = catalog_.FindTable(job.selection.table);
  if (!table || table->status == catalog::TableStatus::kDeleting) return "The table was deleted";
  // WHY before the error: one who reads while history goes misses files of it.
  if (!table->pitr.enabled || error.kind == ErrorKind::kPitrUnavailable) {
    return "Point-in-time recovery of the table was switched off, and its history is gone. What "
           "was restored before stays";
  }
  const bool is_of_backup = !job.selection.backup_arn.empty();
  switch (error.kind) {
    case ErrorKind::kBackupNotFound:
    case ErrorKind::kValidation:  // it has moved to cold storage
      return is_of_backup ? error.message + ". What was restored before stays" : "";
    case ErrorKind::kInvalidRestoreTime:
      if (is_of_backup)
        return "The table's history does not reach back to Until any more: " + error.message;
      return "The table's history does not reach back to RestoreDateTime any more: " +
             error.message;
    case ErrorKind::kKeyDisabled:
    case ErrorKind::kCorruption:
      LogError("the restore of items {} ends: {}", job.id.ToString(), error.message);
      if (is_of_backup)
        return "The backup or the table's history cannot be read; the server's log tells why";
      return "The table's history cannot be read; the server's log tells why";
    default:
      return "";
  }
}

Result<ItemRestores::Sides> ItemRestores::OpenSides(const ItemRestoreRecord& job,
                                                    const catalog::TableRecord& table) const {
  Sides sides;
  TM_TRY(const auto backup, backups_.Find(job.account, job.region, job.selection.backup_arn));
  TM_TRY(sides.before, backups_.Open(*backup));
  TM_TRY(const auto between, past_.Between(table, job.until, job.until));
  TM_TRYV(CheckReaches(job.until, between.from()));
  TM_TRY(sides.after, past_.At(table, job.until));
  return sides;
}

Result<ItemRestores::Page> ItemRestores::ReadPage(const ItemRestoreRecord& job,
                                                  const catalog::TableRecord& table) const {
  TM_TRYV(CheckProtected(table));
  const bool is_of_backup = !job.selection.backup_arn.empty();
  Sides sides;
  if (is_of_backup) {
    TM_TRY(sides, OpenSides(job, table));
  }
  Page page;
  size_t bytes = 0;
  for (const auto& range : RangesOf(job.selection)) {
    if (job.next >= range.end) continue;
    if (page.changes.size() == options_.page_rows || bytes >= kRestorePageBytes) return page;
    const pitr::DiffRequest request{.from = job.from,
                                    .until = job.until,
                                    .begin = std::max(range.begin, job.next),
                                    .end = range.end,
                                    .changes_max = options_.page_rows - page.changes.size(),
                                    .bytes_max = kRestorePageBytes - bytes,
                                    .examined_max = kRestoreExaminedMax};
    TM_TRY(auto diff, is_of_backup ? pitr::DiffRows(*sides.before, *sides.after, request)
                                   : pitr::Diff(past_, table, request));
    TM_TRYV(CheckReaches(job.from, diff.from));
    for (auto& change : diff.changes) {
      bytes +=
          (change.before ? change.before->size() : 0) + (change.after ? change.after->size() : 0);
      page.changes.push_back(std::move(change));
    }
    page.next = diff.next.empty() ? range.end : std::move(diff.next);
    if (page.next != range.end) return page;
  }
  page.end = true;
  return page;
}

Result<std::vector<bool>> ItemRestores::Written(const ItemRestoreRecord& job,
                                                const catalog::TableRecord& table,
                                                const Page& page) const {
  std::vector<bool> written(page.changes.size());
  const auto doubtful = doubtful_.find(job.id);
  if (job.selection.dry_run || doubtful == doubtful_.end() || doubtful->second == 0) return written;
  const shard::Shard* shard = shards_.Find(table.region);
  if (!shard) return Fail(ErrorKind::kInternal, "Region {} has no shard", table.region.value);
  TM_TRY(const auto since, past_.Between(table, job.until, shard->Now()));
  const std::string id = job.id.ToString();
  for (size_t i = 0; i < std::min(written.size(), doubtful->second); ++i) {
    if (!job.selection.kinds.Of(KindOf(page.changes[i]))) continue;
    const auto versions = since.VersionsOf(page.changes[i].key);
    while (!written[i]) {
      TM_TRY(const archive::RowVersion* version, versions->Next());
      if (!version || version->time <= job.until) break;
      written[i] = version->request_id == id;
    }
  }
  return written;
}

Result<void> ItemRestores::DoPage(const ItemRestoreRecord& job, const catalog::TablePtr& table,
                                  Page* page, Tally* tally) {
  table::OpenTable open{.record = table, .shard = shards_.Find(table->region)};
  if (open.shard) open.handle = open.shard->Find(table->id);
  if (!open.handle) return Fail(ErrorKind::kResourceNotFound, "Requested resource not found");
  TM_TRY(const auto written, Written(job, *table, *page));
  std::deque<Due> due;  // a deque: the evaluations refer to its elements
  const auto& undo_of = job.selection.undo_of;
  const std::string undone = undo_of ? undo_of->ToString() : "";
  for (size_t i = 0; i < page->changes.size(); ++i) {
    pitr::RowChange& change = page->changes[i];
    const Difference kind = KindOf(change);
    const bool of_others = undo_of && change.request_id != undone;
    if (of_others || !job.selection.kinds.Of(kind)) {
      ++tally->not_selected.Of(kind);
    } else if (written[i]) {
      ++tally->restored.Of(kind);
    } else {
      due.push_back({.row = std::move(change.key),
                     .kind = kind,
                     .plan = {.table = table,
                              .expected = std::move(change.after),
                              .wanted = std::move(change.before)}});
    }
    if (due.size() == kWritesAtOnce) TM_TRYV(Write(job, open, &due, tally));
  }
  return Write(job, open, &due, tally);
}

Result<void> ItemRestores::Write(const ItemRestoreRecord& job, const table::OpenTable& table,
                                 std::deque<Due>* due, Tally* tally) {
  if (due->empty()) return {};
  const auto begin = std::chrono::steady_clock::now();
  std::vector<shard::WriteRequest> requests;
  for (Due& one : *due) {
    if (limit_.Concerns(table)) {
      TM_TRY(one.growth, runtime::RunBlocking(
                             context_, limit_.Follow(table, one.row, one.plan.wanted.has_value())));
    }
    auto evaluate = [&one, dry_run = job.selection.dry_run](
                        const std::optional<Bytes>& old_row) -> Result<shard::Mutation> {
      TM_TRY(auto mutation,
             one.growth.Count(*one.plan.table, Evaluate(one.plan, old_row, &one.outcome)));
      if (dry_run) return shard::Mutation();
      return mutation;
    };
    requests.push_back({.table = table.handle, .key = one.row, .evaluate = std::move(evaluate)});
  }
  TM_TRY(const auto results,
         runtime::RunBlocking(context_, table.shard->WriteAll(std::move(requests),
                                                              {.access_key = job.access_key,
                                                               .request_id = job.id.ToString()})));
  std::optional<Error> error;
  bool wrote = false;
  for (size_t i = 0; i < due->size(); ++i) {
    Due& one = (*due)[i];
    if (!results[i] && !IsRefusal(results[i].error().kind)) {
      error = results[i].error();
    } else if (!results[i]) {
      ++tally->refused;
      tally->left.push_back({std::move(one.row), one.kind, results[i].error().message});
    } else if (one.outcome == PutBackOutcome::kConflict) {
      ++tally->conflicts;
      tally->left.push_back({std::move(one.row), one.kind, ""});
    } else if (one.outcome == PutBackOutcome::kAlready) {
      ++tally->already;
    } else {
      ++tally->restored.Of(one.kind);
      if (job.selection.dry_run) continue;
      one.growth.Keep();
      wrote = true;
    }
  }
  due->clear();
  if (error) return Fail(*std::move(error));
  const auto took = std::chrono::steady_clock::now() - begin;
  const auto rest = wrote ? std::min<std::chrono::steady_clock::duration>(took, kRestMax)
                          : std::chrono::steady_clock::duration::zero();
  if (!Rest(rest)) return Fail(ErrorKind::kCancelled, "the server is stopping");
  return {};
}

}  // namespace tidemark::restore
