#include "shard/applier.h"

#include <algorithm>
#include <thread>

#include "base/log.h"
#include "shard/not_found.h"

namespace tidemark::shard {
namespace {

constexpr std::chrono::milliseconds kRetryPause{2};
constexpr Micros kTellAfter = std::chrono::seconds(1);  // a short stall is ordinary under load
constexpr uint64_t kDrainBytes = 1 << 20;  // of one table at a time: others wait meanwhile

bool RestsOnFenced(const QueuedChange& barrier) {
  return std::ranges::any_of(barrier.tables, [](const TableUse& use) { return use->fenced(); });
}

Unexpected Unknown(const Error& cause) {
  return Fail(ErrorKind::kIo, "the table refuses changes, the outcome of this one is unknown: {}",
              cause.message);
}

}  // namespace

Applier::Applier(RowLatches& latches, Admission& admission, const Clock& clock,
                 ParkingOptions options, Timestamp last)
    : latches_(latches),
      admission_(admission),
      clock_(clock),
      options_(options),
      last_applied_us_(ToMicros(last)) {}

Applier::Batches Applier::Collect(QueuedGroup& group) {
  Batches batches;
  for (QueuedChange& queued : group.changes) {
    if (!queued.IsLogged()) continue;
    if (queued.outcome) queued.outcome = queued.change.commit_time;
    for (size_t i = 0; i < queued.tables.size(); ++i) {
      OpenTable& table = *queued.tables[i];
      TableChange& change = queued.change.tables[i];
      if (table.dropped) {
        queued.outcome = Fail(NotFound());
        continue;
      }
      if (change.rows.empty()) continue;
      Batch& batch = batches[&table];
      for (const RowImage& row : change.rows) {
        batch.writes.push_back(
            {row.key, row.value ? std::optional<BytesView>(*row.value) : std::nullopt});
      }
      batch.changes.push_back(&queued);
      batch.totals = change.totals;
      batch.store = queued.tables[i].store;
    }
  }
  return batches;
}

void Applier::ApplyBatch(log::Position position, OpenTable& table, Batch& batch) {
  if (lots_.contains(&table)) return;
  auto applied = table.fenced()
                     ? Result<void>(Fail(table.FencedError()))
                     : batch.store->Apply(batch.writes, position, EncodeTotals(batch.totals));
  if (applied) {
    table.SetTotals(batch.totals);
  } else if (applied.error().kind == ErrorKind::kBusy) {
    MakeLot(table);
  } else {
    if (!table.fenced()) Fence(table, position, applied.error());
    for (QueuedChange* queued : batch.changes) queued->outcome = Unknown(applied.error());
  }
}

void Applier::MakeLot(OpenTable& table) {
  lots_.emplace(&table, Parked{std::static_pointer_cast<OpenTable>(table.shared_from_this()),
                               ParkingLot(clock_.Monotonic()),
                               std::chrono::steady_clock::now() + kRetryPause, false});
  std::lock_guard lock(mutex_);
  ++stats_.times_parked;
}

void Applier::Apply(QueuedGroup group) {
  Batches batches = Collect(group);
  for (auto& [table, batch] : batches) ApplyBatch(group.position, *table, batch);
  std::vector<QueuedChange*> go_on;
  go_on.reserve(group.changes.size());
  Timestamp last{};
  for (QueuedChange& queued : group.changes) {
    if (queued.IsLogged()) last = queued.change.commit_time;
    if (IsParked(queued)) {
      Park(std::move(queued), group.position);
      continue;
    }
    if (!queued.IsLogged() && RestsOnFenced(queued))
      queued.outcome = Fail(ErrorKind::kIo, "the table refuses the change this answer rests on");
    go_on.push_back(&queued);
  }
  Publish(group.position);
  // Behind that: who sees the time finds its frame.
  if (last != Timestamp{}) last_applied_us_ = ToMicros(last);
  for (QueuedChange* queued : go_on) Settle(*queued, group.position);
  CheckBounds();
}

void Applier::Refuse(QueuedGroup group) {
  for (QueuedChange& queued : group.changes) {
    // Whatever it was to be: a failed condition, too, rests on what could not be logged.
    queued.outcome = Fail(group.logged.error());
    if (!IsParked(queued)) {
      Settle(queued, {});
      continue;
    }
    // Its row's pending image must stay until what that row has parked is applied.
    queued.change = {};
    Park(std::move(queued), {});
  }
}

bool Applier::IsParked(const QueuedChange& queued) const {
  if (lots_.empty()) return false;
  for (const TableUse& use : queued.tables) {
    if (lots_.contains(use.table.get())) return true;
  }
  return false;
}

void Applier::Park(QueuedChange queued, log::Position position) {
  auto change = std::make_shared<QueuedChange>(std::move(queued));
  for (size_t i = 0; i < change->tables.size(); ++i) {
    const auto at = lots_.find(change->tables[i].table.get());
    if (at == lots_.end()) continue;
    ++change->parked;
    at->second.lot.Add(position, {change, i});
  }
}

void Applier::CheckBounds() {
  if (lots_.empty()) return;
  const Micros now = clock_.Monotonic();
  for (auto at = lots_.begin(); at != lots_.end();) {
    const auto lot = at++;
    if (!lot->second.told && lot->second.lot.Waited(now) >= kTellAfter) {
      lot->second.told = true;
      LogWarn("table_parked: table {} is busy, its changes wait", lot->first->id().ToString());
    }
    if (const char* why = lot->second.lot.Overdue(options_, now)) {
      FenceParked(lot, MakeError(ErrorKind::kBusy, "{}", why));
    } else if (lot->second.lot.bytes() > options_.low_bytes) {
      admission_.Close(lot->first->id());
    }
  }
}

bool Applier::RetryParked() {
  const auto now = std::chrono::steady_clock::now();
  for (auto at = lots_.begin(); at != lots_.end();) {
    const auto lot = at++;
    if (now < lot->second.retry_at) continue;
    lot->second.retry_at = now + kRetryPause;
    auto drained = Drain(lot->second);
    if (drained) {
      if (lot->second.told)
        LogInfo("table_drained: table {} has taken what waited", lot->first->id().ToString());
      EraseLot(lot);
    } else if (drained.error().kind != ErrorKind::kBusy) {
      FenceParked(lot, drained.error());
    }
  }
  CheckBounds();
  return parked();
}

Result<void> Applier::Drain(Parked& parked) {
  OpenTable& table = *parked.table;
  const uint64_t before = parked.lot.bytes();
  while (!parked.lot.empty()) {
    if (before - parked.lot.bytes() > kDrainBytes) return Fail(ErrorKind::kBusy, "more later");
    const log::Position position = parked.lot.oldest();
    const ParkingLot::Batch batch = parked.lot.Oldest(table);
    const bool dropped = table.dropped;
    if (!batch.writes.empty()) {
      TM_TRYV(batch.store->Apply(batch.writes, position, EncodeTotals(batch.totals)));
      table.SetTotals(batch.totals);
    }
    auto entries = parked.lot.TakeOldest(clock_.Monotonic());
    Publish({});
    for (const ParkingLot::Entry& entry : entries) {
      if (dropped) entry.change->outcome = Fail(NotFound());
      SettleEntry(entry, position);
    }
  }
  return {};
}

void Applier::GiveUp() {
  const auto until = std::chrono::steady_clock::now() + options_.stop_patience;
  while (RetryParked() && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(kRetryPause);
  }
  while (parked()) {
    FenceParked(lots_.begin(), MakeError(ErrorKind::kBusy, "it is busy, and the server stops"));
  }
}

void Applier::Fence(OpenTable& table, log::Position from, const Error& cause) {
  const std::string text = fmt::format(
      "table {} takes no changes: {}. Free space on its disk, or repair what the cause names; it "
      "is tried again by itself. Reads work. Whether changes answered 500 took effect is unknown "
      "until then: they are in the commit log",
      table.id().ToString(), cause.message);
  if (!table.FenceOff({FenceReason::kStoreRefuses, text, from})) return;
  LogError("table_fenced: {}", text);
  std::lock_guard lock(mutex_);
  ++stats_.times_fenced;
}

void Applier::FenceParked(Lots::iterator at, const Error& cause) {
  const OpenTablePtr table = at->second.table;
  const log::Position from = at->second.lot.oldest();
  Fence(*table, from, cause);
  auto entries = at->second.lot.TakeAll();
  EraseLot(at);
  for (const ParkingLot::Entry& entry : entries) {
    QueuedChange& queued = *entry.change;
    const bool rows = queued.IsLogged() && !queued.change.tables[entry.table].rows.empty();
    // Barriers, too, rest on what is unknown now, but for what the log refused and is known. Acts
    // go on: the log completes what they need.
    const bool barrier = !queued.IsLogged() && !queued.hold;
    if (rows || barrier) queued.outcome = Unknown(cause);
    SettleEntry(entry, from);
  }
}

void Applier::EraseLot(Lots::iterator at) {
  const TableId table = at->first->id();
  lots_.erase(at);
  Publish({});
  admission_.Open(table);
}

void Applier::SettleEntry(const ParkingLot::Entry& entry, log::Position position) {
  if (--entry.change->parked == 0) Settle(*entry.change, position);
}

void Applier::Settle(QueuedChange& queued, log::Position position) {
  if (queued.act && queued.outcome) {
    const auto& tables = queued.change.tables;
    auto done = queued.act(
        {queued.change.commit_time, position, tables.empty() ? Totals{} : tables[0].totals});
    if (!done) queued.outcome = Fail(std::move(done).error());
  }
  queued.FreeRows(latches_);
  queued.hold.reset();
  if (queued.gather) queued.gather->Set(queued.slot, std::move(queued.outcome));
}

void Applier::Publish(log::Position newest) {
  std::optional<log::Position> oldest;
  uint64_t bytes = 0;
  for (const auto& [table, parked] : lots_) {
    bytes += parked.lot.bytes();
    if (parked.lot.empty()) continue;
    if (!oldest || parked.lot.oldest() < *oldest) oldest = parked.lot.oldest();
  }
  std::lock_guard lock(mutex_);
  if (newest != log::Position{}) newest_ = newest;
  oldest_parked_ = oldest;
  stats_.parked_tables = lots_.size();
  stats_.parked_bytes = bytes;
}

log::Position Applier::AppliedBefore() const {
  std::lock_guard lock(mutex_);
  return oldest_parked_ ? std::min(newest_, *oldest_parked_) : newest_;
}

log::Position Applier::Newest() const {
  std::lock_guard lock(mutex_);
  return newest_;
}

Applier::Stats Applier::stats() const {
  std::lock_guard lock(mutex_);
  return stats_;
}

}  // namespace tidemark::shard
