#include "shard/open_table.h"

#include <utility>

#include "base/files.h"
#include "base/log.h"
#include "shard/not_found.h"

namespace tidemark::shard {
namespace {

constexpr Micros kRetryUnreadable = std::chrono::seconds(5);

}  // namespace

OpenTable::Held::~Held() {
  store.reset();
  if (remove.empty()) return;
  // Aside first: a crash must not leave half a table under its name. What stays goes at the next
  // start.
  const std::string aside = remove + ".dropped";
  if (RenameDurably(remove, aside)) (void)RemoveTree(aside);
}

OpenTable::OpenTable(TableId id, const StoreOpener& opener, runtime::BlockingPool& pool)
    : id_(id), opener_(opener), pool_(pool) {}

OpenTable::OpenTable(TableId id, const StoreOpener& opener, runtime::BlockingPool& pool,
                     std::unique_ptr<engine::TableStore> store, const Totals& totals)
    : queued(totals),
      id_(id),
      opener_(opener),
      pool_(pool),
      state_(TableState::kOpen),
      held_(Hold(std::move(store))),
      opened_before_(true),
      applied_(totals) {}

std::shared_ptr<OpenTable::Held> OpenTable::Hold(std::unique_ptr<engine::TableStore> store) const {
  // Closing and removing a dropped table blocks, and the last to let go may be an I/O thread.
  return {new Held{std::move(store), {}}, [&pool = pool_](Held* held) {
            if (held->remove.empty() || !pool.Submit([held] { delete held; })) delete held;
          }};
}

std::shared_ptr<engine::TableStore> OpenTable::Alias() const {
  return held_ ? std::shared_ptr<engine::TableStore>(held_, held_->store.get()) : nullptr;
}

StorePtr OpenTable::StoreIfOpen() const {
  touched_.store(true, std::memory_order_relaxed);
  std::lock_guard lock(mutex_);
  return Alias();
}

std::shared_ptr<engine::TableStore> OpenTable::StoreForUpkeep() const {
  std::lock_guard lock(mutex_);
  return Alias();
}

std::optional<TableUse> OpenTable::UseIfOpen() {
  touched_.store(true, std::memory_order_relaxed);
  std::lock_guard lock(mutex_);
  if (!held_) return std::nullopt;
  return TableUse{shared_from_this(), Alias()};
}

Result<StorePtr> OpenTable::OpenStore() {
  TM_TRY(auto store, Open());
  return store;
}

Result<TableUse> OpenTable::Use() {
  TM_TRY(auto store, Open());
  return TableUse{shared_from_this(), std::move(store)};
}

TableUse OpenTable::WithoutStore() { return {shared_from_this(), nullptr}; }

Result<void> OpenTable::Openable() const {
  if (state_ == TableState::kGone) return Fail(NotFound());
  if (!fence_) return {};
  const bool again =
      fence_->reason == FenceReason::kUnreadable ? opener_.Now() >= retry_at_ : owed_.has_value();
  if (!again) return Fail(FencedErrorLocked());
  return {};
}

StoreOpener::Request OpenTable::OpenRequest() const {
  return {id_, &backlog_, owed_, !opened_before_};
}

Result<std::shared_ptr<engine::TableStore>> OpenTable::Open() {
  touched_.store(true, std::memory_order_relaxed);
  std::unique_lock lock(mutex_);
  changed_.wait(lock,
                [&] { return state_ != TableState::kOpening && state_ != TableState::kClosing; });
  if (auto store = Alias()) {
    ResumeWaiting(lock, {});
    return store;
  }
  if (auto openable = Openable(); !openable) {
    ResumeWaiting(lock, openable);
    return Fail(std::move(openable).error());
  }
  state_ = TableState::kOpening;
  const auto request = OpenRequest();
  lock.unlock();
  auto outcome = opener_.Open(request);
  lock.lock();
  Backlog paid;  // freed outside the lock
  Result<void> result;
  if (auto* opened = std::get_if<StoreOpener::Opened>(&outcome)) {
    SettleOpen(std::move(*opened));
    paid = std::exchange(backlog_, {});
  } else {
    SettleFenced(std::get<Fence>(std::move(outcome)));
    result = Fail(FencedErrorLocked());
  }
  auto store = Alias();
  changed_.notify_all();
  ResumeWaiting(lock, result);
  if (!result) return Fail(std::move(result).error());
  return store;
}

void OpenTable::SettleOpen(StoreOpener::Opened opened) {
  if (fence_) LogInfo("table {} is served again", id_.ToString());
  applied_ = queued = opened.totals;
  replayed_from_.reset();
  if (opened.replayed) {
    replayed_from_ = backlog_.first();
    replayed_to_ = backlog_.last();
  }
  owed_.reset();
  fence_.reset();
  fenced_ = false;
  opened_before_ = true;
  held_ = Hold(std::move(opened.store));
  state_ = TableState::kOpen;
}

void OpenTable::SettleFenced(Fence fence) {
  // Tried again and again: the same cause is told once.
  if (!fence_ || fence_->text != fence.text) LogError("{}", fence.text);
  fence_ = std::move(fence);
  fenced_ = true;
  retry_at_ = opener_.Now() + kRetryUnreadable;
  state_ = TableState::kClosed;
}

void OpenTable::ResumeWaiting(std::unique_lock<std::mutex>& lock, const Result<void>& result) {
  auto waiting = std::exchange(waiting_, {});
  opening_soon_ = false;
  lock.unlock();
  for (auto& done : waiting) done.Post(result);
}

void OpenTable::OpenSoon(runtime::Completion<void> done) {
  std::unique_lock lock(mutex_);
  waiting_.push_back(std::move(done));
  if (held_) return ResumeWaiting(lock, {});
  if (opening_soon_) return;
  opening_soon_ = true;
  lock.unlock();
  if (pool_.Submit([self = shared_from_this()] { (void)self->Open(); })) return;
  lock.lock();
  ResumeWaiting(lock, Fail(ErrorKind::kUnavailable, "too many requests are waiting for the disk"));
}

std::optional<Totals> OpenTable::TotalsIfKnown() const {
  std::lock_guard lock(mutex_);
  if (!backlog_.empty() && !owed_) return backlog_.totals();  // newer than what is applied
  return applied_;
}

Result<Totals> OpenTable::LoadTotals() {
  if (auto known = TotalsIfKnown()) return *known;
  TM_TRYV(Open());
  std::lock_guard lock(mutex_);
  return *applied_;
}

void OpenTable::SetTotals(const Totals& totals) {
  std::lock_guard lock(mutex_);
  applied_ = totals;
}

bool OpenTable::FenceOff(Fence fence) {
  std::lock_guard lock(mutex_);
  if (fence_) return false;
  fence_ = std::move(fence);
  fenced_.store(true, std::memory_order_release);
  return true;
}

std::optional<Fence> OpenTable::fence() const {
  std::lock_guard lock(mutex_);
  return fence_;
}

Error OpenTable::FencedErrorLocked() const {
  return MakeError(ErrorKind::kIo, "{}", fence_ ? fence_->text : "the table is fenced off");
}

Error OpenTable::FencedError() const {
  std::lock_guard lock(mutex_);
  return FencedErrorLocked();
}

void OpenTable::Owe(log::Position position, TableChange change) {
  std::lock_guard lock(mutex_);
  backlog_.Add(position, std::move(change));
}

void OpenTable::PayEarly() {
  StoreOpener::Request request;
  {
    std::lock_guard lock(mutex_);
    if (fence_) return;
    request = OpenRequest();
  }
  auto outcome = opener_.Open(request);
  auto* opened = std::get_if<StoreOpener::Opened>(&outcome);
  if (!opened || !opened->store->Flush()) return;
  std::lock_guard lock(mutex_);
  applied_ = opened->totals;
  opened_before_ = true;
  owed_.reset();
  backlog_ = {};
}

uint64_t OpenTable::BacklogBytes() const {
  std::lock_guard lock(mutex_);
  return backlog_.bytes();
}

void OpenTable::SetOwed(OwedRun run) {
  std::lock_guard lock(mutex_);
  owed_ = std::move(run);
  if (!backlog_.empty() && backlog_.last() <= owed_->through) backlog_ = {};
}

std::optional<OwedRun> OpenTable::owed() const {
  std::lock_guard lock(mutex_);
  return owed_;
}

std::optional<log::Position> OpenTable::OldestNeeded() const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return state_ != TableState::kClosing; });
  std::optional<log::Position> oldest;
  const auto need = [&](log::Position position) {
    if (!oldest || position < *oldest) oldest = position;
  };
  if (!backlog_.empty())
    need(owed_ ? std::max(owed_->through, backlog_.first()) : backlog_.first());
  if (owed_) return oldest;
  if (fence_ && fence_->from) need(*fence_->from);
  const auto replayed_from = replayed_from_;
  const auto replayed_to = replayed_to_;
  const auto store = Alias();
  lock.unlock();
  if (!store) return oldest;
  if (const auto dirty = store->OldestDirty()) need(*dirty);
  if (replayed_from && store->Flushed() < replayed_to) need(*replayed_from);
  return oldest;
}

