#include "shard/commit_queue.h"

#include "base/assert.h"
#include "base/log.h"

namespace tidemark::shard {
namespace {

constexpr size_t kHandoverMax = 2;  // groups: one being applied, one ready

size_t Weight(const Change& change) {
  size_t bytes = 128 + change.control.size();
  for (const TableChange& table : change.tables) {
    for (const RowImage& row : table.rows) {
      bytes += row.key.size() + (row.value ? row.value->size() : 0) + 16;
    }
  }
  return bytes;
}

bool IsLogged(const QueuedChange& queued) {
  return !queued.change.tables.empty() || queued.change.kind == ChangeKind::kControl;
}

}  // namespace

void Gather::Await(runtime::Completion<void> done) {
  done_ = std::move(done);
  if (open_.fetch_sub(1) == 1) std::move(done_).Post({});
}

void Gather::Set(size_t slot, Result<Timestamp> result) {
  results[slot] = std::move(result);
  if (open_.fetch_sub(1) == 1) std::move(done_).Post({});
}

CommitQueue::CommitQueue(log::CommitLog& log, const Clock& clock, RowLatches& latches,
                         size_t group_bytes)
    : log_(log),
      clock_(clock),
      latches_(latches),
      group_bytes_(group_bytes),
      commit_clock_(clock, log.last_commit()),
      last_applied_us_(ToMicros(log.last_commit())) {
  log_thread_ = std::thread([this] { LogLoop(); });
  apply_thread_ = std::thread([this] { ApplyLoop(); });
}

void CommitQueue::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_log_.notify_all();
  if (log_thread_.joinable()) log_thread_.join();
  if (apply_thread_.joinable()) apply_thread_.join();
}

log::Position CommitQueue::AppliedPosition() const {
  std::lock_guard lock(mutex_);
  return applied_position_;
}

void CommitQueue::Push(QueuedChange change) {
  bool wake;
  {
    std::lock_guard lock(mutex_);
    wake = queued_.empty();
    queued_.push_back(std::move(change));
  }
  if (wake) wake_log_.notify_one();
}

void CommitQueue::OnLogThread(std::function<void()> work) {
  {
    std::lock_guard lock(mutex_);
    errands_.push_back(std::move(work));
  }
  wake_log_.notify_one();
}

void CommitQueue::LogLoop() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_log_.wait(lock, [&] { return stopping_ || !queued_.empty() || !errands_.empty(); });
    if (!errands_.empty()) {
      const auto errands = std::exchange(errands_, {});
      lock.unlock();
      for (const auto& errand : errands) errand();
      lock.lock();
      continue;
    }
    if (queued_.empty()) break;  // stopping, and nothing is left
    Group group = TakeGroup();
    lock.unlock();
    LogGroup(&group);
    lock.lock();
    wake_handover_.wait(lock, [&] { return handover_.size() < kHandoverMax; });
    handover_.push_back(std::move(group));
    wake_apply_.notify_one();
  }
  log_done_ = true;
  wake_apply_.notify_one();
}

CommitQueue::Group CommitQueue::TakeGroup() {
  Group group;
  size_t bytes = 0;
  while (!queued_.empty()) {
    const size_t weight = Weight(queued_.front().change);
    if (!group.changes.empty() && bytes + weight > group_bytes_) break;
    bytes += weight;
    group.changes.push_back(std::move(queued_.front()));
    queued_.pop_front();
    // A store takes all writes of a frame in one call, or its position would speak for writes still
    // to come; so an act, which needs what is before it applied, is the last of its frame.
    if (group.changes.back().act) break;
  }
  return group;
}

void CommitQueue::LogGroup(Group* group) {
  thread_local Bytes payload;
  payload.clear();
  log::FrameHeader header;
  for (QueuedChange& queued : group->changes) {
    if (!IsLogged(queued)) continue;
    Change& change = queued.change;
    change.commit_time = commit_clock_.Next();
    if (payload.empty()) header.first_commit = change.commit_time;
    header.last_commit = change.commit_time;
    for (size_t i = 0; i < change.tables.size(); ++i) {
      OpenTable& table = *queued.tables[i];
      Add(table.queued, change.tables[i].delta);
      change.tables[i].totals = table.queued;
    }
    EncodeChange(change, &payload);
  }
  // Barriers too: what they rest on may be what could not be logged.
  if (auto failed = LogFailure()) {
    group->logged = Fail(std::move(*failed));
    return;
  }
  if (payload.empty()) return;
  header.wall = clock_.Now();
  auto position = log_.Append(payload, header);
  if (position) {
    group->position = *position;
  } else {
    LogError("the commit log refuses writes until a restart: {}", position.error().message);
    group->logged = Fail(position.error());
    std::lock_guard lock(mutex_);
    log_failure_ = std::move(position).error();
  }
}

