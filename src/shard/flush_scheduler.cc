#include "shard/flush_scheduler.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace tidemark::shard {

FlushScheduler::FlushScheduler(uint64_t dirty_bytes_max) : dirty_bytes_max_(dirty_bytes_max) {
  for (std::thread& thread : threads_) thread = std::thread([this] { Work(); });
}

void FlushScheduler::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const OpenTablePtr& table : queue_) busy_.erase(table->id());
    queue_.clear();
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void FlushScheduler::Wait() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [&] { return busy_.empty(); });
}

void FlushScheduler::Schedule(const Look& look) {
  std::vector<std::pair<log::Position, OpenTablePtr>> behind;
  std::vector<std::pair<uint64_t, OpenTablePtr>> dirty;
  uint64_t dirty_bytes = 0;
  for (const OpenTablePtr& table : look.tables) {
    const auto store = table->StoreForUpkeep();
    if (!store) continue;
    if (const auto oldest = table->OldestNeeded(); oldest && oldest->segment < look.window_begin) {
      behind.emplace_back(*oldest, table);
    }
    if (const uint64_t bytes = store->DirtyBytes()) {
      dirty.emplace_back(bytes, table);
      dirty_bytes += bytes;
    }
  }
  const auto by_first = [](const auto& a, const auto& b) { return a.first < b.first; };
  std::sort(behind.begin(), behind.end(), by_first);

  std::lock_guard lock(mutex_);
  now_ = look.now;
  ForgetDropped(look.tables);
  for (const auto& [oldest, table] : behind) Queue(table, look.now);
  if (dirty_bytes > dirty_bytes_max_) {
    std::sort(dirty.rbegin(), dirty.rend(), by_first);
    for (const auto& [bytes, table] : dirty) {
      if (dirty_bytes <= dirty_bytes_max_ / 4 * 3) break;
      Queue(table, look.now);
      dirty_bytes -= bytes;
    }
  }
  for (const OpenTablePtr& table : look.asked) Queue(table, look.now);
  wake_.notify_all();
}

void FlushScheduler::ForgetDropped(const std::vector<OpenTablePtr>& tables) {
  if (failures_.empty()) return;
  std::unordered_set<TableId> there;
  for (const OpenTablePtr& table : tables) there.insert(table->id());
  std::erase_if(failures_, [&](const auto& failure) { return !there.contains(failure.first); });
}

void FlushScheduler::Queue(const OpenTablePtr& table, Micros now) {
  const auto failure = failures_.find(table->id());
  if (failure != failures_.end() && now < failure->second.again_at) return;
  if (busy_.insert(table->id()).second) queue_.push_back(table);
}

void FlushScheduler::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    const OpenTablePtr table = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    Flush(*table);
    lock.lock();
    busy_.erase(table->id());
    if (busy_.empty()) idle_.notify_all();
  }
}

void FlushScheduler::Flush(OpenTable& table) {
  const auto store = table.StoreForUpkeep();
  if (!store || table.dropped) return;
  auto flushed = store->Flush();
  std::lock_guard lock(mutex_);
  if (flushed) {
    ++flushes_;
    if (failures_.erase(table.id())) LogInfo("table {} is flushed again", table.id().ToString());
    return;
  }
  if (table.dropped) return;
  ++failed_;
  auto [at, first] = failures_.try_emplace(table.id());
  Failure& failure = at->second;
  failure.pause = first ? kPauseMin : std::min(2 * failure.pause, kPauseMax);
  failure.again_at = now_ + failure.pause;
  if (!first) return;
  LogError(
      "table {} cannot be flushed, the commit log has to keep what its files miss; look after the "
      "disk, it is tried again by itself: {}",
      table.id().ToString(), flushed.error().message);
}

}  // namespace tidemark::shard
