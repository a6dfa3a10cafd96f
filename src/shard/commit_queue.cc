#include "shard/commit_queue.h"

#include <future>

#include "base/assert.h"
#include "base/log.h"
#include "shard/not_found.h"

namespace tidemark::shard {
namespace {

// Long enough to be seen by who asks whether it takes writes; then somebody has to try.
constexpr std::chrono::seconds kNoRoomLasts{10};
constexpr size_t kHandoverMax = 2;  // groups: one being applied, one ready
constexpr std::chrono::milliseconds kParkedPause{2};
constexpr uint64_t kBytesBetweenLooks = 4 << 20;
// Of one change: below what a frame of the log takes, and far above what a request brings. Only
// rows of very many indexes add up to it.
constexpr size_t kChangeBytesMax = 48 << 20;

size_t Weight(const Change& change) {
  size_t bytes = 128 + change.control.size();
  for (const TableChange& table : change.tables) {
    for (const RowImage& row : table.rows) {
      bytes += row.key.size() + (row.value ? row.value->size() : 0) + 16;
    }
    if (table.stream && table.stream->old) bytes += table.stream->old->size();
  }
  return bytes;
}

}  // namespace

CommitQueue::CommitQueue(log::CommitLog& log, const Clock& clock, RowLatches& latches,
                         Admission& admission, CommitQueueOptions options)
    : log_(log),
      clock_(clock),
      latches_(latches),
      options_(options),
      commit_clock_(clock, log.last_commit()),
      applier_(latches, admission, clock, options.parking, log.last_commit()) {
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

std::optional<Error> CommitQueue::Refusal(const QueuedChange& change) const {
  if (!change.RestsOnImage()) return std::nullopt;
  if (falling_) return falling_;
  if (change.epoch != epoch_) {
    return MakeError(ErrorKind::kUnavailable,
                     "Nothing was written: what this write was computed from could not be stored. "
                     "Retry.");
  }
  for (const TableUse& use : change.tables) {
    if (use->drops > 0) return NotFound();
    if (use->fenced()) return use->FencedError();
  }
  return std::nullopt;
}

void CommitQueue::Push(QueuedChange change) {
  bool wake = false;
  std::optional<Error> refusal;
  const bool fits = change.tables.size() <= 1 || Weight(change.change) <= kChangeBytesMax;
  {
    std::lock_guard lock(mutex_);
    refusal = fits ? Refusal(change)
                   : MakeError(ErrorKind::kValidation,
                               "The items and their rows in indexes add up to more than 48 MB; "
                               "write fewer of them together");
    wake = !refusal && queued_.empty();
    if (!refusal) {
      change.PublishRows(latches_);
      queued_.push_back(std::move(change));
    }
  }
  if (wake) wake_log_.notify_one();
  if (!refusal) return;
  if (change.gather) change.gather->Set(change.slot, Fail(std::move(*refusal)));
}

void CommitQueue::OnLogThread(std::function<void()> work) {
  {
    std::lock_guard lock(mutex_);
    errands_.push_back(std::move(work));
  }
  wake_log_.notify_one();
}

void CommitQueue::Settle(Timestamp time) {
  // Commit times increase in log order.
  if (log_.last_commit() >= time) return;
  std::promise<void> settled;
  // Between groups: whatever has a commit time is durable, or failed.
  OnLogThread([&] {
    commit_clock_.PassBy(time);
    settled.set_value();
  });
  settled.get_future().wait();
}

void CommitQueue::TendClock() {
  OnLogThread([this] { commit_clock_.Look(); });
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
    QueuedGroup group = TakeGroup();
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

QueuedGroup CommitQueue::TakeGroup() {
  QueuedGroup group;
  size_t bytes = 0;
  while (!queued_.empty()) {
    const size_t weight = Weight(queued_.front().change);
    if (!group.changes.empty() && bytes + weight > options_.group_bytes) break;
    bytes += weight;
    group.changes.push_back(std::move(queued_.front()));
    queued_.pop_front();
    // A store takes all writes of a frame in one call, or its position would speak for writes still
    // to come; so an act, which needs what is before it applied, is the last of its frame.
    if (group.changes.back().act) break;
  }
  return group;
}

void CommitQueue::LogGroup(QueuedGroup* group) {
  thread_local Bytes payload;
  payload.clear();
  log::FrameHeader header;
  for (QueuedChange& queued : group->changes) {
    if (!queued.IsLogged()) continue;
    Change& change = queued.change;
    change.commit_time = commit_clock_.Next();
    if (payload.empty()) header.first_commit = change.commit_time;
    header.last_commit = change.commit_time;
    for (size_t i = 0; i < change.tables.size(); ++i) {
      // Its totals are the opener's, not ours, while it may be closed: acts need them not then.
      if (!queued.tables[i].store) continue;
      OpenTable& table = *queued.tables[i];
      if (!change.tables[i].rows.empty()) Add(table.queued, change.tables[i].delta);
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
  bytes_since_look_ += payload.size();
  if (options_.reserve && bytes_since_look_ >= kBytesBetweenLooks) {
    bytes_since_look_ = 0;
    options_.reserve->Look();
  }
  header.wall = clock_.Now();
  auto position = log_.Append(payload, header);
  if (position) {
    group->position = *position;
    if (std::exchange(log_was_full_, false)) {
      LogInfo("log_has_room: the commit log takes writes again");
      std::lock_guard lock(mutex_);
      no_room_.reset();
    }
    ++groups_;
    changes_ += group->changes.size();
  } else if (position.error().kind == ErrorKind::kNoSpace ||
             position.error().kind == ErrorKind::kValidation) {
    FallBack(group, position.error());
  } else {
    LogError("log_failed: the commit log refuses writes until a restart: {}",
             position.error().message);
    group->logged = Fail(position.error());
    std::lock_guard lock(mutex_);
    log_failure_ = std::move(position).error();
  }
}

void CommitQueue::FallBack(QueuedGroup* group, const Error& error) {
  group->logged = Fail(error);
  for (const QueuedChange& queued : group->changes) {
    for (size_t i = 0; i < queued.change.tables.size(); ++i) {
      if (queued.change.tables[i].rows.empty()) continue;
      Add(queued.tables[i]->queued, Opposite(queued.change.tables[i].delta));
    }
  }
  std::lock_guard lock(mutex_);
  // What is queued may rest on images of this group: a counter on one that was never added up.
  for (QueuedChange& queued : queued_) group->changes.push_back(std::move(queued));
  queued_.clear();
  LogError("log_no_space: {} changes are refused, the commit log has no room: {}",
           group->changes.size(), error.message);
  refused_for_space_ += group->changes.size();
  falling_ = no_room_ = error;
  no_room_at_ = clock_.Monotonic();
  log_was_full_ = true;
  // Their rows' pending images go when they are answered; then new writes see what is stored.
  const std::shared_ptr<const void> hold(this, [this](const void*) { Recover(); });
  for (QueuedChange& queued : group->changes) queued.hold = hold;
}

void CommitQueue::Recover() {
  std::lock_guard lock(mutex_);
  falling_.reset();
  ++epoch_;
}

std::optional<Error> CommitQueue::LogFailure() const {
  std::lock_guard lock(mutex_);
  return log_failure_;
}

Result<void> CommitQueue::Writable() const {
  std::lock_guard lock(mutex_);
  if (log_failure_) {
    return Fail(ErrorKind::kUnavailable,
                "no write is taken until a restart, because the commit log failed: {}",
                log_failure_->message);
  }
  if (no_room_ && clock_.Monotonic() - no_room_at_ < kNoRoomLasts) {
    return Fail(ErrorKind::kUnavailable, "the commit log had no room for the last write: {}",
                no_room_->message);
  }
  return {};
}

void CommitQueue::ApplyLoop() {
  std::unique_lock lock(mutex_);
  while (true) {
    const auto ready = [&] { return log_done_ || !handover_.empty(); };
    if (applier_.parked()) {
      wake_apply_.wait_for(lock, kParkedPause, ready);
    } else {
      wake_apply_.wait(lock, ready);
    }
    if (handover_.empty() && log_done_) break;
    std::optional<QueuedGroup> group;
    if (!handover_.empty()) {
      group = std::move(handover_.front());
      handover_.pop_front();
      wake_handover_.notify_one();
    }
    lock.unlock();
    if (applier_.parked()) applier_.RetryParked();
    if (group && group->logged) {
      applier_.Apply(std::move(*group));
    } else if (group) {
      applier_.Refuse(std::move(*group));
    }
    group.reset();
    lock.lock();
  }
  lock.unlock();
  applier_.GiveUp();
}

CommitQueue::Settled CommitQueue::SettledNow() {
  // In this order: what is stamped after `now` is later, what was stamped before is known to
  // `stamped`, and what is applied up to there has its frame in `newest`.
  const Timestamp now = commit_clock_.Fix();
  const Timestamp stamped = commit_clock_.Stamped();
  const Timestamp applied = applier_.LastApplied();
  return {.newest = applier_.Newest(), .time = applied < stamped ? applied : now};
}

CommitQueue::Stats CommitQueue::stats() const {
  return {.groups = groups_,
          .changes = changes_,
          .refused_for_space = refused_for_space_,
          .applier = applier_.stats(),
          .clock = commit_clock_.Stats()};
}

}  // namespace tidemark::shard