std::optional<Error> CommitQueue::LogFailure() const {
  std::lock_guard lock(mutex_);
  return log_failure_;
}

Result<void> CommitQueue::Writable() const {
  const auto failure = LogFailure();
  if (!failure) return {};
  return Fail(ErrorKind::kUnavailable,
              "no write is taken until a restart, because the commit log failed: {}",
              failure->message);
}

void CommitQueue::ApplyLoop() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_apply_.wait(lock, [&] { return log_done_ || !handover_.empty(); });
    if (handover_.empty()) return;
    Group group = std::move(handover_.front());
    handover_.pop_front();
    wake_handover_.notify_one();
    lock.unlock();
    if (group.logged) ApplyGroup(&group);
    const bool applied = group.logged && group.position != log::Position{};
    const log::Position position = group.position;
    Finish(&group);
    lock.lock();
    if (applied) applied_position_ = position;
  }
}

void CommitQueue::ApplyBatches(log::Position position, Batches* batches) {
  for (auto& [table, batch] : *batches) {
    auto applied =
        table->fenced()
            ? Result<void>(Fail(ErrorKind::kUnavailable, "the table is fenced"))
            : table->mutable_store().Apply(batch.writes, position, EncodeTotals(batch.totals));
    if (applied) {
      table->SetTotals(batch.totals);
      continue;
    }
    if (table->Fence(position)) {
      LogError(
          "table {} is fenced: its changes stay in the commit log and are applied at the next "
          "start: {}",
          table->id().ToString(), applied.error().message);
    }
    for (QueuedChange* queued : batch.changes) {
      queued->outcome =
          Fail(ErrorKind::kIo, "the table refuses changes, the outcome of this one is unknown: {}",
               applied.error().message);
    }
  }
}

void CommitQueue::ApplyGroup(Group* group) {
  Batches batches;
  Timestamp last{};
  for (QueuedChange& queued : group->changes) {
    Change& change = queued.change;
    if (!IsLogged(queued)) continue;
    last = change.commit_time;
    if (queued.outcome) queued.outcome = change.commit_time;
    for (size_t i = 0; i < change.tables.size(); ++i) {
      OpenTable& table = *queued.tables[i];
      if (table.dropped) {
        queued.outcome = Fail(ErrorKind::kResourceNotFound, "Requested resource not found");
        continue;
      }
      if (change.tables[i].rows.empty()) continue;
      Batch& batch = batches[&table];
      for (const RowImage& row : change.tables[i].rows) {
        batch.writes.push_back(
            {row.key, row.value ? std::optional<BytesView>(*row.value) : std::nullopt});
      }
      batch.changes.push_back(&queued);
      batch.totals = change.tables[i].totals;
    }
  }
  ApplyBatches(group->position, &batches);
  for (QueuedChange& queued : group->changes) {
    if (!IsLogged(queued) && !queued.tables.empty() && queued.tables[0]->fenced()) {
      queued.outcome = Fail(ErrorKind::kIo, "the table refuses the change this answer rests on");
    }
  }
  QueuedChange& newest = group->changes.back();
  if (newest.act && newest.outcome) {
    const auto& tables = newest.change.tables;
    auto done = newest.act(
        {newest.change.commit_time, group->position, tables.empty() ? Totals{} : tables[0].totals});
    if (!done) newest.outcome = Fail(std::move(done).error());
  }
  if (last != Timestamp{}) last_applied_us_ = ToMicros(last);
}

void CommitQueue::Finish(Group* group) {
  for (QueuedChange& queued : group->changes) {
    if (!queued.latch_row.empty()) latches_.Applied(queued.latch_row, queued.sequence);
    if (!group->logged && queued.outcome) queued.outcome = Fail(group->logged.error());
    if (queued.done) queued.done(queued.outcome);
    if (queued.gather) queued.gather->Set(queued.slot, std::move(queued.outcome));
  }
}

}  // namespace tidemark::shard