bool OpenTable::CloseIfUnused() {
  std::unique_lock lock(mutex_);
  if (!held_) return state_ == TableState::kClosed;
  // Others get it from here only, under the lock.
  if (held_.use_count() > 1) return false;
  const bool owed = fence_ && owed_;
  if (fence_ && !owed) return false;
  auto held = std::exchange(held_, nullptr);
  state_ = TableState::kClosing;
  lock.unlock();
  const bool clean = owed || !held->store->OldestDirty();
  if (owed) held->store->Abandon();
  if (clean) held.reset();
  lock.lock();
  held_ = std::move(held);
  state_ = clean ? TableState::kClosed : TableState::kOpen;
  if (clean) replayed_from_.reset();
  if (clean) close_soon_ = false;
  changed_.notify_all();
  // An OpenSoon in between has its job on the pool, which waits for us.
  return clean;
}

void OpenTable::TryAgain() {
  std::lock_guard lock(mutex_);
  retry_at_ = {};
}

Micros OpenTable::LastUsed(Micros now) {
  if (touched_.exchange(false, std::memory_order_relaxed)) last_used_ = now;
  return last_used_;
}

std::shared_ptr<const void> OpenTable::End(bool remove) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock,
                [&] { return state_ != TableState::kOpening && state_ != TableState::kClosing; });
  state_ = TableState::kGone;
  auto held = std::exchange(held_, nullptr);
  if (!held) held = Hold(nullptr);
  const Backlog gone = std::exchange(backlog_, {});
  ResumeWaiting(lock, Fail(NotFound()));
  if (remove) {
    if (held->store) held->store->Abandon();
    held->remove = opener_.PathOf(id_);
  }
  return held;
}

TableState OpenTable::state() const {
  std::lock_guard lock(mutex_);
  return state_;
}

}  // namespace tidemark::shard
